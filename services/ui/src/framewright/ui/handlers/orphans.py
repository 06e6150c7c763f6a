"""`/api/orphans`: outputs whose video is gone, listed first and removed only on a typed number."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.orphans import OrphanReport
from framewright.contracts.server import Server
from framewright.ui.domain.orphans import ordered, shown
from framewright.ui.handlers.answers import Json, invalid, json_object, missing
from framewright.ui.handlers.desk import Desk


def routes(desk: Desk) -> APIRouter:
    """Search, removal, and the word that many removals at once are meant."""
    router = APIRouter(prefix="/api/orphans", tags=["servers"])

    @router.get("", summary="Outputs whose video is gone; nothing is changed")
    async def search(server_id: str) -> Response:
        return _answer(await desk.orphans.search(_server(desk, server_id)))

    @router.get("/report", summary="The newest report of a search or a removal")
    async def report(server_id: str) -> Response:
        found = await desk.orphans.latest(_server(desk, server_id).id)
        if found is None:
            raise missing(f"nobody searched {server_id!r} lately")
        return _answer(found)

    @router.post("/remove", summary="Remove orphans; a dry run unless dry_run is false and confirm is their number")
    async def remove(request: Request) -> Response:
        body = await json_object(request)
        return _answer(await desk.orphans.search(_server(desk, body.get("server_id")), ordered(body)))

    @router.post("/confirm", summary="Many removals of a server at once are meant: let them go on for an hour")
    async def confirm(request: Request) -> Response:
        server = _server(desk, (await json_object(request)).get("server_id"))
        return Json({"server_id": server.id, "released": await desk.orphans.confirm(server)})

    return router


def _server(desk: Desk, server_id: object) -> Server:
    if not isinstance(server_id, str) or not server_id:
        raise invalid("server_id", "must name a server")
    server = desk.config.server(server_id)
    if server is None:
        raise missing(f"no server {server_id!r}")
    return server


def _answer(report: OrphanReport) -> Response:
    """409 for what was refused, 202 for what is still under way."""
    status = {"refused": 409, "done": 200}.get(report.state, 202)
    if report.state == "refused":
        return Json({**shown(report), "error": report.reason, "code": "REFUSED"}, status)
    return Json(shown(report), status)
