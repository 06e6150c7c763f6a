"""The shapes that the API answers and the pages show, made of rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from framewright.contracts.scans import ScanCount
from framewright.domain.outcome import Outcome
from framewright.formats.framepack import ExtractionReport
from framewright.ui.domain.attempts import Attempts
from framewright.ui.domain.priorities import priority_of
from framewright.ui.domain.rows import EventRow, FileRow, JobRow, ServerRow
from framewright.ui.domain.standing import CANCELLED_BECAUSE, ending, halted, standing
from framewright.ui.domain.status import (
    JobStatus,
    announced,
    completed_at,
    completed_items,
    failed_items,
    lane_of,
    percentage,
    status_of,
    total_items,
    warning,
)

PREVIEWED_FILES = 20

Names = Mapping[str, tuple[str, str]]
"""Server id to (name, type), for servers whose verdict was never seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """One server of one file."""

    server_id: str
    server_name: str
    server_type: str
    outcome: Outcome
    at: datetime
    reason: str = ""
    code: str = ""
    outputs: tuple[str, ...] = ()
    call: str = ""
    attempt: int = 1
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """One file of a job; `reason` is that of the server, or of the word about the file, that gave it its outcome."""

    path: str
    path_id: str
    outcome: Outcome
    reason: str
    servers: tuple[ServerView, ...]
    pack: str = ""
    partial: bool = False
    reused: bool = False
    report: ExtractionReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """How the files of a job stand on one server: number of files by outcome."""

    server_id: str
    server_name: str
    server_type: str
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A worker that reported progress within the last half minute; `type` is gpu or cpu, by the device it works on."""

    id: str
    type: str
    device: str
    status: str
    current_item: str
    path_id: str
    progress: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """One job; `completed_items` are settled files that neither failed nor were cancelled, `cover` has frames to show.

    `priority` is 1 (high), 2 (normal) or 3 (low). `scan` is what a scan counted so far, `note` what it says of itself, `repeats`
    the job that this one was made from.
    """

    id: str
    status: JobStatus
    library_id: str
    library_name: str
    progress: int
    total_items: int
    completed_items: int
    failed_items: int
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    source: str
    kind: str
    error: str
    warning: str
    cover: str
    publishers: tuple[Publisher, ...]
    priority: int
    server_id: str
    schedule_id: str
    event_id: str
    repeats: str
    note: str
    scan: ScanCount | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDetail(JobView):
    """One job with its first files, whoever works on it now, and its tries in short."""

    files: tuple[FileView, ...]
    workers: tuple[Worker, ...]
    attempts: Attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """A page of jobs, newest first."""

    jobs: tuple[JobView, ...]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePage:
    """A page of a job's files."""

    files: tuple[FileView, ...]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One row of the webhook history; `timestamp` is ISO 8601 with its offset.

    `count` is more than one where one row stands for many refused requests; `replay_of` names the event that was replayed.
    """

    timestamp: str
    source: str
    event_type: str
    title: str
    status: str
    job_id: str
    path_count: int
    files_preview: tuple[str, ...]
    reason: str
    event_id: str
    count: int
    replay_of: str


@dataclass(frozen=True, slots=True)
class Extras:
    """What a job's view needs beyond its row: a reason of failure, a file with frames, servers, live work in files."""

    error: str = ""
    cover: str = ""
    publishers: tuple[Publisher, ...] = ()
    live: float = 0.0


def server_view(file: FileRow, row: ServerRow, names: Names, cancelled_at: datetime | None = None) -> ServerView:
    """Where one server stands, given when its job was cancelled."""
    mark = halted(standing(file.own, row.mark), cancelled_at)
    name, kind = names.get(row.server_id, ("", ""))
    return ServerView(
        server_id=row.server_id,
        server_name=row.name or name or row.server_id,
        server_type=row.type or kind,
        outcome=mark.outcome,
        at=mark.at,
        reason=mark.reason,
        code=mark.code,
        outputs=mark.outputs,
        call=mark.call,
        attempt=mark.attempt,
        next_try=mark.next_try,
    )


def file_view(file: FileRow, rows: Iterable[ServerRow], names: Names, cancelled_at: datetime | None = None) -> FileView:
    """One file with its servers, by name; what is open ended when the job was cancelled."""
    seen = (server_view(file, row, names, cancelled_at) for row in rows)
    views = tuple(sorted(seen, key=lambda view: view.server_name))
    pack = file.pack
    return FileView(
        path=file.path,
        path_id=file.path_id,
        outcome=ending(file.outcome, cancelled_at),
        reason=_reason(file, views, cancelled_at),
        servers=views,
        pack=pack.key if pack else "",
        partial=pack.partial if pack else False,
        reused=pack.reused if pack else False,
        report=pack.report if pack else None,
    )


def job_view(job: JobRow, extras: Extras) -> JobView:
    """One job as lists show it."""
    birth = announced(job)
    status = status_of(job)
    return JobView(
        id=job.id,
        status=status,
        library_id=birth.library_id if birth else "",
        library_name=birth.title if birth else "",
        progress=percentage(job, extras.live),
        total_items=total_items(job),
        completed_items=completed_items(job),
        failed_items=failed_items(job),
        created_at=job.created_at or job.first_at,
        started_at=job.started_at,
        completed_at=completed_at(job),
        source=birth.source if birth else "",
        kind=birth.kind if birth else "",
        error=(extras.error or _scan_note(job)) if status is JobStatus.FAILED else "",
        warning=warning(job),
        cover=extras.cover,
        publishers=extras.publishers,
        priority=priority_of(lane_of(job)),
        server_id=birth.server_id if birth else "",
        schedule_id=birth.schedule_id if birth else "",
        event_id=birth.event_id if birth else "",
        repeats=birth.repeats if birth else "",
        note=_scan_note(job),
        scan=job.scan.count if job.scan else None,
    )


def job_detail(job: JobView, files: Sequence[FileView], workers: Sequence[Worker], attempts: Attempts) -> JobDetail:
    """One job as its own page shows it."""
    shared = {one.name: getattr(job, one.name) for one in fields(job)}
    return JobDetail(**shared, files=tuple(files), workers=tuple(workers), attempts=attempts)


def history_event(row: EventRow, job_id: str) -> HistoryEvent:
    """One webhook as the history shows it."""
    return HistoryEvent(
        timestamp=row.at.isoformat(),
        source=row.source,
        event_type=row.event_type,
        title=row.title,
        status=row.status,
        job_id=job_id,
        path_count=len(row.paths),
        files_preview=tuple(base_name(path) for path in row.paths[:PREVIEWED_FILES]),
        reason=row.reason,
        event_id=row.event_id,
        count=row.count,
        replay_of=row.replay_of,
    )


def base_name(path: str) -> str:
    """The last part of a path in either spelling."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def strip_slots(count: int, cells: int) -> list[int]:
    """Up to `cells` slots of `count`, evenly spaced, each in the middle of its stretch."""
    cells = min(count, cells)
    return [(2 * cell + 1) * count // (2 * cells) for cell in range(cells)]


def _scan_note(job: JobRow) -> str:
    return job.scan.note if job.scan else ""


def _reason(file: FileRow, views: Sequence[ServerView], cancelled_at: datetime | None) -> str:
    """Why the file stands where it does; while it is open, why it waits."""
    if cancelled_at and not file.outcome.settled:
        return CANCELLED_BECAUSE
    telling = {file.outcome} if file.outcome.settled else {Outcome.WAITING, Outcome.RUNNING}
    own = file.own.reason if file.own and file.own.outcome in telling else ""
    return next((view.reason for view in views if view.reason and view.outcome in telling), own)
