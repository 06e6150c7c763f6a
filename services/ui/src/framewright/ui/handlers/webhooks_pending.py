"""`/api/webhooks/pending`: changes that wait for the end of their quiet time, and letting one go at once."""

import re

from fastapi import APIRouter
from starlette.responses import Response

from framewright.ui.domain.webhook_journal import PendingPage
from framewright.ui.handlers.answers import Json, missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.document import documented

_KEY = re.compile("[0-9a-f]{32}")


def routes(desk: Desk) -> APIRouter:
    """Read, and fire one."""
    router = APIRouter(prefix="/api/webhooks/pending", tags=["webhooks"])

    @router.get("", summary="Webhooks that wait for their time, the next one first", responses=documented(PendingPage))
    async def pending() -> Response:
        return Json(await desk.journal.pending())

    @router.post("/{key}/fire-now", summary="Act on a waiting webhook at once")
    async def fire_now(key: str) -> Response:
        if not _KEY.fullmatch(key) or not await desk.journal.fire_now(key):
            raise missing(f"nothing waits under the key {key[:64]!r}")
        return Json({"success": True, "key": key})

    return router
