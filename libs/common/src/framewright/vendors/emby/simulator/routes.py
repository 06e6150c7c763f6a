"""The calls that a simulated Emby answers."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from framewright.vendors.emby.simulator.state import EmbyState, Sidecar
from framewright.vendors.emby.simulator.upkeep import library_options
from framewright.vendors.mediabrowser.simulator.access import Login, login_answer
from framewright.vendors.mediabrowser.simulator.queries import TICKS_PER_MS, described, found, lowered, selected
from framewright.vendors.mediabrowser.simulator.sessions import described_sessions

router = APIRouter()

_KINDS = {"movie": "movies", "show": "tvshows"}


class _Update(msgspec.Struct):
    path: str | None = msgspec.field(default=None, name="Path")


class _Updates(msgspec.Struct):
    updates: list[_Update] = msgspec.field(default_factory=list[_Update], name="Updates")


def _state(request: Request) -> EmbyState:
    state: EmbyState = request.app.state.simulator
    state.settle()
    return state


State = Annotated[EmbyState, Depends(_state)]


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json; charset=utf-8")


def _unknown() -> Response:
    return Response(status_code=404)


def _done() -> Response:
    return Response(status_code=204)


@router.get("/System/Info/Public")
async def system_public(state: State) -> Response:
    """Who answers, for anybody."""
    return _json({"ServerName": state.name, "Version": state.version, "Id": state.id})


@router.get("/System/Info")
async def system(state: State) -> Response:
    """Who answers, for those with a token."""
    about = {"ServerName": state.name, "Version": state.version, "Id": state.id, "OperatingSystem": "Linux"}
    return _json({**about, "HasPendingRestart": False, "IsShuttingDown": False})


@router.post("/Users/AuthenticateByName")
async def authenticate(request: Request, state: State) -> Response:
    """A token for a name and a password."""
    login = msgspec.json.decode(await request.body(), type=Login)
    token = state.door.login(login)
    return Response(status_code=401) if token is None else _json(login_answer(login.username, token, state.id))


@router.get("/Library/VirtualFolders/Query")
async def libraries(state: State) -> Response:
    """Libraries, as servers from 4.8 on list them."""
    if not state.has_folder_query:
        return _unknown()
    rows = _libraries(state)
    return _json({"Items": rows, "TotalRecordCount": len(rows)})


@router.get("/Library/VirtualFolders")
async def libraries_as_before(state: State) -> Response:
    """Libraries, as older servers list them."""
    return Response(status_code=405) if state.has_folder_query else _json(_libraries(state))


@router.post("/Library/Media/Updated")
async def media_updated(request: Request, state: State) -> Response:
    """Somebody says that files changed."""
    try:
        updates = msgspec.json.decode(await request.body(), type=_Updates).updates
    except msgspec.DecodeError:
        return Response(status_code=400)
    for update in updates:
        if update.path:
            state.catalogue.report(update.path)
    return _done()


@router.get("/Items")
async def items(request: Request, state: State) -> Response:
    """Items by the exact path of any version, name, id, library, type."""
    query = lowered(request.query_params)
    if path := query.get("path"):
        holding = [item for item in state.catalogue.items() if any(one.file.remote == path for one in item.versions())]
        page, total = selected(holding, query)
    else:
        page, total = found(state.catalogue, query, state.bulk)
    rows = [_item(described(video, query.get("fields", "")), state) for video in page]
    return _json({"Items": rows, "TotalRecordCount": total})


@router.post("/Items/{item_id}/Refresh")
async def refresh_item(item_id: str, state: State) -> Response:
    """Look at the item's files again."""
    video = state.catalogue.video(item_id)
    if video is None:
        return _done() if state.catalogue.refresh_library(item_id) else _unknown()
    state.refresh(video)
    return _done()


@router.get("/Videos/{item_id}/index.bif")
async def bif(item_id: str, request: Request, state: State) -> Response:
    """The preview file of a width."""
    sidecar = _sidecar(item_id, request, state)
    if sidecar is None or not sidecar.path.is_file():
        return _unknown()
    return Response(sidecar.path.read_bytes(), media_type="application/octet-stream")


@router.get("/Items/{item_id}/ThumbnailSet")
async def thumbnail_set(item_id: str, request: Request, state: State) -> Response:
    """The times of the thumbnails of a width."""
    sidecar = _sidecar(item_id, request, state)
    if sidecar is None:
        return _unknown()
    rows = [{"PositionTicks": time_ms * TICKS_PER_MS, "ImageTag": str(time_ms)} for time_ms in sidecar.times_ms]
    return _json({"AspectRatio": 16 / 9, "Thumbnails": rows})


@router.post("/ScheduledTasks/Running/{task_id}")
async def run_task(task_id: str, state: State) -> Response:
    """Run a task now."""
    if task_id != "scan":
        return _unknown()
    state.catalogue.scan()
    state.upkeep.scan_until(state.clock() + state.index_delay)
    return _done()


@router.get("/Sessions")
async def sessions(state: State) -> Response:
    """Who plays what."""
    return _json(
        described_sessions(state.catalogue, state.instruments.watched, lambda video: f"mediasource_{video.id}")
    )


def _libraries(state: EmbyState) -> list[dict[str, Any]]:
    return [
        {
            "Name": shelf.name,
            "Locations": [shelf.remote],
            "CollectionType": _KINDS.get(shelf.kind, shelf.kind),
            "LibraryOptions": {"PathInfos": [{"Path": shelf.remote}], **library_options(state, shelf)},
            "ItemId": state.catalogue.library_id(shelf),
        }
        for shelf in state.all_shelves()
    ]


def _item(row: dict[str, Any], state: EmbyState) -> dict[str, Any]:
    """Versions have ids of their own form here, and say in `ItemId` which item they are."""
    for source in row.get("MediaSources", ()):
        source["ItemId"], source["Id"] = source["Id"], f"mediasource_{source['Id']}"
    return {**row, "ServerId": state.id}


def _sidecar(item_id: str, request: Request, state: EmbyState) -> Sidecar | None:
    width = lowered(request.query_params).get("width", "")
    known = state.sidecars.get(item_id, {})
    return known.get(int(width)) if width.isdigit() else None
