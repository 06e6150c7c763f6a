"""`/api/jobs`: what was asked for and how it ended, file by file and server by server."""

import time
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from framewright.domain.outcome import Outcome
from framewright.ui.domain.ports import FileFilter, Slice
from framewright.ui.domain.status import JobStatus
from framewright.ui.domain.views import FilePage, FileView, JobDetail, JobPage, JobView, job_detail
from framewright.ui.handlers.answers import Json, documented, invalid, missing
from framewright.ui.handlers.desk import Desk

FIRST_FILES = 100
"""Files in the answer to a single job; the rest is read page by page."""

Page = Annotated[int, Query(ge=1, le=1_000_000, description="counts from 1")]
PerPage = Annotated[int, Query(ge=1, le=500)]


def routes(desk: Desk) -> APIRouter:
    """Lists and details."""
    router = APIRouter(prefix="/api/jobs", tags=["jobs"])

    @router.get("", summary="All jobs, newest first", responses=documented(JobPage))
    async def jobs(status: str = "", page: Page = 1, per_page: PerPage = 50) -> Response:
        found, total = await desk.archive.jobs(_statuses(status), Slice(page, per_page))
        return Json(JobPage(jobs=tuple(found), total=total, page=page, per_page=per_page))

    @router.get("/{job_id}", summary="One job", responses=documented(JobDetail))
    async def job(job_id: str) -> Response:
        found = await existing_job(desk, job_id)
        files, _ = await desk.archive.files(job_id, FileFilter(), Slice(1, FIRST_FILES))
        return Json(job_detail(found, files, desk.board.workers(time.monotonic(), job_id)))

    @router.get("/{job_id}/files", summary="Files of a job", responses=documented(FilePage))
    async def files(
        job_id: str, outcome: str = "", search: str = "", page: Page = 1, per_page: PerPage = 100
    ) -> Response:
        await existing_job(desk, job_id)
        wanted = FileFilter(known_outcome(outcome), search)
        found, total = await desk.archive.files(job_id, wanted, Slice(page, per_page))
        return Json(FilePage(files=tuple(found), total=total, page=page, per_page=per_page))

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


def _statuses(words: str) -> list[str]:
    chosen = [word for word in words.split(",") if word]
    if not frozenset(JobStatus).issuperset(chosen):
        raise invalid("status", f"must be of {', '.join(JobStatus)}, several separated by commas")
    return chosen
