"""The extractors that are alive, from the `presence` bucket, and the call to look for their devices anew."""

import asyncio
import contextlib
import time
from collections.abc import Callable

import msgspec
import structlog

from framewright.chassis.bus import Bucket, Bus, Entry
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.stopping import until
from framewright.contracts.catalogue import PRESENCE
from framewright.contracts.devices import PRESENCE_PREFIX, RescanDevicesV1, WorkerPresence
from framewright.ui.domain.devices import Roster, unscanned

PATIENCE = 10.0
"""Longest wait in seconds for extractors that look for their devices."""

SWEEP = 2.0
"""Seconds between two looks for extractors that went away without a word."""

log = structlog.get_logger("presence")


class Presence:
    """Fulfils `Extractors`; `onlooker` is called whenever the picture changed."""

    def __init__(self, bus: Bus, onlooker: Callable[[], None], *, patience: float = PATIENCE) -> None:
        self._bus = bus
        self._onlooker = onlooker
        self._patience = patience
        self._roster = Roster()
        self._told: tuple[WorkerPresence, ...] = ()
        self._moved = asyncio.Event()

    def present(self) -> tuple[WorkerPresence, ...]:
        """See `Extractors.present`."""
        return self._roster.present(time.monotonic())

    async def rescan(self) -> tuple[str, ...]:
        """See `Extractors.rescan`."""
        before = self.present()
        await Outgoing(self._bus).show(RescanDevicesV1(at=now()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                while unscanned(before, self.present()):
                    await self._moved.wait()
        return unscanned(before, self.present())

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep the picture current until told to stop."""
        await until(stopping, self._watch(), self._sweep())

    async def _watch(self) -> None:
        async for entry in Bucket(self._bus, PRESENCE.name).watch(f"{PRESENCE_PREFIX}>"):
            if entry is not None:
                self._hear(entry)
                self._look()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            self._look()

    def _hear(self, entry: Entry) -> None:
        if entry.value is None:
            self._roster.drop(entry.key)
            return
        try:
            presence = msgspec.json.decode(entry.value, type=WorkerPresence)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            log.warning("an unreadable presence is skipped", key=entry.key, reason=str(error))
            return
        self._roster.note(entry.key, presence, time.monotonic())

    def _look(self) -> None:
        seen = self.present()
        if seen == self._told:
            return
        self._told = seen
        self._onlooker()
        self._moved.set()
        self._moved = asyncio.Event()
