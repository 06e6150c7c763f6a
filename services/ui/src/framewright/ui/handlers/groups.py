"""`/api/groups` (and `/api/player-groups`): players that are told together."""

from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.players import PlayerGroup
from framewright.ui.domain.groups import GroupBody, Players, changed_group, new_group, only_new
from framewright.ui.domain.players import is_player
from framewright.ui.handlers.answers import Json, missing
from framewright.ui.handlers.bodies import body_as
from framewright.ui.handlers.desk import Desk


def routes(desk: Desk) -> APIRouter:
    """Both names of the same thing."""
    router = APIRouter(tags=["players"])
    for prefix in ("/api/groups", "/api/player-groups"):
        router.include_router(_routes(desk), prefix=prefix)
    return router


def _routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("", summary="Every group")
    async def groups() -> Response:
        return Json({"groups": list((await desk.players.groups()).values())})

    @router.post("", status_code=201, summary="Add a group")
    async def add(request: Request) -> Response:
        body = await body_as(request, GroupBody)
        group_id = str(body.id or uuid4().hex)
        made = new_group(body, group_id, _players(desk))
        return Json(await desk.players.change_group(group_id, lambda old: only_new(old, made)), 201)

    @router.get("/{group_id}", summary="One group")
    async def show(group_id: str) -> Response:
        return Json(await group_of(desk, group_id))

    @router.put("/{group_id}", summary="Change a group; what is not given stays")
    @router.patch("/{group_id}", summary="Change a group; what is not given stays")
    async def change(group_id: str, request: Request) -> Response:
        body, players = await body_as(request, GroupBody), _players(desk)
        return Json(await desk.players.change_group(group_id, lambda old: changed_group(old, body, players)))

    @router.delete("/{group_id}", summary="Remove a group; its members stay")
    async def remove(group_id: str) -> Response:
        await desk.players.forget_group((await group_of(desk, group_id)).id)
        return Json({"success": True})

    return router


async def group_of(desk: Desk, group_id: str) -> PlayerGroup:
    """The group; raises `Reject` (NOT_FOUND) when there is none of that id."""
    group = (await desk.players.groups()).get(group_id)
    if group is None:
        raise missing(f"no group {group_id!r}")
    return group


def _players(desk: Desk) -> Players:
    return {server.id: server for server in desk.config.servers if is_player(server)}
