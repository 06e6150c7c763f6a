"""`/api/players`: the media servers in the words of the player documents; whatever is done here is done to the server."""

from typing import Any
from uuid import uuid4

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.ui.domain.groups import with_member
from framewright.ui.domain.players import PlayerBody, is_player, player_view, server_changes, watching
from framewright.ui.domain.servers import changed_server, named_folders, new_server
from framewright.ui.handlers.answers import Json, missing
from framewright.ui.handlers.bodies import body_as
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.servers import filled, forget, tested
from framewright.ui.handlers.stored_servers import warning_of
from framewright.ui.handlers.upstream import outward


class Candidate(PlayerBody, frozen=True):
    """A player to try, or changes of the one that is named."""

    id: str | int | None = None


def routes(desk: Desk) -> APIRouter:
    """Add, show, change, remove, try; secrets are masked in every answer."""
    router = APIRouter(prefix="/api/players", tags=["players"])

    @router.get("", summary="Every player")
    async def players() -> Response:
        groups = (await desk.players.groups()).values()
        return Json({"players": [player_view(one, groups) for one in desk.config.servers if is_player(one)]})

    @router.post("", status_code=201, summary="Add a player")
    async def add(request: Request) -> Response:
        body = await body_as(request, PlayerBody)
        server = new_server(server_changes(body, None), uuid4().hex)
        await _require_place(desk, body, server)
        full, warning = await filled(desk, server)
        await desk.config.add_server(full)
        await _join(desk, body, full)
        return Json(await _view(desk, full, known=warning), 201)

    @router.post("/test", summary="Try a player without storing it")
    async def test(request: Request) -> Response:
        body = await body_as(request, Candidate)
        stored = player(desk, str(body.id)) if body.id is not None else None
        return Json(await tested(desk, _tried(body, stored)))

    router.include_router(_single(desk))
    return router


def _single(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/{player_id}", summary="One player")
    async def show(player_id: str) -> Response:
        return Json(player_view(player(desk, player_id), (await desk.players.groups()).values()))

    @router.put("/{player_id}", summary="Change a player; what is not given stays")
    @router.patch("/{player_id}", summary="Change a player; what is not given stays")
    async def change(player_id: str, request: Request) -> Response:
        body = await body_as(request, PlayerBody)
        await _require_place(desk, body, player(desk, player_id))
        changed = await desk.config.change_server(player_id, lambda old: _changed(old, body))
        await _join(desk, body, changed)
        return Json(await _view(desk, changed))

    @router.delete("/{player_id}", summary="Forget a player; its outputs stay")
    async def remove(player_id: str) -> Response:
        await forget(desk, player(desk, player_id).id)
        return Json({"success": True})

    @router.post("/{player_id}/test", summary="Try a stored player")
    async def test(player_id: str) -> Response:
        return Json(await tested(desk, player(desk, player_id)))

    @router.get("/{player_id}/sessions", summary="What a player plays right now")
    async def sessions(player_id: str) -> Response:
        return await outward(_sessions(desk, player(desk, player_id)))

    return router


def player(desk: Desk, player_id: str) -> Server:
    """The player; raises `Reject` (NOT_FOUND) when there is none of that id."""
    server = desk.config.server(player_id)
    if server is None or not is_player(server):
        raise missing(f"no player {player_id!r}")
    return server


async def _sessions(desk: Desk, server: Server) -> Response:
    async with desk.players.reach(server) as reached:
        playing = await reached.sessions()
    return Json({"player_id": server.id, "active": bool(watching(playing)), "sessions": msgspec.to_builtins(playing)})


async def _view(desk: Desk, server: Server, *, known: str = "") -> dict[str, Any]:
    """The player as it was just stored, with a `warning` where there is one; `known` is what was found before."""
    warning = await warning_of(desk, named_folders(server, "metarr_path"), known=known)
    view = player_view(server, (await desk.players.groups()).values())
    return {**view, **({"warning": warning} if warning else {})}


async def _require_place(desk: Desk, body: PlayerBody, server: Server) -> None:
    """Refuse a group that is not there or has no room, before anything is stored."""
    if body.group_id is None:
        return
    group = (await desk.players.groups()).get(str(body.group_id))
    if body.group_id != "" and group is None:
        raise Reject(f"group_id: no group {str(body.group_id)!r}", code="VALIDATION_ERROR")
    if group is not None:
        with_member(group, server)


async def _join(desk: Desk, body: PlayerBody, server: Server) -> None:
    if body.group_id == "":
        await desk.players.leave(server.id)
    elif body.group_id is not None:
        await desk.players.join(str(body.group_id), server)


def _changed(old: Server, body: PlayerBody) -> Server:
    return changed_server(old, server_changes(body, old))


def _tried(body: Candidate, stored: Server | None) -> Server:
    return _changed(stored, body) if stored else new_server(server_changes(body, None), "candidate")
