"""`/api/playback`: what the servers play right now, and what that holds back."""

from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from framewright.chassis.clock import now
from framewright.chassis.playback import is_believed
from framewright.contracts.playback import ServerPlayback
from framewright.contracts.settings import Playback
from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.desk import Desk


def routes(desk: Desk) -> APIRouter:
    """The one route."""
    router = APIRouter(prefix="/api", tags=["servers"])

    @router.get("/playback", summary="What plays where, and what waits for its end")
    async def playback() -> Response:
        policy = desk.config.settings.playback
        servers = [_shown(state, policy) for state in desk.playback.states()]
        return Json(
            {
                "policy": policy.policy,
                "heavy_work_waits": desk.playback.heavy_work_waits(policy, now()),
                "servers": servers,
            }
        )

    return router


def _shown(state: ServerPlayback, policy: Playback) -> dict[str, Any]:
    """A state with whether it still counts; an old one is that of a server which did not answer lately."""
    return {**msgspec.to_builtins(state), "current": is_believed(state, policy, now())}
