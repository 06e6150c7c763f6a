"""Payloads about series: Sonarr (v3, v4), Whisparr v2 and Sportarr.

`Download` comes per file (`episodeFile`) and, when the batch toggle is on, once more for the whole pack (`episodeFiles`). Both
carry the same `downloadId`, so that they are one delivery of each path.
"""

import msgspec

from framewright.vendors.arr.dialect import (
    NOT_YET,
    ArrEvent,
    File,
    Shape,
    file_deleted,
    folder_deleted,
    imported,
    path_of,
    renamed,
)
from framewright.vendors.source import Change, word


class Series(msgspec.Struct, rename="camel"):
    """`path` is the folder of the series as the program sees it."""

    title: object = ""
    path: str = ""


class Episode(msgspec.Struct, rename="camel"):
    """Numbers for the title."""

    season_number: object = None
    episode_number: object = None


class EpisodesEvent(ArrEvent, rename="camel"):
    """`file_path` and `event_title` are the flat spelling of Sportarr."""

    series: Series = msgspec.field(default_factory=Series)
    episodes: list[Episode] = msgspec.field(default_factory=list[Episode])
    episode_file: File | None = None
    episode_files: list[File] = msgspec.field(default_factory=list[File])
    renamed_episode_files: list[File] = msgspec.field(default_factory=list[File])
    file_path: str = ""
    event_title: object = ""


def _title(event: EpisodesEvent) -> str:
    title = word(event.series.title) or word(event.event_title)
    first = event.episodes[0] if event.episodes else Episode()
    season, number = first.season_number, first.episode_number
    if not isinstance(season, int) or not isinstance(number, int):
        return title
    return f"{title} S{season:02d}E{number:02d}"


def _imported(event: EpisodesEvent) -> tuple[Change, ...]:
    single = [event.episode_file] if event.episode_file else []
    flat = [File(path=event.file_path)] if event.file_path else []
    return imported(event, event.series.path, [*single, *event.episode_files, *flat])


SHAPE = Shape(
    EpisodesEvent,
    _title,
    {
        "Grab": lambda _event: NOT_YET,
        "Download": _imported,
        "Rename": lambda event: renamed(event.series.path, event.renamed_episode_files),
        "EpisodeFileDelete": lambda event: file_deleted(event, path_of(event.series.path, event.episode_file)),
        "SeriesDelete": lambda event: folder_deleted(event, event.series.path),
    },
)
