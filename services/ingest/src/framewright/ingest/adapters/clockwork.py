"""Makes the bus send the ticks of every enabled schedule, and of no other one; any number of replicas may do so at once."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, cast

import msgspec
import structlog

from framewright.chassis.bus import Bus, Occupied
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing, Recurring
from framewright.chassis.schedules import Schedules
from framewright.contracts.catalogue import SCANS
from framewright.contracts.scans import TickV1
from framewright.contracts.schedules import Recurrence, Schedule, recurrence_of
from framewright.domain.errors import Retry

WAITING = "wait.tick."

LOOK_SECONDS = 60.0
"""Between two looks at the bus when nothing changes: what somebody removed there by hand is put back."""

REFUSED = "BUS_REFUSED"

log = structlog.get_logger("schedules")


class Mirror:
    """Keeps the schedules of the bus equal to the configured ones; what is equal is left alone, for it counts."""

    def __init__(self, bus: Bus, schedules: Schedules, zone: str) -> None:
        self._bus = bus
        self._outgoing = Outgoing(bus)
        self._schedules = schedules
        self._zone = zone
        self._changed = asyncio.Event()
        schedules.on_change(self._changed.set)

    async def run(self, stopping: asyncio.Event) -> None:
        """Reconcile at start, after every change and every now and then, until told to stop."""
        if not await _done_before(self._schedules.loaded(), stopping):
            return
        while not stopping.is_set():
            self._changed.clear()
            try:
                await self.reconcile()
            except Retry as error:
                log.warning("schedules could not be brought to the bus; tried again", reason=error.reason)
                await _done_before(asyncio.sleep(1.0), stopping)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await _done_before(self._changed.wait(), stopping)

    async def reconcile(self) -> None:
        """Bring what differs.

        Raises:
            Retry: the bus is out of reach.
        """
        wanted = {one.id: one for one in self._schedules.all if one.enabled}
        stored = await self._bus.subjects(SCANS.name, f"{WAITING}*")
        for schedule_id in {subject.removeprefix(WAITING) for subject in stored} - wanted.keys():
            # A tick that came already is left: it means nothing now, unless an operator sent it.
            await self._bus.purge(SCANS.name, WAITING + schedule_id)
        for schedule in wanted.values():
            await self._arm_alone(schedule)

    async def clear(self, schedule_id: str) -> None:
        """Remove the ticks of a schedule that wait to be handled; raises as `reconcile` does."""
        await self._bus.purge(SCANS.name, TickV1(schedule_id=schedule_id).subject())

    async def _arm_alone(self, schedule: Schedule) -> None:
        """One schedule that the bus does not take, as where the broker lacks its time zone, keeps no other one waiting."""
        try:
            await self._arm(schedule)
        except Retry as error:
            if error.code != REFUSED:
                raise
            log.warning("the bus does not take a schedule", schedule=schedule.name, reason=error.reason)

    async def _arm(self, schedule: Schedule) -> None:
        wanted = recurrence_of(schedule, self._zone)
        if await self._present(schedule.id) == wanted:
            return
        tick = TickV1(schedule_id=schedule.id)
        await self._outgoing.send(Recurring(tick, wanted.expression, wanted.time_zone))
        log.info("a schedule was set", schedule=schedule.name, recurrence=wanted.expression, zone=wanted.time_zone)
        with contextlib.suppress(Occupied):  # then the next look says so once more, or a run just began
            state, revision = await self._schedules.state(schedule.id)
            await self._schedules.note(schedule.id, msgspec.structs.replace(state, armed_at=now()), revision)

    async def _present(self, schedule_id: str) -> Recurrence | None:
        """What the bus holds for the schedule."""
        found = await self._bus.get_last(SCANS.name, WAITING + schedule_id)
        stored = await self._bus.get_sequence(SCANS.name, found[0]) if found else None
        if stored is None:
            return None
        headers = cast("dict[str, str]", stored.headers or {})  # pyright: ignore[reportUnknownMemberType]
        return Recurrence(headers.get("Nats-Schedule", ""), headers.get("Nats-Schedule-Time-Zone", ""))


async def _done_before(work: Coroutine[Any, Any, object], stopping: asyncio.Event) -> bool:
    """Wait for the work or for the time to stop; whether the work came to its end."""
    doing = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((doing, stop), return_when=asyncio.FIRST_COMPLETED)
        return doing.done()
    finally:
        doing.cancel()
        stop.cancel()
