"""`/api/processing`: pausing all work and letting it go on; per-job pause is the same switch under the job's address."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from framewright.chassis.clock import now
from framewright.contracts.jobs import Processing
from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.jobs import existing_job


def routes(desk: Desk) -> APIRouter:
    """The state, and the switch in both places."""
    router = APIRouter(prefix="/api", tags=["processing"])

    @router.get("/processing/state", summary="Whether work is paused, and what holds it")
    async def state() -> Response:
        return Json(processing_state(desk))

    @router.post("/processing/pause", summary="Pause all work, running work too, until it is resumed")
    async def pause() -> Response:
        return await _switch(desk, paused=True)

    @router.post("/processing/resume", summary="Let work go on")
    async def resume() -> Response:
        return await _switch(desk, paused=False)

    @router.post("/jobs/{job_id}/pause", summary="Pause all work (the same as /api/processing/pause)")
    async def pause_job(job_id: str) -> Response:
        await existing_job(desk, job_id)
        return await _switch(desk, paused=True)

    @router.post("/jobs/{job_id}/resume", summary="Let all work go on (the same as /api/processing/resume)")
    async def resume_job(job_id: str) -> Response:
        await existing_job(desk, job_id)
        return await _switch(desk, paused=False)

    return router


def processing_state(desk: Desk) -> dict[str, Any]:
    """`paused` is the operator's switch; `held` is also true in quiet hours, and `reason` says which it is."""
    processing, reason = desk.config.processing, desk.jobs.held()
    return {"paused": processing.paused, "since": processing.since, "held": bool(reason), "reason": reason}


async def _switch(desk: Desk, *, paused: bool) -> Response:
    if desk.config.processing.paused != paused:
        await desk.config.pause(Processing(paused, now() if paused else None))
    return Json(processing_state(desk))
