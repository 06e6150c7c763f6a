"""Sections, items, scans and analysis of a simulated Plex."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from framewright.vendors.plex.simulator.bulk import bulk_answer
from framewright.vendors.plex.simulator.describe import describe, describe_filters, describe_section, describe_tree
from framewright.vendors.plex.simulator.elements import Node, answer, container, refusal
from framewright.vendors.plex.simulator.items import Item
from framewright.vendors.plex.simulator.queries import QueryError, selected
from framewright.vendors.plex.simulator.state import PlexState

router = APIRouter()


def _state(request: Request) -> PlexState:
    return request.app.state.simulator


State = Annotated[PlexState, Depends(_state)]


@router.get("/library/sections")
@router.get("/library/sections/")
@router.get("/library/sections/all")
async def sections(request: Request, state: State) -> Response:
    """Every section."""
    busy = {activity.section for activity in state.activities() if activity.type == "library.update.section"}
    nodes = [describe_section(key, shelf, refreshing=key in busy) for key, shelf in state.sections()]
    return container(request, nodes, allowSync=False, title1="Plex Library")


@router.get("/library/sections/{key}/all")
async def section_items(key: str, request: Request, state: State) -> Response:
    """The items of a section that pass the filters."""
    shelf = state.section(key)
    if shelf is None:
        return refusal(404, "Not Found")
    if state.bulk and shelf == state.bulk.shelf:
        return bulk_answer(request, state, key, state.bulk)
    if request.query_params.get("trash") == "1":
        return container(request, [Node("Video", {"ratingKey": one.rating_key}) for one in state.missing(key)])
    items = [item for item in state.items() if item.section == key]
    try:
        found = selected(items, request.query_params, shelf.kind)
    except QueryError:
        return refusal(500, "Internal Server Error")
    nodes = [describe(state, item) for item in found]
    if request.query_params.get("includeMeta") == "1":
        return _with_filters(request, nodes, describe_filters(key, shelf))
    return container(request, nodes)


@router.get("/library/sections/{key}/collections")
async def section_collections(key: str, request: Request, state: State) -> Response:
    """No simulated library has a collection."""
    return container(request, []) if state.section(key) else refusal(404, "Not Found")


@router.get("/library/sections/{key}/allLeaves")
async def section_leaves(key: str, request: Request, state: State) -> Response:
    """Every item with files."""
    found = [item for item in state.items() if item.section == key and item.files]
    return container(request, [describe(state, item) for item in found])


@router.api_route("/library/sections/{key}/refresh", methods=["GET", "POST"])
async def scan(key: str, request: Request, state: State, path: str = "") -> Response:
    """Scan one folder, or the whole section when none is named; the answer only means that it is queued."""
    if state.section(key) is None or request.method not in state.scan_methods:
        return refusal(404, "Not Found")
    return Response("", 200, {"X-Plex-Activity": state.scan(key, path).uuid}, "text/html")


@router.put("/library/sections/{key}/emptyTrash")
async def empty_trash(key: str, state: State) -> Response:
    """Forget for good what is missing."""
    if state.section(key) is None:
        return refusal(404, "Not Found")
    state.empty_trash(key)
    return Response("", 200)


@router.get("/library/all")
async def all_items(request: Request, state: State) -> Response:
    """Items of every section."""
    return container(
        request, [describe(state, item) for item in selected(state.items(), request.query_params, "movie")]
    )


@router.get("/library/recentlyAdded")
async def recently_added(request: Request, state: State) -> Response:
    """Movies and seasons, newest first."""
    found = [item for item in state.items() if item.kind in {"movie", "season"}]
    found.sort(key=lambda item: item.added_at, reverse=True)
    return container(request, [describe(state, item) for item in found])


@router.get("/library/metadata/{keys}")
async def metadata(keys: str, request: Request, state: State) -> Response:
    """One or several items; with `checkFiles` the server says whether it can open their files now."""
    found = [item for item in map(state.item, keys.split(",")) if item is not None]
    if not found:
        return refusal(404, "Not Found")
    checked = request.query_params.get("checkFiles") == "1"
    return container(request, [describe(state, item, checked=checked) for item in found])


@router.get("/library/metadata/{key}/children")
async def children(key: str, request: Request, state: State) -> Response:
    """The items directly below one."""
    item = state.item(key)
    return refusal(404, "Not Found") if item is None else _listed(request, state, state.children(item))


@router.get("/library/metadata/{key}/allLeaves")
async def all_leaves(key: str, request: Request, state: State) -> Response:
    """The episodes below an item."""
    item = state.item(key)
    return refusal(404, "Not Found") if item is None else _listed(request, state, state.leaves(item))


@router.get("/library/metadata/{key}/tree")
async def tree(key: str, request: Request, state: State) -> Response:
    """The item's files with their hashes."""
    item = state.item(key)
    if item is None:
        return refusal(404, "Not Found")
    return answer(request, Node("MediaContainer", {"size": 1}, [describe_tree(state, item)]))


@router.put("/library/metadata/{key}/analyze")
async def analyze(key: str, state: State) -> Response:
    """Look at the item's files and bundles again."""
    item = state.item(key)
    if item is None:
        return refusal(404, "Not Found")
    state.analyze(item)
    return Response("", 200)


@router.put("/library/metadata/{key}/refresh")
async def refresh(key: str, state: State) -> Response:
    """Metadata only: no file is looked at."""
    return refusal(404, "Not Found") if state.item(key) is None else Response("", 200)


@router.get("/library/parts/{part_id}/indexes/sd")
async def bif(part_id: int, state: State) -> Response:
    """The preview file as players get it."""
    part = state.part_by_id(part_id)
    data = None if part is None else state.bundles.served(part.hash)
    return refusal(404, "Not Found") if data is None else Response(data, media_type="application/octet-stream")


@router.get("/library/parts/{part_id}/indexes/sd/{offset_ms}")
async def frame(part_id: int, offset_ms: int, state: State) -> Response:
    """The thumbnail at a time."""
    part = state.part_by_id(part_id)
    data = None if part is None else state.bundles.frame(part.hash, offset_ms)
    return refusal(404, "Not Found") if data is None else Response(data, media_type="image/jpeg")


def _listed(request: Request, state: PlexState, items: list[Item]) -> Response:
    return container(request, [describe(state, item) for item in items])


def _with_filters(request: Request, nodes: list[Node], filters: Node) -> Response:
    """The filters stand before the items and are counted with none of them."""
    size = request.headers.get("X-Plex-Container-Size") or request.query_params.get("X-Plex-Container-Size")
    page = nodes if size is None else nodes[: int(size)]
    counts = {"size": len(page), "totalSize": len(nodes), "offset": 0}
    return answer(request, Node("MediaContainer", counts, [filters, *page]))
