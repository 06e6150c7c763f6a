"""The `/Items` query of both servers, as far as clients use it here; argument names are compared without case."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from framewright.vendors.mediabrowser.simulator.catalogue import Video

RUNTIME_MS = 60_000
"""A guess for every file: the simulators open no video."""

TICKS_PER_MS = 10_000

Query = Mapping[str, str]

_FILTERS: dict[str, Callable[[Video, str], bool]] = {
    "ids": lambda video, value: video.id in value.replace("-", "").lower().split(","),
    "includeitemtypes": lambda video, value: video.type in value.split(","),
    "parentid": lambda video, value: video.library_id == value.replace("-", "").lower(),
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


def described(video: Video, fields: str) -> dict[str, Any]:
    """An item with the fields that were asked for."""
    asked = set(fields.split(","))
    shown: dict[str, Any] = {
        "Name": video.name,
        "Id": video.id,
        "Type": video.type,
        "MediaType": "Video",
        "IsFolder": False,
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
    if "MediaSources" in asked:
        shown["MediaSources"] = [_source(video)]
    return shown


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
