"""`/api/jobs`, the orders: make, cancel, hurry, repeat, try now, forget."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterable

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.chassis.clock import now
from framewright.contracts.base import Lane
from framewright.contracts.facts import JobCreatedV1
from framewright.contracts.media import MediaChangedV1
from framewright.domain.errors import Reject
from framewright.ui.domain.new_jobs import (
    Again,
    Clearing,
    Hurry,
    NewScan,
    NewWork,
    Start,
    announced_scan,
    change_of,
    manual_job,
    repeated_job,
    repeated_scan,
    scan_job,
)
from framewright.ui.domain.priorities import lane_for, priority_of
from framewright.ui.domain.status import JobStatus
from framewright.ui.domain.views import JobView
from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.bodies import body_as
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.document import taking
from framewright.ui.handlers.jobs import existing_job, known_statuses

PREFIX = "/api/jobs"

SEEN_WITHIN = 2.0
"""Seconds for which an answer waits until lists show what was ordered; the order itself stands already."""

GLANCE = 0.02

FINISHED = [status.value for status in JobStatus if status.finished]


def routes(desk: Desk) -> APIRouter:
    """Everything that changes jobs."""
    router = APIRouter()
    router.include_router(_making(desk))
    router.include_router(_steering(desk))
    router.include_router(_forgetting(desk))
    return router


def _making(desk: Desk) -> APIRouter:
    router = APIRouter(prefix=PREFIX, tags=["jobs"])

    @router.post("", summary="Go through libraries", status_code=201, openapi_extra=taking(NewScan))
    async def create(request: Request) -> Response:
        wish = await body_as(request, NewScan)
        job, scan = scan_job(wish, _start(), desk.config.servers)
        await desk.jobs.orders.scan(job, scan)
        return await _created(desk, job)

    @router.post("/manual", summary="Look at files and folders", status_code=201, openapi_extra=taking(NewWork))
    async def manual(request: Request) -> Response:
        wish = await body_as(request, NewWork)
        job, paths = await asyncio.to_thread(manual_job, wish, _start(), desk.config.servers)
        await desk.jobs.orders.work(job, _listed(job, paths, regenerate=wish.force_regenerate))
        return await _created(desk, job)

    @router.post(
        "/{job_id}/reprocess", summary="Do a job's files once more", status_code=201, openapi_extra=taking(Again)
    )
    async def reprocess(job_id: str, request: Request) -> Response:
        wish = await body_as(request, Again)
        return await _created(desk, await _repeat(desk, await existing_job(desk, job_id), wish))

    return router


def _steering(desk: Desk) -> APIRouter:
    router = APIRouter(prefix=PREFIX, tags=["jobs"])

    @router.post("/{job_id}/cancel", summary="Do nothing more for a job")
    async def cancel(job_id: str) -> Response:
        await _open_job(desk, job_id)
        await desk.jobs.orders.cancel(job_id)
        await _seen(desk, job_id, lambda job: job is None or job.status.finished)
        return Json({"id": job_id, "status": JobStatus.CANCELLED, "message": "Job cancelled"})

    @router.post("/{job_id}/priority", summary="Give a job another urgency", openapi_extra=taking(Hurry))
    async def priority(job_id: str, request: Request) -> Response:
        lane = lane_for((await body_as(request, Hurry)).priority)
        await _open_job(desk, job_id)
        await desk.jobs.orders.move(job_id, lane)
        await _seen(desk, job_id, lambda job: job is None or job.priority == priority_of(lane))
        return Json({"id": job_id, "priority": priority_of(lane)})

    @router.post("/{job_id}/retry-now", summary="Let what waits for its next try go at once")
    async def retry_now(job_id: str) -> Response:
        job = await _open_job(desk, job_id)
        fired = await desk.jobs.orders.fire(await desk.jobs.book.open_paths(job_id), job.event_id)
        return Json({"id": job_id, "fired": fired})

    return router


def _forgetting(desk: Desk) -> APIRouter:
    router = APIRouter(prefix=PREFIX, tags=["jobs"])

    @router.delete("/{job_id}", summary="Forget a finished job")
    async def delete(job_id: str) -> Response:
        job = await existing_job(desk, job_id)
        if not job.status.finished:
            raise Reject(f"the job is {job.status}; cancel it before you delete it", code="CONFLICT")
        await desk.jobs.orders.forget([job_id])
        await _seen(desk, job_id, lambda job: job is None)
        return Json({"id": job_id, "success": True})

    @router.post("/clear", summary="Forget finished jobs", openapi_extra=taking(Clearing))
    async def clear(request: Request) -> Response:
        statuses = known_statuses((await body_as(request, Clearing)).statuses, "statuses") or FINISHED
        if not set(statuses) <= set(FINISHED):
            raise Reject(f"statuses must be of {', '.join(FINISHED)}; cancel other jobs first", code="VALIDATION_ERROR")
        ids = await desk.jobs.book.ids(statuses)
        await desk.jobs.orders.forget(ids)
        if ids:
            await _seen(desk, ids[-1], lambda job: job is None)
        return Json({"cleared": len(ids)})

    return router


async def _repeat(desk: Desk, old: JobView, wish: Again) -> JobCreatedV1:
    start, lane = _start(), tuple(Lane)[old.priority - 1]
    scan = repeated_scan(old, wish, start, lane)
    if scan is not None:
        job = announced_scan(scan)
        await desk.jobs.orders.scan(job, scan)
        return job
    total = await desk.jobs.book.number_of_files(old.id, wish.outcomes)
    if not total:
        raise Reject(f"the job has no {'failed ' if wish.outcomes else ''}file to repeat", code="CONFLICT")
    job = repeated_job(old, start, total, lane)
    paths = desk.jobs.book.paths(old.id, wish.outcomes)
    await desk.jobs.orders.work(job, _changes(job, paths, regenerate=wish.regenerate))
    return job


async def _open_job(desk: Desk, job_id: str) -> JobView:
    job = await existing_job(desk, job_id)
    if job.status.finished:
        raise Reject(f"the job is {job.status} already", code="CONFLICT")
    return job


async def _created(desk: Desk, job: JobCreatedV1) -> Response:
    await _seen(desk, job.job_id, lambda view: view is not None)
    return Json({"id": job.job_id, "status": JobStatus.PENDING, "message": "Job created successfully"}, 201)


async def _seen(desk: Desk, job_id: str, holds: Callable[[JobView | None], bool]) -> None:
    """Wait a little until the projection knows, so that whoever asks next sees what was just ordered."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SEEN_WITHIN):
            while not holds(await desk.archive.job(job_id)):  # noqa: ASYNC110 - the answer lies in the database
                await asyncio.sleep(GLANCE)


def _start() -> Start:
    return Start(uuid.uuid4().hex, now())


async def _listed(job: JobCreatedV1, paths: Iterable[str], *, regenerate: bool) -> AsyncIterator[MediaChangedV1]:
    for path in paths:
        yield change_of(job, path, regenerate=regenerate)


async def _changes(job: JobCreatedV1, paths: AsyncIterator[str], *, regenerate: bool) -> AsyncIterator[MediaChangedV1]:
    async for path in paths:
        yield change_of(job, path, regenerate=regenerate)
