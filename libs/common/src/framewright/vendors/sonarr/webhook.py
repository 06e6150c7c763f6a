"""Sonarr payloads (camelCase, nulls left out); field names from Sonarr's `Webhook*` payload classes.

`Download` comes per file (`episodeFile`) and, when the batch toggle is on, once more for the whole pack (`episodeFiles`); both
are understood, and the same path twice is one change. In `Rename` the path is recomputed from `series.path` and
`relativePath`, because several Sonarr versions sent a wrong `path` there.
"""

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import Change, Payload, Source, Status, Understood, joined, quarantined, settled, shaped

NAME = "sonarr"
IMPORTED = frozenset({"Download", "OnDownload"})
DELETED = frozenset({"SeriesDelete", "EpisodeFileDelete"})


class Series(msgspec.Struct, rename="camel"):
    """`path` is the series folder as Sonarr sees it."""

    title: str = ""
    path: str = ""


class Episode(msgspec.Struct, rename="camel"):
    """Numbers for the title."""

    season_number: int = 0
    episode_number: int = 0


class EpisodeFile(msgspec.Struct, rename="camel"):
    """An imported or renamed file."""

    path: str = ""
    relative_path: str = ""
    previous_path: str = ""


class SonarrEvent(msgspec.Struct, rename="camel"):
    """The fields that are used, of every event type; `file_path` is Sportarr's flat spelling."""

    event_type: str = ""
    series: Series = msgspec.field(default_factory=Series)
    episodes: list[Episode] = msgspec.field(default_factory=list[Episode])
    episode_file: EpisodeFile | None = None
    episode_files: list[EpisodeFile] = msgspec.field(default_factory=list[EpisodeFile])
    renamed_episode_files: list[EpisodeFile] = msgspec.field(default_factory=list[EpisodeFile])
    file_path: str = ""
    is_upgrade: bool = False


def recognises(payload: Payload) -> bool:
    """An event type beside a series or episodes, or beside the instance's name alone.

    Health and update events of the whole family name only their instance; a 4xx for one would stop the others as well.
    """
    return "eventType" in payload and any(name in payload for name in ("series", "episodes", "instanceName"))


def understand(payload: Payload) -> Understood:
    """What a Sonarr payload means."""
    try:
        event = shaped(payload, SonarrEvent)
    except msgspec.ValidationError as error:
        return quarantined(NAME, payload.get("eventType"), error)
    title = _title(event)
    if event.event_type == "Test":
        return Understood(NAME, Status.TEST, "Test", title)
    if event.event_type in IMPORTED:
        return settled(NAME, event.event_type, title, _imported(event))
    if event.event_type == "Rename":
        return settled(NAME, event.event_type, title, _renamed(event))
    if event.event_type in DELETED:
        return Understood(NAME, Status.IGNORED, event.event_type, title, "deletions are left to the servers' own scans")
    return Understood(NAME, Status.IGNORED, event.event_type, title, "the event changes no file")


def _imported(event: SonarrEvent) -> tuple[Change, ...]:
    kind = ChangeKind.UPGRADED if event.is_upgrade else ChangeKind.ADDED
    files = [*([event.episode_file] if event.episode_file else []), *event.episode_files]
    paths = [file.path or joined(event.series.path, file.relative_path) for file in files]
    return tuple(Change(kind, path) for path in (*paths, event.file_path) if path)


def _renamed(event: SonarrEvent) -> tuple[Change, ...]:
    files = event.renamed_episode_files
    paths = [(joined(event.series.path, file.relative_path) or file.path, file.previous_path) for file in files]
    return tuple(Change(ChangeKind.RENAMED, path, previous) for path, previous in paths if path)


def _title(event: SonarrEvent) -> str:
    if not event.episodes:
        return event.series.title
    first = event.episodes[0]
    return f"{event.series.title} S{first.season_number:02d}E{first.episode_number:02d}"


SOURCE = Source(NAME, "Sonarr", recognises, understand)
