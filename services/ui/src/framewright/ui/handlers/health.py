"""`/api/health` and `/api/system/status`: whether it lives, and what it is doing."""

import time

from fastapi import APIRouter
from starlette.responses import Response

from framewright.ui.domain.devices import cpus, extractor_views, gpus
from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.plex_account import standing_view
from framewright.ui.handlers.processing import processing_state
from framewright.ui.handlers.troubles import server_troubles


def routes(desk: Desk) -> APIRouter:
    """The two of them; health needs no token."""
    router = APIRouter(prefix="/api", tags=["system"])

    @router.get("/health", summary="Whether this process answers")
    async def health() -> Response:
        return Json({"status": "healthy"})

    @router.get("/system/status", summary="Devices, extractors, workers, jobs, queues")
    async def status() -> Response:
        present = desk.extractors.present()
        return Json(
            {
                "version": desk.version,
                "uptime_s": int(time.monotonic() - desk.started),
                "gpus": gpus(present),
                "cpu": cpus(present),
                "extractors": extractor_views(present),
                "workers": desk.board.workers(time.monotonic()),
                "jobs": await desk.archive.counts(),
                "processing": processing_state(desk),
                "servers": len(desk.config.servers),
                "troubles": await server_troubles(desk),
                "plex_account": await standing_view(desk),
                "bus": {"connected": desk.connected()},
                "queues": await desk.queues.depths(),
            }
        )

    return router
