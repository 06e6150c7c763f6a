"""`/api/plex/provider`: the addresses under which Plex takes metadata from here, for the operator who adds them there."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.ui.domain.plex_provider import addresses
from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.origin import origin_of


def routes(desk: Desk) -> APIRouter:
    """Show the addresses, and make others."""
    router = APIRouter(prefix="/api/plex/provider", tags=["metadata"])

    @router.get("", summary="The addresses to give to Plex as metadata providers")
    async def show(request: Request) -> Response:
        return Json(addresses(origin_of(request), await desk.metadata.door.secret()))

    @router.post("/rotate", summary="Other addresses in their place; the old ones end")
    async def rotate(request: Request) -> Response:
        return Json(addresses(origin_of(request), await desk.metadata.door.rotate()))

    return router
