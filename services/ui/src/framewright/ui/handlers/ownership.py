"""`/api/explain`: what would happen to a path, step by step, and why."""

import asyncio
import dataclasses

from fastapi import APIRouter
from starlette.responses import Response

from framewright.domain.errors import BadPath
from framewright.domain.media import reject_hostile
from framewright.ui.domain.explanation import SpellingView, explanation, spelled
from framewright.ui.handlers.answers import Json, invalid, missing
from framewright.ui.handlers.desk import Desk


def routes(desk: Desk) -> APIRouter:
    """The explanation of one path, for every server or the one that is named."""
    router = APIRouter(prefix="/api", tags=["servers"])

    @router.get("/explain", summary="Every step from a path to what each server would be told")
    async def explain(path: str, server_id: str = "") -> Response:
        _require_usable(path)
        servers = [server for server in desk.config.servers if server_id in {"", server.id}]
        if server_id and not servers:
            raise missing(f"no server {server_id!r}")
        spellings = [await _looked_for(desk, one) for one in spelled(servers, path)]
        states = await asyncio.gather(*(desk.diagnosis.foresight.libraries_read(server.id) for server in servers))
        read = {server.id: state for server, state in zip(servers, states, strict=True)}
        interval = desk.config.settings.thumbnail_interval
        return Json(explanation(path, spellings, servers, desk.diagnosis.foresight, read, interval))

    return router


def _require_usable(path: str) -> None:
    try:
        reject_hostile(path)
    except BadPath as error:
        raise invalid("path", f"is not usable: {error.reason}") from error


async def _looked_for(desk: Desk, spelling: SpellingView) -> SpellingView:
    """Only what somebody owns is looked for on disk: a stranger learns nothing of other folders."""
    if not spelling.owned:
        return spelling
    return dataclasses.replace(spelling, exists=await desk.places.exists(spelling.path))
