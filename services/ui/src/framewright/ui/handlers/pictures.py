"""`…/frame` and `…/sheet`: what was seen of a file, while its frames are kept."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from framewright.ui.handlers.answers import missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.jobs import existing_file

_EVICTED = "the frames of this file are no longer kept"
_IMAGE: dict[int | str, dict[str, Any]] = {200: {"description": "A JPEG", "content": {"image/jpeg": {}}}}
_FRESH = {"Cache-Control": "private, max-age=300"}


def routes(desk: Desk) -> APIRouter:
    """Single pictures and strips."""
    router = APIRouter(prefix="/api/jobs/{job_id}/files/{path_id}", tags=["pictures"])

    async def pack(job_id: str, path_id: str) -> str:
        found = await existing_file(desk, job_id, path_id)
        if not found.pack:
            raise missing("no frames were extracted for this file")
        return found.pack

    @router.get("/frame", summary="The picture of one slot", response_class=Response, responses=_IMAGE)
    async def frame(
        job_id: str,
        path_id: str,
        slot: Annotated[int, Query(ge=0, description="counts from 0")] = 0,
        interval: Annotated[int, Query(ge=0, le=3_600_000, description="milliseconds; 0: the pack's own")] = 0,
    ) -> Response:
        picture = await desk.pictures.frame(await pack(job_id, path_id), slot, interval)
        return _jpeg(picture)

    @router.get("/sheet", summary="Up to ten pictures side by side", response_class=Response, responses=_IMAGE)
    async def sheet(job_id: str, path_id: str) -> Response:
        return _jpeg(await desk.pictures.strip(await pack(job_id, path_id)))

    return router


def _jpeg(picture: bytes | None) -> Response:
    if picture is None:
        raise missing(_EVICTED)
    return Response(picture, media_type="image/jpeg", headers=_FRESH)
