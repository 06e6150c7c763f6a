"""`/api/schedules`: scans that begin by themselves. `/api/quiet-hours`: when heavy work rests."""

import re
from uuid import uuid4

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.chassis.clock import now
from framewright.contracts.schedules import changed_schedule, new_schedule
from framewright.contracts.settings import patch_settings
from framewright.ui.domain.schedules import NewSchedule, SchedulePage, ScheduleView, schedule_view
from framewright.ui.handlers.answers import Json, json_object, missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.document import documented, taking

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def routes(desk: Desk) -> APIRouter:
    """Add, show, change, remove, run now; the settings' quiet hours by themselves."""
    router = APIRouter(prefix="/api", tags=["schedules"])

    @router.get(
        "/schedules",
        summary="Every schedule, with when it comes next and when it ran last",
        responses=documented(SchedulePage),
    )
    async def schedules() -> Response:
        at, zone = now(), desk.timetable.zone()
        every = await desk.timetable.every()
        return Json(SchedulePage(tuple(schedule_view(one, state, zone, at) for one, state in every)))

    @router.post(
        "/schedules",
        status_code=201,
        summary="Add a schedule",
        responses=documented(ScheduleView, 201),
        openapi_extra=taking(NewSchedule),
    )
    async def add(request: Request) -> Response:
        schedule = new_schedule(await json_object(request), uuid4().hex, now())
        await desk.timetable.add(schedule)
        return Json(await _shown(desk, schedule.id), 201)

    router.include_router(_single(desk))
    router.include_router(_quiet_hours(desk))
    return router


def _single(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/schedules/{schedule_id}")

    @router.get("", summary="One schedule", responses=documented(ScheduleView))
    async def show(schedule_id: str) -> Response:
        return Json(await _shown(desk, schedule_id))

    @router.put(
        "",
        summary="Change a schedule; what is not given stays",
        responses=documented(ScheduleView),
        openapi_extra=taking(NewSchedule),
    )
    async def change(schedule_id: str, request: Request) -> Response:
        changes = await json_object(request)
        await desk.timetable.change(_checked(schedule_id), lambda old: changed_schedule(old, changes))
        return Json(await _shown(desk, schedule_id))

    @router.delete("", summary="Forget a schedule; a run that is under way goes on")
    async def remove(schedule_id: str) -> Response:
        await desk.timetable.delete(_checked(schedule_id))
        return Json({"success": True})

    @router.post("/run", status_code=202, summary="Run it now, or say which run is under way")
    async def run(schedule_id: str) -> Response:
        job_id = await desk.timetable.run(_checked(schedule_id))
        return Json({"success": True, "job_id": job_id}, 202)

    @router.post("/enable", summary="Let it run by itself again", responses=documented(ScheduleView))
    async def enable(schedule_id: str) -> Response:
        return await _switched(desk, schedule_id, enabled=True)

    @router.post("/disable", summary="Let it not run by itself any more", responses=documented(ScheduleView))
    async def disable(schedule_id: str) -> Response:
        return await _switched(desk, schedule_id, enabled=False)

    return router


def _quiet_hours(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/quiet-hours")

    @router.get("", summary="When heavy work rests")
    async def show() -> Response:
        return Json(desk.config.settings.quiet_hours)

    @router.post("", summary="Change when heavy work rests")
    async def change(request: Request) -> Response:
        changes = {"quiet_hours": await json_object(request)}
        settings = await desk.config.change_settings(lambda current: patch_settings(current, changes))
        return Json(settings.quiet_hours)

    return router


async def _shown(desk: Desk, schedule_id: str) -> ScheduleView:
    schedule, state = await desk.timetable.find(_checked(schedule_id))
    return schedule_view(schedule, state, desk.timetable.zone(), now())


async def _switched(desk: Desk, schedule_id: str, *, enabled: bool) -> Response:
    await desk.timetable.change(_checked(schedule_id), lambda old: msgspec.structs.replace(old, enabled=enabled))
    return Json(await _shown(desk, schedule_id))


def _checked(schedule_id: str) -> str:
    """What is no id is no key of the store either.

    Raises:
        Reject: code NOT_FOUND.
    """
    if not _ID.fullmatch(schedule_id):
        raise missing("no schedule of that id")
    return schedule_id
