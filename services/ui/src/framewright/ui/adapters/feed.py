"""From the EVENTS stream into the projection: batches of facts, each applied once, and word of what changed."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta

import structlog

from framewright.chassis.bus import Bus, Delivered, follow
from framewright.chassis.clock import now
from framewright.chassis.stopping import until
from framewright.contracts.base import Message, decode
from framewright.contracts.catalogue import EVENTS
from framewright.contracts.facts import fact_type
from framewright.domain.errors import Reject, Retry
from framewright.ui.adapters.projection import Projection
from framewright.ui.adapters.storing import Changed

BATCH = 500
LINGER = 0.05
"""Seconds that a batch stays open for what comes right behind its first fact; well inside the promised 0.2."""

WATCH = 30.0
"""Seconds between two looks whether the stream is still the same one."""

PURGE = 3600.0

log = structlog.get_logger("feed")

Onlooker = Callable[[Changed], None]


class Feed:
    """Keeps the projection up with the stream."""

    def __init__(self, bus: Bus, projection: Projection, onlooker: Onlooker) -> None:
        self._bus = bus
        self._projection = projection
        self._onlooker = onlooker

    async def run(self, stopping: asyncio.Event) -> None:
        """Follow until told to stop; what was read and not applied is read again next time."""
        while not stopping.is_set():
            try:
                identity, last = await self._bus.stream_state(EVENTS.name)
                after = await self._projection.position(identity, last)
                await self._follow(identity, after, stopping)
            except Retry as error:
                log.warning("the projection waits", reason=error.reason)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), error.after or 1.0)

    async def purge(self, stopping: asyncio.Event, keep_days: Callable[[], int]) -> None:
        """Forget, once an hour, what is older than the operator wants to keep."""
        while not stopping.is_set():
            with contextlib.suppress(Retry):
                removed = await self._projection.purge(now() - timedelta(days=keep_days()))
                if removed:
                    log.info("old jobs forgotten", jobs=removed)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), PURGE)

    async def _follow(self, identity: str, after: int, stopping: asyncio.Event) -> None:
        """Until told to stop, until the stream turns out to be another one, or until an error."""
        arrived: asyncio.Queue[Delivered] = asyncio.Queue(BATCH)
        await until(stopping, self._read(after, arrived), self._watch(identity), self._apply(arrived))

    async def _read(self, after: int, arrived: asyncio.Queue[Delivered]) -> None:
        async for delivered in follow(self._bus, EVENTS.name, "events.v1.>", after=after):
            if delivered is not None:
                await arrived.put(delivered)

    async def _watch(self, identity: str) -> None:
        """A broker that lost its disk starts counting anew, and a follower would wait for ever."""
        while True:
            await asyncio.sleep(WATCH)
            with contextlib.suppress(Retry):
                found, _ = await self._bus.stream_state(EVENTS.name)
                if found != identity:
                    log.warning("the stream of facts is another one now")
                    return

    async def _apply(self, arrived: asyncio.Queue[Delivered]) -> None:
        while True:
            batch = [await arrived.get()]
            await asyncio.sleep(LINGER)
            while not arrived.empty() and len(batch) < BATCH:
                batch.append(arrived.get_nowait())
            changed = await self._projection.apply([(one.sequence, read_fact(one.subject, one.data)) for one in batch])
            self._onlooker(changed)


def read_fact(subject: str, data: bytes) -> Message | None:
    """The fact, or None for one of a newer version and for one that cannot be read (which is logged)."""
    kind = fact_type(subject)
    if kind is None:
        return None
    try:
        return decode(kind, data)
    except Reject as error:
        log.warning("an unreadable fact is skipped", subject=subject, reason=error.reason)
        return None
