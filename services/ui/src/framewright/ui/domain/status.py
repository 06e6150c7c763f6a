"""The status rules of a job: derived from its counters, never stored as a decision of its own."""

from datetime import datetime
from enum import StrEnum

from framewright.ui.domain.rows import JobRow


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


def total_items(job: JobRow) -> int:
    """Files of the job: as announced, or as many as were seen when the announcement was an estimate too low."""
    return max(job.birth.total if job.birth else 0, job.files)


def completed_items(job: JobRow) -> int:
    """Files that are settled, and neither failed nor cancelled."""
    return job.settled - job.failed - job.cancelled


def status_of(job: JobRow) -> JobStatus:
    """Failed only when no file reached anybody; cancelled as soon as one file was, once all are settled."""
    total = total_items(job)
    if job.settled < total or (total == 0 and job.birth is None):
        return JobStatus.RUNNING if job.started_at else JobStatus.PENDING
    if job.cancelled:
        return JobStatus.CANCELLED
    return JobStatus.FAILED if job.lost and job.lost == total else JobStatus.COMPLETED


def completed_at(job: JobRow) -> datetime | None:
    """When the last file settled; None while one is open."""
    if not status_of(job).finished:
        return None
    return job.settled_at or job.created_at


def warning(job: JobRow) -> str:
    """Why a job that reached its end deserves a second look; empty when it does not."""
    status = status_of(job)
    if status is JobStatus.COMPLETED and total_items(job) == 0:
        return "there was no file to work on"
    if status is JobStatus.COMPLETED and job.failed:
        return f"{job.failed} of {total_items(job)} files failed on a server"
    return ""


def percentage(job: JobRow, live: float = 0.0) -> int:
    """Whole percent; `live` is how much of the files in work is done, in files. 100 only at the end."""
    if status_of(job).finished:
        return 100
    total = total_items(job)
    return min(99, int(100 * (job.settled + live) / total)) if total else 0
