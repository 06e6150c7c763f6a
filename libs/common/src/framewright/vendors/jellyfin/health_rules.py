"""What a Jellyfin should be set to, which depends on its version, on where tiles lie and on the plugin; pure.

Sources: Jellyfin's OpenAPI document 12.0 for the names, `wishes` for what becomes of tiles.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from framewright.domain.health import NO_PHRASES, Area, Check, Rule, Severity, Value
from framewright.vendors.jellyfin.client import TrickplayOptions
from framewright.vendors.jellyfin.manifest import COUNTED_RIGHT
from framewright.vendors.mediabrowser.health import TRICKPLAY_TASK, Folder, Task

EXTRACTS = "EnableTrickplayImageExtraction"
WITH_MEDIA = "SaveTrickplayWithMedia"
DURING_SCAN = "ExtractTrickplayImagesDuringLibraryScan"
MONITORED = "EnableRealtimeMonitor"
PLUGIN = "MediaPreviewBridge"
LIBRARY_FLAGS = (EXTRACTS, WITH_MEDIA, DURING_SCAN, MONITORED)
TRICKPLAY_FLAGS = ("TileWidth", "TileHeight", "Interval", "WidthResolutions")

OLDEST = (10, 10)

TILES = 10
"""Columns and rows of a sheet."""

REMAKE = "remake all tiles"
"""The words to type before a setting that every film's tiles depend on: no refresh changes the rows of those that are there."""

_NUMBERS = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Findings:
    """What a server said of itself, and what its entry here asks for; an interval of None leaves it to the server."""

    version: str
    folders: Sequence[Folder]
    options: TrickplayOptions
    task: Task | None
    bridged: bool
    with_media: bool
    width: int
    interval_s: int | None

    @property
    def numbers(self) -> tuple[int, int]:
        """The first two numbers of the version; zeros where they cannot be read."""
        found = _NUMBERS.match(self.version)
        return (int(found[1]), int(found[2])) if found else (0, 0)


def rows(found: Findings) -> Iterator[Check]:
    """Every row that the server itself decides."""
    yield _version(found)
    yield _plugin(found)
    yield from _trickplay(found)
    if found.task is not None:
        yield _task(found)
    for folder in found.folders:
        yield from _library(found, folder)
    yield _extraction(found)


def _version(found: Findings) -> Check:
    rule = Rule(
        flag="version",
        label="Version",
        severity=Severity.CRITICAL,
        area=Area.CONNECTION,
        recommended="10.10 or later",
        rationale="Trickplay that lies beside the videos came with 10.10.",
    )
    return rule.found(found.version, ok=found.numbers >= OLDEST, fixable=False)


def _plugin(found: Findings) -> Check:
    needed = not found.with_media or any(one.option(DURING_SCAN) is False for one in found.folders)
    rule = Rule(
        flag=PLUGIN,
        label="Plugin Media Preview Bridge",
        severity=Severity.CRITICAL if needed else Severity.RECOMMENDED,
        area=Area.SERVER,
        recommended=True,
        rationale="It has Jellyfin show tiles at once; otherwise they wait for a scan that extracts, or for the daily task.",
        phrases=MappingProxyType({True: "install plugin", False: "uninstall plugin"}),
    )
    return rule.found(found.bridged)


def _trickplay(found: Findings) -> Iterator[Check]:
    options = found.options
    widths = options.widths if found.width in options.widths else (found.width, *options.widths)
    interval_ms = options.interval_ms if found.interval_s is None else 1000 * found.interval_s
    values: dict[str, tuple[Value, Value]] = {
        "TileWidth": (options.tile_width, TILES),
        "TileHeight": (options.tile_height, TILES),
        "Interval": (options.interval_ms, interval_ms),
        "WidthResolutions": (options.widths, widths),
    }
    for flag, (current, wanted) in values.items():
        rule = Rule(
            flag=flag,
            label=f"Trickplay: {flag}",
            severity=Severity.CRITICAL,
            area=Area.SERVER,
            recommended=wanted,
            rationale="Tiles are made as Jellyfin is set, at each of its widths, and not as its entry here says. What is changed there"
            " counts for new films: no refresh takes up other tiles where some are.",
            phrases=NO_PHRASES if _keeps(current, wanted) else MappingProxyType({wanted: REMAKE}),
        )
        yield rule.found(current)


def _keeps(current: Value, wanted: Value) -> bool:
    """Whether tiles that are there stay right: a width may be added."""
    if isinstance(current, tuple) and isinstance(wanted, tuple):
        return set(current) <= set(wanted)
    return current == wanted


def _task(found: Findings) -> Check:
    rule = Rule(
        flag=TRICKPLAY_TASK,
        label="The daily trickplay task runs",
        severity=Severity.RECOMMENDED if found.bridged else Severity.CRITICAL,
        area=Area.SERVER,
        recommended=not found.bridged,
        rationale="With the plugin the task only costs time."
        if found.bridged
        else "Without the plugin the task takes up what no scan has; daily at 03:00 is enough.",
    )
    return rule.found(bool(found.task and found.task.triggers))


def _library(found: Findings, folder: Folder) -> Iterator[Check]:
    for rule in (_extracts(found, folder), _with_media(found), _during_scan(found), _MONITORED):
        yield rule.found(folder.option(rule.flag), folder.library)


def _extracts(found: Findings, folder: Folder) -> Rule:
    kept = found.numbers[0] >= COUNTED_RIGHT and folder.option(WITH_MEDIA) is True
    return Rule(
        flag=EXTRACTS,
        label="Trickplay is on",
        severity=Severity.RECOMMENDED if kept else Severity.CRITICAL,
        area=Area.LIBRARIES,
        recommended=True,
        rationale="With it off Jellyfin shows no tiles, and before version 12 deletes those that lie there.",
        phrases=MappingProxyType({False: "disable trickplay"}),
    )


def _with_media(found: Findings) -> Rule:
    where = "beside the videos" if found.with_media else "in Jellyfin's data folder"
    return Rule(
        flag=WITH_MEDIA,
        label="Tiles lie beside the videos",
        severity=Severity.CRITICAL,
        area=Area.LIBRARIES,
        recommended=found.with_media,
        rationale=f"Tiles are written {where}; Jellyfin looks only where this option says.",
    )


def _during_scan(found: Findings) -> Rule:
    return Rule(
        flag=DURING_SCAN,
        label="Trickplay during a library scan",
        severity=Severity.RECOMMENDED if found.bridged else Severity.CRITICAL,
        area=Area.LIBRARIES,
        recommended=not found.bridged,
        rationale="With the plugin a scan would only make Jellyfin decode files itself."
        if found.bridged
        else "Without the plugin this is what makes Jellyfin take up tiles soon after they are written.",
    )


_MONITORED = Rule(
    flag=MONITORED,
    label="Real-time monitoring",
    severity=Severity.RECOMMENDED,
    area=Area.LIBRARIES,
    recommended=True,
    rationale="Jellyfin then notices new files by itself.",
)


def _extraction(found: Findings) -> Check:
    extracting = sum(one.option(EXTRACTS) is True and one.option(DURING_SCAN) is True for one in found.folders)
    rule = Rule(
        flag="extraction",
        label="Jellyfin's own extraction",
        severity=Severity.INFO,
        area=Area.SERVER,
        recommended=None,
        rationale="Where Jellyfin scans a file before its tiles are written, it makes them itself.",
    )
    return rule.found(f"in {extracting} of {len(found.folders)} libraries", ok=True, fixable=False)
