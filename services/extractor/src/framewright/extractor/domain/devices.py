"""From the devices that were found and what the operator wants to the slots that run; what a device could not decode."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from framewright.contracts.base import Lane
from framewright.contracts.devices import DeviceState, DeviceStatus
from framewright.contracts.settings import GpuConfig, Settings
from framewright.extractor.domain.acceleration import Acceleration
from framewright.extractor.domain.request import CPU

REMEMBERED_SECONDS = 86_400.0
"""So long a device is not asked again for what it could not decode twice: drivers are mended, too."""

PAUSE_SECONDS = 600.0
"""So long it is not asked again after the first time."""

NO_SLOTS = "no device has a slot: files wait until cpu_threads is above 0 or a GPU works and is enabled"

NOBODY_BUSY: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Device:
    """Something that decodes: name for people, maker and acceleration as in `DeviceStatus`.

    `error` says in one line why the decode test failed; it is empty for a device that works.
    """

    device: str
    name: str
    type: str
    acceleration: Acceleration = Acceleration.NONE
    error: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator wants: the settings, and the CPU slots that the environment prescribes (0: the settings say)."""

    settings: Settings
    cpu_slots: int = 0


@dataclass(frozen=True, slots=True)
class SlotGroup:
    """The slots of one device: how many, with how many CPU threads a file (0: no cap), and where they take work."""

    device: str
    slots: int
    threads: int
    consumers: tuple[str, ...]


def slot_groups(devices: Iterable[Device], wish: Wish) -> tuple[SlotGroup, ...]:
    """The slots to run, for every device that has any."""
    states = device_statuses(devices, wish)
    return tuple(
        SlotGroup(state.device, state.workers, state.ffmpeg_threads, consumers_of(state.device))
        for state in states
        if state.workers and state.enabled and state.status is DeviceState.WORKING
    )


def consumers_of(device: str) -> tuple[str, ...]:
    """Durables that a slot of this device takes work from, most urgent first; its own class before what anyone may do."""
    # An idle slot waits at the first one and glances at the others: that is where most of its work must come from.
    classes = ("any", "cpu") if device == CPU else ("gpu", "any")
    return tuple(f"extract-{lane}-{kind}" for lane in Lane for kind in classes)


def device_statuses(
    devices: Iterable[Device], wish: Wish, busy: Mapping[str, int] = NOBODY_BUSY
) -> tuple[DeviceStatus, ...]:
    """Every device as operators see it; `workers` are the slots it is meant to have, whether it works or not."""
    return tuple(_status(one, _gpu(one.device, wish), busy.get(one.device, 0)) for one in devices)


def device_threads(device: str, wish: Wish) -> int:
    """CPU threads that one file may use beside this device, 0 for no cap."""
    return _gpu(device, wish).ffmpeg_threads


def warnings(devices: Iterable[Device], wish: Wish) -> tuple[str, ...]:
    """What an operator must know, in words."""
    return () if slot_groups(devices, wish) else (NO_SLOTS,)


def _gpu(device: str, wish: Wish) -> GpuConfig:
    """What is wanted of a device; the CPU is configured elsewhere."""
    if device != CPU:
        entries = (gpu for gpu in wish.settings.gpu_config if gpu.device == device)
        return next(entries, GpuConfig(device))
    slots = wish.cpu_slots or wish.settings.cpu_threads
    return GpuConfig(CPU, enabled=slots > 0, workers=slots, ffmpeg_threads=0)


def _status(device: Device, gpu: GpuConfig, busy: int) -> DeviceStatus:
    return DeviceStatus(
        device=device.device,
        name=device.name,
        type=device.type,
        acceleration=device.acceleration,
        status=DeviceState.FAILED if device.error else DeviceState.WORKING,
        error=device.error,
        enabled=gpu.enabled,
        workers=gpu.workers,
        ffmpeg_threads=gpu.ffmpeg_threads,
        busy=busy,
    )


class Refusals:
    """What each device could not decode, as `codec/profile`, with the moment it was found out; seconds of any clock.

    One failure may have been an accident: it counts for `PAUSE_SECONDS`. A second one within a day counts for a day.
    """

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        self._last: dict[tuple[str, str], float] = {}

    def note(self, device: str, key: str, now: float) -> None:
        """Remember that the device refused this."""
        again = now - self._last.get((device, key), -REMEMBERED_SECONDS) < REMEMBERED_SECONDS
        self._last[device, key] = now
        self._until[device, key] = now + (REMEMBERED_SECONDS if again else PAUSE_SECONDS)

    def of(self, device: str, now: float) -> tuple[str, ...]:
        """What the device is not to be asked for at present, sorted."""
        return tuple(sorted(key for (name, key), until in self._until.items() if name == device and now < until))

    def forget(self) -> None:
        """Every device may be asked for everything again."""
        self._until.clear()
        self._last.clear()
