"""Which extractors are alive and what they decode on: as they say themselves, and put together for people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from framewright.contracts.devices import DeviceState, DeviceStatus, WorkerPresence
from framewright.contracts.settings import GpuConfig, Settings

SILENCE = 60.0
"""Seconds without a word after which an extractor counts as gone: a key that expires tells nobody."""

CPU = "cpu"
"""Name and type of the device that every extractor has."""

Present = Sequence[WorkerPresence]
"""The extractors that are alive."""


class Roster:
    """The last word of every extractor; times are seconds of any one steady clock."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[WorkerPresence, float]] = {}

    def note(self, key: str, presence: WorkerPresence, at: float) -> None:
        """Remember what an extractor said of itself."""
        self._last[key] = (presence, at)

    def drop(self, key: str) -> None:
        """Forget an extractor that took its leave."""
        self._last.pop(key, None)

    def present(self, at: float) -> tuple[WorkerPresence, ...]:
        """Everyone who was heard of lately, by host and name."""
        self._last = {key: (one, heard) for key, (one, heard) in self._last.items() if at - heard < SILENCE}
        return tuple(sorted((one for one, _ in self._last.values()), key=lambda one: (one.host, one.worker)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """One device of one extractor as it stands; `busy` of `workers` slots are at work."""

    device: str
    name: str
    type: str
    enabled: bool
    workers: int
    ffmpeg_threads: int
    status: DeviceState
    error: str
    acceleration: str
    busy: int
    worker: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractorView:
    """One extractor that is alive; `warnings` are what an operator should look at."""

    worker: str
    host: str
    started_at: datetime
    scanned_at: datetime
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescanned:
    """Every GPU after a look for devices; `note` says what was left open, and is empty when nothing was."""

    gpus: tuple[DeviceView, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePanel:
    """One device as an operator sets it, with every extractor that has one of this name.

    `enabled`, `workers` and `ffmpeg_threads` are wanted, those of the holders in force. `configured` is an entry in the
    settings; without holders it is about a device that nobody has now.
    """

    device: str
    name: str
    type: str
    enabled: bool
    workers: int
    ffmpeg_threads: int
    configured: bool
    holders: tuple[DeviceView, ...]


def device_views(present: Present) -> list[DeviceView]:
    """Every device of every extractor."""
    return [_view(one, device) for one in present for device in one.devices]


def gpus(present: Present) -> list[DeviceView]:
    """Every device that is no CPU."""
    return [view for view in device_views(present) if view.type != CPU]


def cpus(present: Present) -> list[DeviceView]:
    """The CPU of every extractor."""
    return [view for view in device_views(present) if view.type == CPU]


def extractor_views(present: Present) -> list[ExtractorView]:
    """Every extractor without its devices."""
    return [
        ExtractorView(
            worker=one.worker,
            host=one.host,
            started_at=one.started_at,
            scanned_at=one.scanned_at,
            warnings=one.warnings,
        )
        for one in present
    ]


def gpu_panels(present: Present, settings: Settings) -> list[DevicePanel]:
    """Every GPU that somebody has or that stands in the settings, by device name."""
    seen = gpus(present)
    entries = {entry.device: entry for entry in settings.gpu_config}
    names = sorted({*entries, *(view.device for view in seen)})
    return [_gpu_panel(name, [view for view in seen if view.device == name], entries.get(name)) for name in names]


def cpu_panel(present: Present, settings: Settings) -> DevicePanel:
    """The CPU; its slots are the setting `cpu_threads`."""
    return DevicePanel(
        device=CPU,
        name="CPU",
        type=CPU,
        enabled=True,
        workers=settings.cpu_threads,
        ffmpeg_threads=0,
        configured=True,
        holders=tuple(cpus(present)),
    )


def unscanned(before: Present, after: Present) -> tuple[str, ...]:
    """The extractors of `before` that are still there and did not look for their devices since.

    Each is compared with its own earlier word, so that the clocks of machines need not agree.
    """
    looked = {one.worker: one.scanned_at for one in before}
    return tuple(one.worker for one in after if one.worker in looked and one.scanned_at <= looked[one.worker])


def rescanned(present: Present, silent: Sequence[str]) -> Rescanned:
    """What is known after a rescan that these extractors did not answer."""
    note = f"no answer in time from {', '.join(silent)}" if silent else ""
    return Rescanned(gpus=tuple(gpus(present)), note=note if present else "no extractor is running")


def _view(presence: WorkerPresence, device: DeviceStatus) -> DeviceView:
    return DeviceView(
        device=device.device,
        name=device.name,
        type=device.type,
        enabled=device.enabled,
        workers=device.workers,
        ffmpeg_threads=device.ffmpeg_threads,
        status=device.status,
        error=device.error,
        acceleration=device.acceleration,
        busy=device.busy,
        worker=presence.worker,
        host=presence.host,
    )


def _gpu_panel(device: str, holders: Sequence[DeviceView], entry: GpuConfig | None) -> DevicePanel:
    wanted = entry or holders[0]
    return DevicePanel(
        device=device,
        name=_first((*(view.name for view in holders), wanted.name)) or device,
        type=_first((*(view.type for view in holders), wanted.type)),
        enabled=wanted.enabled,
        workers=wanted.workers,
        ffmpeg_threads=wanted.ffmpeg_threads,
        configured=entry is not None,
        holders=tuple(holders),
    )


def _first(words: Iterable[str]) -> str:
    return next(filter(None, words), "")
