"""`/api/groups` (and `/api/player-groups`): players that are told together."""

from typing import Any
from uuid import uuid4

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.players import PlayerGroup
from framewright.domain.errors import Reject
from framewright.ui.handlers.answers import Json, json_object, missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.players import player

FIELDS = ("name", "type", "max_members", "skip_active", "sync_strategy")


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
        data = await json_object(request)
        group_id = str(data.get("id") or uuid4().hex)
        made = _new({**_given(data), "id": group_id})
        group = await desk.players.change_group(made, group_id, {})
        return Json(await _filled(desk, group, data), 201)

    @router.get("/{group_id}", summary="One group")
    async def show(group_id: str) -> Response:
        return Json(await group_of(desk, group_id))

    @router.put("/{group_id}", summary="Change a group; what is not given stays")
    @router.patch("/{group_id}", summary="Change a group; what is not given stays")
    async def change(group_id: str, request: Request) -> Response:
        data = await json_object(request)
        group = await desk.players.change_group(None, group_id, _given(data))
        return Json(await _filled(desk, group, data))

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


async def _filled(desk: Desk, group: PlayerGroup, data: dict[str, Any]) -> PlayerGroup:
    """The group with exactly these members, where members were given."""
    if "members" not in data:
        return group
    wanted = data["members"]
    if not isinstance(wanted, list):
        raise Reject("members must be a list of ids of players", code="VALIDATION_ERROR")
    chosen = [player(desk, str(one)) for one in dict.fromkeys(map(str, wanted))]  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
    for server_id in group.members:
        if server_id not in {one.id for one in chosen}:
            await desk.players.leave(server_id)
    for server in chosen:
        await desk.players.join(group.id, server)
    return await group_of(desk, group.id)


def _given(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in FIELDS if data.get(name) is not None}


def _new(data: dict[str, Any]) -> PlayerGroup:
    try:
        group = msgspec.convert(data, PlayerGroup)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise Reject(f"{where.rstrip('`').lstrip('.') or 'group'}: {what}", code="VALIDATION_ERROR") from error
    if not group.id.replace("-", "").replace("_", "").isalnum() or not group.id.isascii():
        raise Reject("id must be letters, digits, '-' or '_'", code="VALIDATION_ERROR")
    return group
