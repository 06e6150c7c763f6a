"""`/api/system/config` and `/api/libraries`: what is configured, in one look."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from framewright.contracts.server import redacted
from framewright.contracts.settings import shown
from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryView:
    """One library of one configured server; `id` is what the job and schedule endpoints take."""

    id: str
    name: str
    type: str
    enabled: bool
    server_id: str
    server_name: str
    server_type: str


def routes(desk: Desk) -> APIRouter:
    """Both read only what is stored; no server is asked."""
    router = APIRouter(prefix="/api", tags=["system"])

    @router.get("/system/config", summary="The settings in force and the servers, without secrets")
    async def config() -> Response:
        servers = [redacted(server) for server in desk.config.servers]
        return Json({**shown(desk.config.settings), "version": desk.version, "servers": servers})

    @router.get("/libraries", summary="The libraries of every server")
    async def libraries() -> Response:
        return Json({"libraries": _libraries(desk)})

    return router


def _libraries(desk: Desk) -> list[LibraryView]:
    return [
        LibraryView(
            id=library.id,
            name=library.name or library.id,
            type=library.kind,
            enabled=server.enabled and library.enabled,
            server_id=server.id,
            server_name=server.name or server.id,
            server_type=server.type,
        )
        for server in desk.config.servers
        for library in server.libraries
    ]
