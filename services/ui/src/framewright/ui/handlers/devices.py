"""`/api/system/rescan-gpus`: every extractor looks for its devices anew."""

from fastapi import APIRouter
from starlette.responses import Response

from framewright.domain.errors import Retry
from framewright.ui.domain.devices import Rescanned, rescanned
from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.document import documented


def routes(desk: Desk) -> APIRouter:
    """The one route; what devices there are stands in `/api/system/status`."""
    router = APIRouter(prefix="/api/system", tags=["system"])

    @router.post("/rescan-gpus", summary="Look for devices anew", responses=documented(Rescanned))
    async def rescan() -> Response:
        if not desk.connected():
            raise Retry("the bus is out of reach", code="BUS_UNAVAILABLE")
        silent = await desk.extractors.rescan()
        return Json(rescanned(desk.extractors.present(), silent))

    return router
