"""`/api/settings`: what operators change while the system runs."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.settings import Settings, patch_settings, shown
from framewright.ui.handlers.answers import Json, json_object
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.document import taking


def routes(desk: Desk) -> APIRouter:
    """Read and change; the webhook secret is masked, and kept when the mask comes back."""
    router = APIRouter(prefix="/api/settings", tags=["settings"])

    @router.get("", summary="The settings in force")
    async def show() -> Response:
        return Json(shown(desk.config.settings))

    @router.post("", summary="Change some settings", openapi_extra=taking(Settings))
    async def change(request: Request) -> Response:
        changes = await json_object(request)
        return Json(shown(await desk.config.change_settings(lambda current: patch_settings(current, changes))))

    return router
