"""The dashboard and the job page; fragments of them are fetched again when a live event says that they changed."""

import contextlib
import time

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from framewright.contracts.server import Server, redacted
from framewright.domain.errors import Reject, Retry
from framewright.domain.outcome import Outcome
from framewright.ui.domain.devices import cpu_panel, gpu_panels
from framewright.ui.domain.ports import FileFilter, JobFilter, Slice
from framewright.ui.domain.rows import Trouble
from framewright.ui.domain.standing import BAD
from framewright.ui.domain.status import JobStatus
from framewright.ui.domain.views import JobView, ServerView
from framewright.ui.handlers.answers import missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.jobs import Page, existing_job, known_outcome
from framewright.ui.handlers.processing import processing_state

RUNNING_SHOWN = 20
FINISHED_SHOWN = 15
CARD_FILES = 8
HISTORY_SHOWN = 12
PENDING_SHOWN = 10
PAGE_FILES = 50

OPEN = [JobStatus.RUNNING.value, JobStatus.PENDING.value]
FINISHED = [status.value for status in JobStatus if status.finished]

_YEAR = 31_536_000


def routes(desk: Desk) -> APIRouter:
    """Pages, fragments and static files."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def dashboard(request: Request) -> Response:
        live_id = desk.live.last_id
        parts = {
            "live_id": live_id,
            **await _jobs(desk),
            **await _servers(desk),
            **_devices(desk),
            **await _history(desk),
        }
        parts |= {**_processing(desk), **await _pending(desk), "origin": _origin(request)}
        return _html(desk, "dashboard.html", parts)

    @router.get("/partials/jobs")
    async def jobs(request: Request) -> Response:
        return _html(desk, "partials/jobs.html", {**await _jobs(desk), "origin": _origin(request)})

    @router.get("/partials/job/{job_id}")
    async def job(job_id: str) -> Response:
        found = await existing_job(desk, job_id)
        return _html(desk, "partials/job.html", {"job": found, "card": await _card(desk, found)})

    @router.get("/partials/servers")
    async def servers(request: Request) -> Response:
        return _html(desk, "partials/servers.html", {**await _servers(desk), "origin": _origin(request)})

    @router.get("/partials/devices")
    async def devices() -> Response:
        return _html(desk, "partials/devices.html", _devices(desk))

    @router.get("/partials/history")
    async def history(request: Request) -> Response:
        return _html(desk, "partials/history.html", {**await _history(desk), "origin": _origin(request)})

    router.include_router(_waiting(desk))
    router.include_router(_job_pages(desk))
    router.include_router(_files(desk))
    return router


def _waiting(desk: Desk) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/partials/processing")
    async def processing() -> Response:
        return _html(desk, "partials/processing.html", _processing(desk))

    @router.get("/partials/pending")
    async def pending() -> Response:
        return _html(desk, "partials/pending.html", await _pending(desk))

    return router


def _job_pages(desk: Desk) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    async def context(job_id: str, outcome: str, search: str, page: int) -> dict[str, object]:
        live_id = desk.live.last_id
        job = await existing_job(desk, job_id)
        wanted = FileFilter(known_outcome(outcome), search)
        files, total = await desk.archive.files(job_id, wanted, Slice(page, PAGE_FILES))
        return {
            "live_id": live_id,
            "job": job,
            "files": files,
            "total": total,
            "page": page,
            "pages": max(1, -(-total // PAGE_FILES)),
            "wanted": wanted,
            "outcomes": list(Outcome),
            "workers": desk.board.workers(time.monotonic(), job_id),
            "held": desk.jobs.held(),
            "attempts": await desk.jobs.book.in_short(job_id),
            "tries": await desk.jobs.book.tries([(job_id, file.path_id) for file in files]),
            "failed": await desk.jobs.book.number_of_files(job_id, BAD),
        }

    @router.get("/jobs/{job_id}")
    async def show(job_id: str, outcome: str = "", search: str = "", page: Page = 1) -> Response:
        try:
            return _html(desk, "job.html", await context(job_id, outcome, search, page))
        except Reject as error:
            if error.code != "NOT_FOUND":
                raise
            return HTMLResponse(desk.pages.render("gone.html", {"job_id": job_id}), 404)

    @router.get("/partials/jobs/{job_id}")
    async def body(job_id: str, outcome: str = "", search: str = "", page: Page = 1) -> Response:
        return _html(desk, "partials/job_body.html", await context(job_id, outcome, search, page))

    return router


def _files(desk: Desk) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{version}/{name}")
    async def static(version: str, name: str) -> Response:
        found = desk.assets.get(version, name)
        if found is None:
            raise missing("no such file in this version of the pages")
        content, kind = found
        return Response(content, media_type=kind, headers={"Cache-Control": f"public, max-age={_YEAR}, immutable"})

    return router


async def _jobs(desk: Desk) -> dict[str, object]:
    running, _ = await desk.archive.jobs(JobFilter(OPEN), Slice(1, RUNNING_SHOWN))
    finished, _ = await desk.archive.jobs(JobFilter(FINISHED), Slice(1, FINISHED_SHOWN))
    cards = {job.id: await _card(desk, job) for job in (*running, *finished)}
    running.sort(key=lambda job: job.status is not JobStatus.RUNNING)
    return {"running": running, "finished": finished, "cards": cards, "counts": await desk.archive.counts()}


async def _card(desk: Desk, job: JobView) -> dict[str, object]:
    files, total = await desk.archive.files(job.id, FileFilter(), Slice(1, CARD_FILES))
    workers = desk.board.workers(time.monotonic(), job.id)
    return {"files": files, "more": total - len(files), "workers": workers, "held": desk.jobs.held()}


async def _servers(desk: Desk) -> dict[str, object]:
    last, troubles = await desk.archive.last_outcomes(), await desk.jobs.book.troubles()
    return {"servers": [_server(one, last.get(one.id), troubles.get(one.id)) for one in desk.config.servers]}


def _server(server: Server, last: ServerView | None, trouble: Trouble | None) -> dict[str, object]:
    return {**redacted(server), "last": last, "trouble": trouble}


def _processing(desk: Desk) -> dict[str, object]:
    return {"processing": processing_state(desk)}


async def _pending(desk: Desk) -> dict[str, object]:
    """What waits for its time; None while the bus does not say, because all else on the page can be shown without it."""
    pending = None
    with contextlib.suppress(Retry):
        pending = await desk.journal.pending()
    return {"pending": pending, "shown": PENDING_SHOWN}


def _devices(desk: Desk) -> dict[str, object]:
    present, settings = desk.extractors.present(), desk.config.settings
    return {"extractors": present, "gpus": gpu_panels(present, settings), "cpu": cpu_panel(present, settings)}


async def _history(desk: Desk) -> dict[str, object]:
    return {"events": await desk.archive.history(HISTORY_SHOWN)}


def _html(desk: Desk, template: str, context: dict[str, object]) -> Response:
    return HTMLResponse(desk.pages.render(template, context))


def _origin(request: Request) -> str:
    """The address people reach us by, for the commands shown to them."""
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    return f"{scheme}://{request.headers.get('x-forwarded-host') or request.headers.get('host', 'localhost')}"
