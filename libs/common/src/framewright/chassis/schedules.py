"""The schedules of the bucket `config`: a live view for every service, and the one way to change them."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from framewright.chassis.bus import Bucket, Entry, Occupied
from framewright.chassis.stopping import until
from framewright.contracts.schedules import (
    SCHEDULE_PREFIX,
    Schedule,
    ScheduleState,
    decode_schedule,
    is_zone,
    state_key,
)
from framewright.domain.errors import Reject

ZONE_FILE = Path("/etc/localtime")

log = structlog.get_logger("schedules")


class Schedules:
    """Every schedule, held in memory; writers use compare-and-set, so two operators cannot overwrite each other unseen."""

    def __init__(self, config: Bucket, states: Bucket) -> None:
        self._config = config
        self._states = states
        self._known: dict[str, Schedule] = {}
        self._loaded = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    @property
    def all(self) -> tuple[Schedule, ...]:
        """Every schedule, by id."""
        return tuple(self._known[key] for key in sorted(self._known))

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    async def loaded(self) -> None:
        """Wait until every stored schedule is known."""
        await self._loaded.wait()

    async def find(self, schedule_id: str) -> Schedule | None:
        """One schedule as it is stored right now; None when there is none."""
        entry = await self._config.get(SCHEDULE_PREFIX + schedule_id)
        return decode_schedule(entry.value) if entry and entry.value else None

    async def stored(self) -> list[Schedule]:
        """Every schedule as it is stored right now; one that cannot be read is left out.

        Raises:
            Retry: the bus is out of reach.
        """
        found: list[Schedule] = []
        for key, value in (await self._config.get_many([f"{SCHEDULE_PREFIX}>"])).items():
            try:
                found.append(decode_schedule(value))
            except Reject as error:
                log.warning("a stored schedule is unusable", key=key, reason=error.reason)
        return found

    async def state(self, schedule_id: str) -> tuple[ScheduleState, int]:
        """How the schedule stands, and the revision that a change of it must name.

        Raises:
            Retry: the bus is out of reach.
        """
        entry = await self._states.get(state_key(schedule_id))
        if entry is None or not entry.value:
            return ScheduleState(), 0
        return msgspec.json.decode(entry.value, type=ScheduleState), entry.revision

    async def note(self, schedule_id: str, state: ScheduleState, revision: int) -> None:
        """Remember how the schedule stands.

        Raises:
            Occupied: somebody else did meanwhile.
            Retry: the bus is out of reach.
        """
        await self._states.update(state_key(schedule_id), msgspec.json.encode(state), revision)

    async def add(self, schedule: Schedule) -> None:
        """Store a new schedule.

        Raises:
            Reject: code CONFLICT, one with this id exists.
        """
        try:
            await self._config.update(SCHEDULE_PREFIX + schedule.id, msgspec.json.encode(schedule), 0)
        except Occupied as error:
            raise Reject(f"a schedule with id {schedule.id!r} exists", code="CONFLICT") from error
        self._keep(schedule)

    async def change(self, schedule_id: str, change: Callable[[Schedule], Schedule]) -> Schedule:
        """Apply a pure change to a stored schedule.

        Raises:
            Reject: code NOT_FOUND, or what `change` raises.
        """
        key = SCHEDULE_PREFIX + schedule_id
        while True:
            entry = await self._config.get(key)
            if entry is None or not entry.value:
                raise _unknown(schedule_id)
            changed = change(decode_schedule(entry.value))
            with contextlib.suppress(Occupied):
                await self._config.update(key, msgspec.json.encode(changed), entry.revision)
                self._keep(changed)
                return changed

    async def delete(self, schedule_id: str) -> None:
        """Forget a schedule and how it stood; a run that is under way goes on.

        Raises:
            Reject: code NOT_FOUND.
        """
        if await self._config.get(SCHEDULE_PREFIX + schedule_id) is None:
            raise _unknown(schedule_id)
        await self._config.delete(SCHEDULE_PREFIX + schedule_id)
        await self._states.delete(state_key(schedule_id), seconds=60)
        self._forget(schedule_id)

    async def watch(self, stopping: asyncio.Event) -> None:
        """Keep the view current until told to stop."""
        await until(stopping, self._watch())

    async def _watch(self) -> None:
        async for entry in self._config.watch(f"{SCHEDULE_PREFIX}>"):
            if entry is None:
                self._loaded.set()
                self._tell()
                continue
            try:
                self._apply(entry)
            except Reject as error:
                log.warning("a stored schedule is unusable", key=entry.key, reason=error.reason)

    def _apply(self, entry: Entry) -> None:
        if entry.value:
            self._keep(decode_schedule(entry.value))
        else:
            self._forget(entry.key.removeprefix(SCHEDULE_PREFIX))

    def _keep(self, schedule: Schedule) -> None:
        self._known[schedule.id] = schedule
        self._tell()

    def _forget(self, schedule_id: str) -> None:
        self._known.pop(schedule_id, None)
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def local_zone() -> str:
    """The IANA name of the process's own time zone: TZ, else where /etc/localtime leads to, else UTC."""
    named = os.environ.get("TZ", "").lstrip(":")
    _, _, linked = str(ZONE_FILE.resolve()).partition("zoneinfo/")
    return next((name for name in (named, linked) if name and is_zone(name)), "UTC")


def _unknown(schedule_id: str) -> Reject:
    return Reject(f"no schedule {schedule_id!r}", code="NOT_FOUND")
