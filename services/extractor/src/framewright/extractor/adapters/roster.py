"""The devices of this machine as they were found last, and when to look again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from framewright.chassis.bus import Bus
from framewright.chassis.clock import now
from framewright.contracts.devices import RescanDevicesV1
from framewright.extractor.adapters.waiting import first_of
from framewright.extractor.domain.devices import Device

SECOND_LOOK_SECONDS = 600.0
"""So often a machine with a device that failed is looked at again: drivers come up late, and boxes are busy at start."""

Discover = Callable[[Callable[[Device], None]], Awaitable[tuple[Device, ...]]]

log = structlog.get_logger("devices")


class DeviceRoster:
    """Looks for devices at the start, when told to, and now and then while one fails."""

    def __init__(self, discover: Discover, *, second_look: float = SECOND_LOOK_SECONDS) -> None:
        self._discover = discover
        self._second_look = second_look
        self._listeners: list[Callable[[], None]] = []
        self._wanted = asyncio.Event()
        self._rescans: list[Callable[[], None]] = []
        self.devices: tuple[Device, ...] = ()
        self.scanned_at = now()
        self.complete = False
        """Whether every device was tried at least once."""

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever the devices changed or were all looked at."""
        self._listeners.append(listener)

    def on_rescan(self, listener: Callable[[], None]) -> None:
        """Call `listener` when somebody asks to look anew."""
        self._rescans.append(listener)

    def rescan(self) -> None:
        """Look anew, after the look that may be under way."""
        for listener in self._rescans:
            listener()
        self._wanted.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Look for devices until told to stop."""
        while not stopping.is_set():
            self._wanted.clear()
            await first_of(stopping.wait(), self._look())
            failing = any(device.error for device in self.devices)
            await first_of(stopping.wait(), self._wanted.wait(), wait=self._second_look if failing else None)

    async def listen(self, bus: Bus, stopping: asyncio.Event) -> None:
        """Look anew whenever an operator asks for it, until told to stop."""

        async def hear() -> None:
            async for _ in messages:
                self.rescan()

        async with bus.listening(RescanDevicesV1.HEAD) as messages:
            await first_of(stopping.wait(), hear())

    async def _look(self) -> None:
        before = {device.device: device for device in self.devices}
        self.devices = await self._discover(self._note)
        self.scanned_at, self.complete = now(), True
        for device in self.devices:
            if device != before.get(device.device):
                tell = log.warning if device.error else log.info
                tell("device", **_words(device))
        self._tell()

    def _note(self, found: Device) -> None:
        """A device is of use as soon as it is known: one that hangs in its test must not hold up the others."""
        known = {device.device: device for device in self.devices}
        self.devices = tuple({**known, found.device: found}.values())
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _words(device: Device) -> dict[str, str]:
    words = {"device": device.device, "name": device.name, "acceleration": device.acceleration, "error": device.error}
    return {word: value for word, value in words.items() if value}
