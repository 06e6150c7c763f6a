"""The `/Items` query of both servers, as far as clients use it here; argument names are compared without case."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from framewright.vendors.mediabrowser.simulator.catalogue import Catalogue, Video
from framewright.vendors.simulation.bulk import Bulk, page_of

RUNTIME_MS = 60_000
"""A guess for every file: the simulators open no video."""

TICKS_PER_MS = 10_000

Query = Mapping[str, str]

_FILTERS: dict[str, Callable[[Video, str], bool]] = {
    "ids": lambda video, value: video.id in value.replace("-", "").lower().split(","),
    "includeitemtypes": lambda video, value: video.type in value.split(","),
    "parentid": lambda video, value: video.library_id == value.replace("-", "").lower(),
    "anyprovideridequals": lambda video, value: value.replace(".", "://").lower() in video.guids,
    "hastmdbid": lambda video, value: _has_id(video, "tmdb") == (value == "true"),
    "hastvdbid": lambda video, value: _has_id(video, "tvdb") == (value == "true"),
    "hasimdbid": lambda video, value: _has_id(video, "imdb") == (value == "true"),
    "videotypes": lambda video, value: video.type != "Series" and "VideoFile" in value.split(","),
    "searchterm": lambda video, value: value.casefold() in video.name.casefold(),
}


def lowered(arguments: Mapping[str, str]) -> dict[str, str]:
    """The arguments with their names in lower case."""
    return {name.lower(): value for name, value in arguments.items()}


def selected(videos: list[Video], query: Query) -> tuple[list[Video], int]:
    """The asked page of the videos that pass every filter, and how many pass."""
    found = [
        video for video in videos if all(test(video, query[name]) for name, test in _FILTERS.items() if query.get(name))
    ]
    if query.get("sortby", "").startswith("Date"):
        descending = query.get("sortorder", "").startswith("Desc")
        found.sort(key=lambda video: video.file.mtime_ns, reverse=descending)
    start = int(query.get("startindex") or 0)
    end = start + int(query["limit"]) if query.get("limit") else None
    return found[start:end], len(found)


def found(catalogue: Catalogue, query: Query, bulk: Bulk | None = None) -> tuple[list[Video], int]:
    """The asked page of items; series are among them when they are asked for, and may be the parents.

    Further versions of items are among them as the source of the `versions` says: where they are linked to their item, not even
    those who name their ids get them, unless a filter on streams is set.
    """
    parent = query.get("parentid", "").replace("-", "").lower()
    if bulk and parent == catalogue.library_id(bulk.shelf):
        return bulk_videos(catalogue, bulk, query)
    every = query.get("videotypes") if catalogue.rules.linked else query.get("ids")
    videos = catalogue.videos() if every else catalogue.items()
    if parent and all(video.library_id != parent for video in videos):
        names = [(show.library_id, show.series) for show in catalogue.series() if show.id == parent]
        below = [video for video in videos if (video.library_id, video.series) in names]
        return selected(below, {**query, "parentid": ""})
    shows = catalogue.series() if query.get("ids") or "Series" in query.get("includeitemtypes", "") else []
    return selected([*videos, *shows], query)


def bulk_videos(catalogue: Catalogue, bulk: Bulk, query: Query) -> tuple[list[Video], int]:
    """The asked page of the bulk library; of the filters only the library itself is known."""
    start, size = page_of(query, "startindex", "limit")
    oldest_first = query.get("sortby", "").startswith("Date") and not query.get("sortorder", "").startswith("Desc")
    numbers = bulk.numbers(oldest_first, start, size, bulk.count)
    return [catalogue.bulk_video(bulk, number) for number in numbers], bulk.count


def described(video: Video, fields: str, sources: Sequence[Video] = ()) -> dict[str, Any]:
    """An item with the fields that were asked for; `sources` are the versions that are listed of it, by default its own."""
    asked = set(fields.split(","))
    shown: dict[str, Any] = {
        "Name": video.name,
        "Id": video.id,
        "Type": video.type,
        "MediaType": "Video",
        "IsFolder": video.type == "Series",
        "RunTimeTicks": RUNTIME_MS * TICKS_PER_MS,
    }
    if video.type == "Episode":
        shown |= {"SeriesName": video.series, "ParentIndexNumber": video.season, "IndexNumber": video.number}
    if video.year is not None:
        shown["ProductionYear"] = video.year
    if "Path" in asked:
        shown["Path"] = video.file.remote
    if "DateCreated" in asked:
        shown["DateCreated"] = datetime.fromtimestamp(video.file.mtime_ns / 1e9, UTC).isoformat()
    if "ProviderIds" in asked:
        shown["ProviderIds"] = {
            name.title(): value for name, _, value in (guid.partition("://") for guid in video.guids)
        }
    if "MediaSources" in asked and video.type != "Series":
        shown["MediaSources"] = [_source(version) for version in sources or video.versions()]
    return shown


def _has_id(video: Video, provider: str) -> bool:
    return any(guid.startswith(f"{provider}://") for guid in video.guids)


def _source(video: Video) -> dict[str, Any]:
    return {
        "Id": video.id,
        "Path": video.file.remote,
        "Name": video.name,
        "Protocol": "File",
        "Container": "mkv",
        "Size": video.file.size,
        "Type": "Default",
        "RunTimeTicks": RUNTIME_MS * TICKS_PER_MS,
    }
