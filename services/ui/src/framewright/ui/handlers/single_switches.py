"""`/api/servers/{id}`, one switch at a time: thin doors to the check list, with its rules and its phrases."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.domain.health import Check
from framewright.ui.domain import single_switches as words
from framewright.ui.domain.server_health import plan
from framewright.ui.handlers.bodies import body_as
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.server_health import carried_out, enabled_server, examined
from framewright.vendors import Auditor


def routes(desk: Desk) -> APIRouter:
    """Extraction, the daily task, the plugin."""
    router = APIRouter(prefix="/api/servers/{server_id}", tags=["servers"])

    @router.get("/vendor-extraction/status", summary="In how many libraries the server makes previews itself")
    async def status(server_id: str) -> Response:
        server = enabled_server(desk, server_id)

        async def work(_: Auditor, checks: Sequence[Check]) -> dict[str, Any]:
            return words.extraction_status(server, checks)

        return await examined(desk, server, work)

    @router.post("/vendor-extraction", summary="Have the server make previews itself while it scans, or not")
    async def extraction(server_id: str, request: Request) -> Response:
        server, body = enabled_server(desk, server_id), await body_as(request, words.Extraction)

        async def work(audit: Auditor, checks: Sequence[Check]) -> dict[str, Any]:
            rows = words.extraction_rows(server, checks, body.library_ids)
            order = words.extraction_order(rows, on=body.scan_extraction)
            done = await carried_out(audit, plan(checks, order))
            return words.extraction_view(rows, done["results"], on=body.scan_extraction)

        return await examined(desk, server, work)

    router.include_router(_whole_server(desk))
    return router


def _whole_server(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.post("/scheduled-trickplay", summary="Have the server's daily task for previews run, or not")
    async def scheduled(server_id: str, request: Request) -> Response:
        body = await body_as(request, words.Scheduled)
        return await _switched(desk, server_id, words.SCHEDULE, body.confirm, on=body.enabled)

    @router.post("/install-plugin", summary="Install the plugin Media Preview Bridge; Jellyfin restarts")
    async def install(server_id: str, request: Request) -> Response:
        body = await body_as(request, words.Confirmed)
        return await _switched(desk, server_id, words.PLUGIN, body.confirm, on=True)

    @router.post("/uninstall-plugin", summary="Remove the plugin Media Preview Bridge; Jellyfin restarts")
    async def uninstall(server_id: str, request: Request) -> Response:
        body = await body_as(request, words.Confirmed)
        return await _switched(desk, server_id, words.PLUGIN, body.confirm, on=False)

    return router


async def _switched(desk: Desk, server_id: str, flag: str, confirm: words.Phrases, *, on: bool) -> Response:
    server = enabled_server(desk, server_id)

    async def work(audit: Auditor, checks: Sequence[Check]) -> dict[str, Any]:
        order = words.switched(server, checks, flag, confirm, on=on)
        return words.steps_view(await carried_out(audit, plan(checks, order)))

    return await examined(desk, server, work)
