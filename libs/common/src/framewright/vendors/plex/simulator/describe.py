"""How a simulated Plex describes its items, files and sections."""

import hashlib
import uuid
from pathlib import Path

from framewright.vendors.plex.simulator.elements import Node, Value
from framewright.vendors.plex.simulator.items import TYPE_NUMBERS, Item
from framewright.vendors.plex.simulator.parts import PartState
from framewright.vendors.plex.simulator.state import PlexState, Viewing
from framewright.vendors.simulation.disk import Shelf

DURATION_MS = 60_000
"""A guess for every file: the simulator opens no video."""

_SORTS = (("addedAt", "Date Added", "desc"), ("titleSort", "Title", "asc"), ("year", "Year", "desc"))
_OPERATORS = {"integer": ("=",), "string": ("=",), "date": (">>=", "<<=")}


def describe(state: PlexState, item: Item, *, extra: list[Node] | None = None, checked: bool = False) -> Node:
    """One item with its files, its parents' names and what `extra` adds; `checked` says whether they can be opened."""
    shelf = state.section(item.section)
    leaf = bool(item.files)
    key = f"/library/metadata/{item.rating_key}" + ("" if leaf else "/children")
    attributes: dict[str, Value] = {
        "ratingKey": item.rating_key,
        "key": key,
        "guid": f"plex://{item.kind}/{hashlib.sha256(item.rating_key.encode()).hexdigest()[:24]}",
        "type": item.kind,
        "title": item.title,
        "librarySectionTitle": shelf.name if shelf else None,
        "librarySectionID": int(item.section),
        "librarySectionKey": f"/library/sections/{item.section}",
        "index": item.index,
        "year": item.year,
        "thumb": f"/library/metadata/{item.rating_key}/thumb/{item.added_at}",
        "duration": DURATION_MS if leaf else None,
        "addedAt": item.added_at,
        "updatedAt": item.added_at,
        **_parents(item),
        **({} if leaf else {"leafCount": len(state.leaves(item)), "viewedLeafCount": 0}),
    }
    media = [_media(state.part(file), checked=checked) for file in item.files]
    guids = [Node("Guid", {"id": guid}) for guid in item.guids]
    return Node("Video" if leaf else "Directory", attributes, [*media, *guids, *(extra or [])])


def describe_viewing(state: PlexState, viewing: Viewing) -> Node | None:
    """A row of the sessions; None when the item is gone."""
    item = state.item(viewing.rating_key)
    if item is None:
        return None
    player = {"machineIdentifier": "p1", "product": "Plex Web", "platform": "Chrome", "state": viewing.state}
    extra = [
        Node("User", {"id": "1", "title": viewing.user, "thumb": ""}),
        Node("Player", {**player, "title": "Chrome", "address": "127.0.0.1", "local": True}),
        Node("Session", {"id": f"session-{viewing.rating_key}", "bandwidth": 4000, "location": "lan"}),
    ]
    if viewing.transcoding:
        extra.append(Node("TranscodeSession", {"videoDecision": "transcode", "audioDecision": "copy", "speed": 1.5}))
    node = describe(state, item, extra=extra)
    _select(node, viewing.file)
    node.attributes = {**node.attributes, "sessionKey": "1", "viewOffset": viewing.offset_ms}
    return node


def describe_tree(state: PlexState, item: Item) -> Node:
    """The item as `/tree` shows it: MetadataItem, MediaItem, MediaPart with hash and file."""
    top: dict[str, Value] = {"id": item.rating_key, "metadata_type": TYPE_NUMBERS[item.kind], "title": item.title}
    return Node("MetadataItem", top, [_hashed(state.part(file)) for file in item.files])


def describe_section(key: str, shelf: Shelf, *, refreshing: bool) -> Node:
    """A section with its one location."""
    agent, scanner = ("movie", "Plex Movie") if shelf.kind == "movie" else ("series", "Plex TV Series")
    attributes: dict[str, Value] = {
        "allowSync": True,
        "key": key,
        "type": shelf.kind,
        "title": shelf.name,
        "agent": f"tv.plex.agents.{agent}",
        "scanner": scanner,
        "language": "en-US",
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, key)),
        "refreshing": refreshing,
        "filters": True,
        "createdAt": 1,
        "updatedAt": 1,
        "scannedAt": 1,
        "content": True,
        "directory": True,
        "contentChangedAt": 1,
        "hidden": 0,
    }
    return Node("Directory", attributes, [Node("Location", {"id": int(key), "path": shelf.remote})])


def describe_filters(key: str, shelf: Shelf) -> Node:
    """What a section can be filtered and sorted by; python-plexapi does not search without it."""
    kinds = ["movie"] if shelf.kind == "movie" else ["show", "season", "episode"]
    types = [_filter_type(key, kind, active=place == 0) for place, kind in enumerate(kinds)]
    fields = [
        Node("FieldType", {"type": name}, [Node("Operator", {"key": key, "title": key}) for key in keys])
        for name, keys in _OPERATORS.items()
    ]
    return Node("Meta", {}, types + fields)


def _filter_type(key: str, kind: str, *, active: bool) -> Node:
    base = f"/library/sections/{key}"
    attributes: dict[str, Value] = {"key": f"{base}/all?type={TYPE_NUMBERS[kind]}", "type": kind, "title": kind.title()}
    sorts = [
        Node("Sort", {"defaultDirection": way, "descKey": f"{name}:desc", "key": name, "title": title})
        for name, title, way in _SORTS
    ]
    fields = [
        Node("Field", {"key": f"{kind}.{name}", "title": name, "type": shape})
        for name, shape in (("title", "string"), ("year", "integer"), ("addedAt", "date"))
    ]
    year: dict[str, Value] = {"filter": "year", "filterType": "integer", "key": f"{base}/year", "title": "Year"}
    return Node("Type", {**attributes, "active": active}, [Node("Filter", {**year, "type": "filter"}), *sorts, *fields])


def _select(node: Node, file: str) -> None:
    """Mark the version that plays, the first one where no file is named: a guess at how real servers show it."""
    versions = [child for child in node.children if child.tag == "Media"]
    playing = [media for media in versions if any(part.attributes["file"] == file for part in media.children)]
    for marked in (playing or versions)[:1]:
        for one in (marked, *marked.children):
            one.attributes = {**one.attributes, "selected": True}


def _hashed(part: PartState) -> Node:
    attributes: dict[str, Value] = {"id": part.id, "hash": part.hash, "file": part.file.remote}
    size: dict[str, Value] = {"size": part.file.size, "duration": DURATION_MS}
    return Node("MediaItem", {"id": part.id + 100_000}, [Node("MediaPart", {**attributes, **size})])


def _media(part: PartState, *, checked: bool) -> Node:
    there = Path(part.file.local).is_file() if checked else None
    shown: dict[str, Value] = {
        "id": part.id,
        "key": f"/library/parts/{part.id}/{part.file.mtime_ns // 1_000_000_000}/file.mkv",
        "duration": DURATION_MS,
        "file": part.file.remote,
        "size": part.file.size,
        "container": "mkv",
        "indexes": "sd" if part.adopted else None,
        "exists": there,
        "accessible": there,
    }
    picture: dict[str, Value] = {"width": 1920, "height": 1080, "videoCodec": "h264", "videoResolution": "1080"}
    media = {"id": part.id + 100_000, "duration": DURATION_MS, "container": "mkv", **picture}
    return Node("Media", media, [Node("Part", shown)])


def _parents(item: Item) -> dict[str, Value]:
    names = ("parent", "grandparent")
    shown: dict[str, Value] = {}
    for name, above in zip(names, item.ancestors(), strict=False):
        shown[f"{name}RatingKey"] = above.rating_key
        shown[f"{name}Key"] = f"/library/metadata/{above.rating_key}"
        shown[f"{name}Title"] = above.title
    if item.parent is not None:
        shown["parentIndex"] = item.parent.index
    return shown
