"""`/api/webhooks/history`: what senders told us and what became of it."""

from fastapi import APIRouter
from starlette.responses import Response

from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.desk import Desk

MOST = 100


def routes(desk: Desk) -> APIRouter:
    """Read and clear."""
    router = APIRouter(prefix="/api/webhooks/history", tags=["webhooks"])

    @router.get("", summary="Recent webhooks, newest first")
    async def show() -> Response:
        return Json({"events": await desk.archive.history(MOST)})

    @router.delete("", summary="Clear the history")
    async def clear() -> Response:
        await desk.history.clear_history()
        return Json({"success": True})

    return router
