"""The calls that a simulated Jellyfin answers."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from framewright.vendors.jellyfin.simulator.describe import (
    TASKS,
    described_library,
    described_tasks,
    playlist,
    public_info,
    system_info,
    trickplay_of,
)
from framewright.vendors.jellyfin.simulator.settings import TrickplaySettings
from framewright.vendors.jellyfin.simulator.state import JellyfinState
from framewright.vendors.mediabrowser.simulator.access import Login, login_answer
from framewright.vendors.mediabrowser.simulator.queries import described, found, lowered
from framewright.vendors.mediabrowser.simulator.sessions import described_sessions

router = APIRouter()


class _Update(msgspec.Struct):
    path: str | None = msgspec.field(default=None, name="Path")


class _Updates(msgspec.Struct):
    updates: list[_Update] = msgspec.field(default_factory=list[_Update], name="Updates")


class _Configuration(msgspec.Struct):
    trickplay: TrickplaySettings = msgspec.field(default_factory=TrickplaySettings, name="TrickplayOptions")


def _state(request: Request) -> JellyfinState:
    state: JellyfinState = request.app.state.simulator
    state.settle()
    return state


State = Annotated[JellyfinState, Depends(_state)]


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json; charset=utf-8")


def _done() -> Response:
    return Response(status_code=204)


def _unknown() -> Response:
    return Response(status_code=404)


@router.get("/health")
async def health() -> Response:
    """Liveness."""
    return Response("Healthy", media_type="text/plain")


@router.get("/System/Info/Public")
async def system_public(state: State) -> Response:
    """Who answers, for anybody."""
    return _json(public_info(state))


@router.get("/System/Info")
async def system(state: State) -> Response:
    """Who answers, for those with a token."""
    return _json(system_info(state))


@router.get("/System/Configuration")
async def configuration(state: State) -> Response:
    """The options that bear on trickplay."""
    return _json({"ServerName": state.name, **state.configuration, "TrickplayOptions": state.trickplay})


@router.post("/System/Configuration")
async def configure(request: Request, state: State) -> Response:
    """Replace the whole configuration."""
    try:
        written = msgspec.json.decode(await request.body(), type=dict[str, Any])
        state.trickplay = msgspec.convert(written, _Configuration).trickplay
    except msgspec.DecodeError:
        return Response(status_code=400)
    state.configuration = {name: value for name, value in written.items() if name != "TrickplayOptions"}
    return _done()


@router.post("/Users/AuthenticateByName")
async def authenticate(request: Request, state: State) -> Response:
    """A token for a name and a password."""
    login = msgspec.json.decode(await request.body(), type=Login)
    token = state.door.login(login)
    return Response(status_code=401) if token is None else _json(login_answer(login.username, token, state.id))


@router.get("/Library/VirtualFolders")
async def libraries(state: State) -> Response:
    """Libraries with their options."""
    return _json([described_library(state, shelf) for shelf in state.all_shelves()])


@router.post("/Library/Media/Updated")
async def media_updated(request: Request, state: State) -> Response:
    """Somebody says that files changed; what kind of change it was is not read."""
    try:
        updates = msgspec.json.decode(await request.body(), type=_Updates).updates
    except msgspec.DecodeError:
        return Response(status_code=400)
    for update in updates:
        if update.path:
            state.catalogue.report(update.path)
    return _done()


@router.post("/Library/Refresh")
async def refresh_library(state: State) -> Response:
    """Scan everything."""
    state.catalogue.scan()
    return _done()


@router.get("/Items")
async def items(request: Request, state: State) -> Response:
    """Videos by name, id, library, type; there is no query by path."""
    query = lowered(request.query_params)
    page, total = found(state.catalogue, query, state.bulk)
    rows: list[dict[str, Any]] = []
    for video in page:
        row = {**described(video, query.get("fields", ""), state.catalogue.sources(video)), "ServerId": state.id}
        for source in row.get("MediaSources", ()):
            source["MediaStreams"] = [{"Type": "Video", "Index": 0, "Codec": "h264", "Width": state.video_width}]
        if "Trickplay" in query.get("fields", "").split(","):
            row["Trickplay"] = trickplay_of(state, video)
        rows.append(row)
    return _json({"Items": rows, "TotalRecordCount": total, "StartIndex": int(query.get("startindex") or 0)})


@router.post("/Items/{item_id}/Refresh")
async def refresh_item(item_id: str, request: Request, state: State) -> Response:
    """Refresh one item; regenerating trickplay deletes it first, in any mode above Default."""
    video = state.catalogue.video(item_id)
    if video is None:
        return _done() if state.catalogue.refresh_library(item_id) else _unknown()
    query = lowered(request.query_params)
    full = query.get("metadatarefreshmode") == "FullRefresh"
    state.refresh(video, regenerate=full and query.get("regeneratetrickplay") == "true")
    return _done()


@router.get("/Videos/{item_id}/Trickplay/{width}/tiles.m3u8")
async def tiles(item_id: str, width: int, request: Request, state: State) -> Response:
    """The playlist of one width of a version, of the item's own without one."""
    video = state.catalogue.video(lowered(request.query_params).get("mediasourceid") or item_id)
    row = state.rows.get(video.id, {}).get(width) if video else None
    if row is None:
        return _unknown()
    return Response(playlist(row), media_type="application/x-mpegURL")


@router.get("/Videos/{item_id}/Trickplay/{width}/{number}.jpg")
async def sheet(item_id: str, width: int, number: int, request: Request, state: State) -> Response:
    """One sheet of tiles, since 10.11.5 of the version that is asked for; older servers give that of the item named in the path."""
    source = lowered(request.query_params).get("mediasourceid") if state.release >= (10, 11, 5) else None
    video = state.catalogue.video(source or item_id)
    path = state.sheet(video, width, number) if video else None
    return _unknown() if path is None else Response(path.read_bytes(), media_type="image/jpeg")


@router.get("/MediaPreviewBridge/Ping")
async def ping(state: State) -> Response:
    """The plugin says that it is there."""
    if not state.bridged:
        return _unknown()
    return _json(
        {"plugin": "MediaPreviewBridge", "version": "10.11.0.3", "ok": True, "trickplayRoot": "data/trickplay"}
    )


@router.post("/MediaPreviewBridge/Trickplay/{item_id}")
async def bridge(item_id: str, request: Request, state: State) -> Response:
    """The plugin writes the row of a width."""
    video = state.catalogue.video(item_id) if state.bridged else None
    query = lowered(request.query_params)
    if video is None or not state.register(video, int(query["width"]), int(query["intervalms"])):
        return _unknown()
    return _done()


@router.get("/ScheduledTasks")
async def tasks(state: State) -> Response:
    """The tasks that matter here."""
    return _json(described_tasks(state))


@router.post("/ScheduledTasks/Running/{key}")
async def run_task(key: str, state: State) -> Response:
    """Run a task now."""
    if key not in TASKS:
        return _unknown()
    state.catalogue.scan()
    if key == "RefreshTrickplayImages":
        state.refresh_all_trickplay()
    else:
        state.upkeep.scan_until(state.clock() + state.index_delay)
    return _done()


@router.get("/Sessions")
async def sessions(state: State) -> Response:
    """Who plays what."""
    return _json(described_sessions(state.catalogue, state.instruments.watched, lambda video: video.id))
