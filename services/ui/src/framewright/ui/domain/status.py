"""The status rules of a job: derived from its counters, never stored as a decision of its own."""

from datetime import datetime
from enum import StrEnum

from framewright.contracts.base import Lane
from framewright.contracts.scans import ScanKind
from framewright.ui.domain.rows import Birth, JobRow


class JobStatus(StrEnum):
    """Where a job stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """Whether nothing of the job is open."""
        return self not in {JobStatus.PENDING, JobStatus.RUNNING}


SCANS = frozenset({"scan", *ScanKind})
"""Kinds of jobs whose files come from a scan; until the scan speaks nobody knows how many there are."""


def announced(job: JobRow) -> Birth | None:
    """What the job says of itself; None while only facts about its files are known."""
    return job.birth or next(iter(job.folders), None)


def lane_of(job: JobRow) -> Lane:
    """How urgent the job is: as an operator said, else as it was announced."""
    birth = announced(job)
    if job.move is not None:
        return job.move.lane
    return birth.lane if birth else Lane.HI


def total_items(job: JobRow) -> int:
    """Files of the job: as its scan counts them, as announced, or as many as were seen where that was an estimate too low."""
    scan = job.scan
    if scan is None:
        return max(_announced_total(job), job.files)
    found = counted_items(job) + max(scan.count.queued, job.files)
    return found if scan.finished else max(scan.total, found)


def counted_items(job: JobRow) -> int:
    """Files that a scan dealt with by itself: there is nothing to do for them, and no fact but the count."""
    if job.scan is None:
        return 0
    count = job.scan.count
    return count.up_to_date + count.excluded + count.not_owned + count.missing + count.failed


def settled_items(job: JobRow) -> int:
    """Files of which nothing more is to come."""
    return total_items(job) if job.cancelled_at else job.settled + counted_items(job)


def failed_items(job: JobRow) -> int:
    """Files that failed on a server, were missing or could not be looked at."""
    return job.failed + _failed_in_scan(job)


def cancelled_items(job: JobRow) -> int:
    """Files that an operator stopped: told so one by one, or open when the whole job was cancelled."""
    open_items = total_items(job) - job.settled - counted_items(job) if job.cancelled_at else 0
    return job.cancelled + open_items


def completed_items(job: JobRow) -> int:
    """Files that are settled, and neither failed nor cancelled."""
    return settled_items(job) - failed_items(job) - cancelled_items(job)


def status_of(job: JobRow) -> JobStatus:
    """Failed only when no file reached anybody; cancelled as soon as one file was, once all are settled."""
    total = total_items(job)
    if job.cancelled_at is None and (_is_unknown(job) or settled_items(job) < total):
        return JobStatus.RUNNING if job.started_at else JobStatus.PENDING
    if cancelled_items(job) or (job.cancelled_at and (_is_unknown(job) or not total)):
        return JobStatus.CANCELLED
    lost = job.lost + _failed_in_scan(job)
    return JobStatus.FAILED if lost and lost == total else JobStatus.COMPLETED


def completed_at(job: JobRow) -> datetime | None:
    """When the last file settled, or an operator cancelled the rest; None while one is open."""
    status = status_of(job)
    if not status.finished:
        return None
    if status is JobStatus.CANCELLED and job.cancelled_at:
        return job.cancelled_at
    return job.settled_at or job.created_at


def warning(job: JobRow) -> str:
    """Why a job that reached its end deserves a second look; empty when it does not."""
    status, failed = status_of(job), failed_items(job)
    if status is JobStatus.COMPLETED and total_items(job) == 0:
        return "there was no file to work on"
    if status is JobStatus.COMPLETED and failed:
        return f"{failed} of {total_items(job)} files failed on a server"
    return ""


def percentage(job: JobRow, live: float = 0.0) -> int:
    """Whole percent; `live` is how much of the files in work is done, in files. 100 only at the end."""
    if status_of(job).finished:
        return 100
    total = total_items(job)
    return min(99, int(100 * (settled_items(job) + live) / total)) if total else 0


def _is_unknown(job: JobRow) -> bool:
    """Whether nobody can say yet how many files there are."""
    if job.scan is not None:
        return not job.scan.finished
    birth = announced(job)
    return not total_items(job) and (birth is None or birth.kind in SCANS)


def _announced_total(job: JobRow) -> int:
    """A folder stands for its videos, and is itself one of the paths that the job was asked for."""
    paths = max(0, job.birth.total - len(job.folders)) if job.birth else 0
    return paths + sum(folder.total for folder in job.folders)


def _failed_in_scan(job: JobRow) -> int:
    return job.scan.count.missing + job.scan.count.failed if job.scan else 0
