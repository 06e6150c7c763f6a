"""`/api/servers`: the media servers that previews are made for."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.server import Server, redacted, server_paths, with_identity
from framewright.domain.errors import BadPath, FramewrightError
from framewright.domain.media import canonical, reject_hostile
from framewright.domain.ownership import local_candidates
from framewright.ui.domain.servers import (
    Plan,
    changed_server,
    new_server,
    owned,
    owners_view,
    replaced_server,
    with_libraries,
)
from framewright.ui.domain.sign_in import handle_in, redeemed
from framewright.ui.handlers.answers import Json, invalid, json_object, missing
from framewright.ui.handlers.bodies import body_as
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.stored_servers import stored_view
from framewright.ui.handlers.upstream import outward

Change = Callable[[Server, dict[str, Any]], Server]
"""What becomes of a stored server by what was sent."""


class Switch(msgspec.Struct, frozen=True):
    """Whether a server is to be on."""

    enabled: bool


def routes(desk: Desk) -> APIRouter:
    """Add, show, change, remove; secrets are masked in every answer."""
    router = APIRouter(prefix="/api/servers", tags=["servers"])

    @router.get("", summary="Every server")
    async def servers() -> Response:
        return Json({"servers": [redacted(server) for server in desk.config.servers]})

    @router.post("", status_code=201, summary="Add a server")
    async def add(request: Request) -> Response:
        server = new_server(await vouched(desk, await json_object(request)), uuid4().hex)
        full, warning = await filled(desk, server)
        await desk.config.add_server(full)
        return Json(await stored_view(desk, full, known=warning), 201)

    @router.get("/owners", summary="Who owns a path, and why")
    async def owners(path: str) -> Response:
        plan = Plan(desk.planned, desk.config.settings.thumbnail_interval)
        return Json(owners_view(desk.config.servers, path, await canonical_path(desk, path, desk.config.servers), plan))

    @router.post("/test-connection", summary="Try a configuration without storing it")
    async def test(request: Request) -> Response:
        data = await json_object(request)
        stored = desk.config.server(str(data.get("id", "")))
        return Json(await tested(desk, _candidate(stored, await vouched(desk, data, stored))))

    router.include_router(_single(desk))
    return router


def _single(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/{server_id}", summary="One server")
    async def show(server_id: str) -> Response:
        return Json(redacted(existing(desk, server_id)))

    @router.put(
        "/{server_id}", summary="Change a server; what is not given stays, but a list of libraries is the whole list"
    )
    async def replace(server_id: str, request: Request) -> Response:
        return await _stored(desk, server_id, request, replaced_server)

    @router.patch("/{server_id}", summary="Change a server; what is not given stays, libraries included")
    async def change(server_id: str, request: Request) -> Response:
        return await _stored(desk, server_id, request, changed_server)

    @router.delete("/{server_id}", summary="Forget a server; its outputs stay")
    async def remove(server_id: str) -> Response:
        await forget(desk, server_id)
        return Json({"success": True})

    @router.patch("/{server_id}/enabled", summary="Switch a server on or off")
    async def switch(server_id: str, request: Request) -> Response:
        enabled = (await body_as(request, Switch)).enabled
        changed = await desk.config.change_server(server_id, lambda old: msgspec.structs.replace(old, enabled=enabled))
        return Json({"success": True, "id": changed.id, "enabled": changed.enabled})

    @router.post("/{server_id}/test-connection", summary="Try a stored server")
    async def test(server_id: str) -> Response:
        return Json(await tested(desk, existing(desk, server_id)))

    @router.post("/{server_id}/refresh-libraries", summary="Read the server's libraries again")
    async def refresh(server_id: str) -> Response:
        return await outward(_reread(desk, existing(desk, server_id)))

    return router


async def _stored(desk: Desk, server_id: str, request: Request, change: Change) -> Response:
    changes = await vouched(desk, await json_object(request), desk.config.server(server_id))
    changed = await desk.config.change_server(server_id, lambda old: change(old, changes))
    return Json(await stored_view(desk, changed))


async def _reread(desk: Desk, server: Server) -> Response:
    """The libraries as the server has them now; who answers is asked anew, because another one's would replace them all."""
    async with desk.reach(server) as media:
        identity = (await media.identify()).id
        found = await media.libraries()

    def changed(old: Server) -> Server:
        return with_libraries(with_identity(old, server, identity), found)

    stored = await desk.config.change_server(server.id, changed)
    return Json({"success": True, "libraries": redacted(stored)["libraries"]})


def existing(desk: Desk, server_id: str) -> Server:
    """The configured server; raises `Reject` (NOT_FOUND) when there is none of that id."""
    server = desk.config.server(server_id)
    if server is None:
        raise missing(f"no server {server_id!r}")
    return server


async def vouched(desk: Desk, data: dict[str, Any], stored: Server | None = None) -> dict[str, Any]:
    """The data with the credential that its `auth.handle` stands for; what a stored server says already is kept."""
    handle = handle_in(data)
    if not handle:
        return data
    known = {"type": stored.type, "url": stored.url, "name": stored.name} if stored else {}
    identity = {"server_identity": stored.server_identity} if stored and stored.server_identity else {}
    return redeemed({**known, **identity, **data}, await desk.vouchers.find(handle))


def _candidate(stored: Server | None, data: dict[str, Any]) -> Server:
    """A configuration to try; with the id of a stored server it starts from that one, secrets included."""
    return changed_server(stored, data) if stored else new_server(data, "candidate")


async def filled(desk: Desk, server: Server) -> tuple[Server, str]:
    """The server with identity and libraries where they were not given, and a warning when it could not be asked."""
    if server.libraries and server.server_identity:
        return server, ""
    try:
        async with desk.reach(server) as media:
            identity = (await media.identify()).id  # asked first, so that no stranger is shown the token
            libraries = server.libraries or tuple(await media.libraries())
    except FramewrightError as error:
        return server, error.reason
    known = server.server_identity or identity
    return msgspec.structs.replace(server, server_identity=known, libraries=libraries), ""


async def tested(desk: Desk, server: Server) -> dict[str, object]:
    """Whether the configuration works; a failure is part of the answer, not its end.

    A stored server whose identity nobody knew is known from then on.
    """
    try:
        async with desk.reach(server) as media:
            identity = await media.identify()
    except FramewrightError as error:
        return {"success": False, "server_name": "", "version": "", "error": error.reason}
    await _get_to_know(desk, server, identity.id)
    return {"success": True, "server_name": identity.name, "version": identity.version, "error": ""}


async def _get_to_know(desk: Desk, server: Server, identity: str) -> None:
    stored = desk.config.server(server.id)
    if stored is None or with_identity(stored, server, identity) == stored:
        return
    with contextlib.suppress(FramewrightError):  # it is learnt at the next occasion; the connection works all the same
        await desk.config.change_server(server.id, lambda old: with_identity(old, server, identity))


async def canonical_path(desk: Desk, path: str, servers: Sequence[Server]) -> str:
    """How this system spells the path: the first owned spelling that exists, else the first owned, else the first.

    Raises:
        Reject: code VALIDATION_ERROR, the path is hostile, or relative and under no mapping of these servers.
    """
    try:
        reject_hostile(path)
        spellings = local_candidates([server_paths(server) for server in servers], path)
        candidates = [canonical(one) for one in spellings if one.startswith("/")]
    except BadPath as error:
        raise invalid("path", f"is not usable: {error.reason}") from error
    if not candidates:
        raise invalid("path", "must be absolute, or under a mapping of some server")
    held = owned(servers, candidates)
    for one in held:
        if await desk.places.exists(one):
            return one
    return (held or candidates)[0]


async def forget(desk: Desk, server_id: str) -> None:
    """Forget a server with all that is known of it; its outputs stay.

    Raises:
        Reject: code NOT_FOUND.
    """
    await desk.config.delete_server(server_id)
    await desk.players.leave(server_id)
    await desk.dismissals.forget(server_id)
    await desk.libraries_read.forget(server_id)
