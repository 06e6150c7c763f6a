"""`/api/jobs`: what was asked for and how it ended, file by file, server by server and try by try."""

import time
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from framewright.domain.outcome import Outcome
from framewright.ui.domain.attempts import AttemptPage
from framewright.ui.domain.ports import FileFilter, JobFilter, Slice
from framewright.ui.domain.status import JobStatus
from framewright.ui.domain.views import FilePage, FileView, JobDetail, JobPage, JobView, job_detail
from framewright.ui.handlers.answers import Json, invalid, missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.document import documented

FIRST_FILES = 100
"""Files in the answer to a single job; the rest is read page by page."""

Page = Annotated[int, Query(ge=1, le=1_000_000, description="counts from 1")]
PerPage = Annotated[int, Query(ge=1, le=500)]
Words = Annotated[str, Query(max_length=500)]


def routes(desk: Desk) -> APIRouter:
    """Lists and details."""
    router = APIRouter(prefix="/api/jobs", tags=["jobs"])

    @router.get("", summary="All jobs, newest first", responses=documented(JobPage))
    async def jobs(
        status: str = "", source: Words = "", search: Words = "", page: Page = 1, per_page: PerPage = 50
    ) -> Response:
        wanted = JobFilter(_statuses(status), source, search)
        found, total = await desk.archive.jobs(wanted, Slice(page, per_page))
        return Json(JobPage(jobs=tuple(found), total=total, page=page, per_page=per_page))

    @router.get("/stats", summary="Number of jobs by status")
    async def stats() -> Response:
        return Json(await desk.archive.counts())

    @router.get("/workers", summary="Who works on what right now")
    async def workers() -> Response:
        return Json({"workers": desk.board.workers(time.monotonic())})

    @router.get("/{job_id}", summary="One job", responses=documented(JobDetail))
    async def job(job_id: str) -> Response:
        found = await existing_job(desk, job_id)
        files, _ = await desk.archive.files(job_id, FileFilter(), Slice(1, FIRST_FILES))
        workers = desk.board.workers(time.monotonic(), job_id)
        return Json(job_detail(found, files, workers, await desk.jobs.book.in_short(job_id)))

    router.include_router(_fine_print(desk))
    return router


def _fine_print(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/{job_id}/files", summary="Files of a job", responses=documented(FilePage))
    async def files(
        job_id: str, outcome: str = "", search: Words = "", page: Page = 1, per_page: PerPage = 100
    ) -> Response:
        await existing_job(desk, job_id)
        wanted = FileFilter(known_outcome(outcome), search)
        found, total = await desk.archive.files(job_id, wanted, Slice(page, per_page))
        return Json(FilePage(files=tuple(found), total=total, page=page, per_page=per_page))

    @router.get("/{job_id}/attempts", summary="Every try of every file", responses=documented(AttemptPage))
    async def attempts(
        job_id: str, outcome: str = "", search: Words = "", page: Page = 1, per_page: PerPage = 100
    ) -> Response:
        await existing_job(desk, job_id)
        wanted = FileFilter(known_outcome(outcome), search)
        found, total = await desk.jobs.book.attempts(job_id, wanted, Slice(page, per_page))
        return Json(AttemptPage(attempts=tuple(found), total=total, page=page, per_page=per_page))

    return router


async def existing_job(desk: Desk, job_id: str) -> JobView:
    """The job.

    Raises:
        Reject: code NOT_FOUND.
    """
    found = await desk.archive.job(job_id)
    if found is None:
        raise missing(f"no job {job_id!r}")
    return found


async def existing_file(desk: Desk, job_id: str, path_id: str) -> FileView:
    """One file of a job.

    Raises:
        Reject: code NOT_FOUND.
    """
    found = await desk.archive.some_files([(job_id, path_id)])
    if not found:
        raise missing(f"job {job_id!r} has no file {path_id!r}")
    return found[0]


def known_outcome(word: str) -> str:
    """The word, when it is an outcome or empty.

    Raises:
        Reject: code VALIDATION_ERROR.
    """
    if word and word not in frozenset(Outcome):
        raise invalid("outcome", f"must be one of {', '.join(Outcome)}")
    return word


def known_statuses(words: list[str], field: str = "status") -> list[str]:
    """The words, when all of them are statuses.

    Raises:
        Reject: code VALIDATION_ERROR.
    """
    if not frozenset(JobStatus).issuperset(words):
        raise invalid(field, f"must be of {', '.join(JobStatus)}, several separated by commas")
    return words


def _statuses(words: str) -> list[str]:
    return known_statuses([word for word in words.split(",") if word])
