"""The rows that a batch of facts touches, by their keys."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from framewright.ui.domain.rows import EventRow, FileKey, FileRow, JobRow, ServerRow, Trouble, Try


@dataclass(slots=True)
class Ledger:
    """The rows in work."""

    jobs: dict[str, JobRow] = field(default_factory=dict[str, JobRow])
    files: dict[FileKey, FileRow] = field(default_factory=dict[FileKey, FileRow])
    servers: dict[FileKey, dict[str, ServerRow]] = field(default_factory=dict[FileKey, dict[str, ServerRow]])
    tries: dict[FileKey, tuple[Try, ...]] = field(default_factory=dict[FileKey, tuple[Try, ...]])
    events: dict[str, EventRow] = field(default_factory=dict[str, EventRow])
    troubles: dict[str, Trouble] = field(default_factory=dict[str, Trouble])


@dataclass(frozen=True, slots=True)
class Touched:
    """Keys of the rows that a fact may change; `tried` when the tries of the files are among them."""

    jobs: tuple[str, ...] = ()
    files: tuple[FileKey, ...] = ()
    tried: bool = False
    event: str = ""
    server: str = ""


def job_at(ledger: Ledger, job_id: str, at: datetime) -> JobRow:
    """The job, or a stub of it, aware of this moment."""
    job = ledger.jobs.get(job_id) or JobRow(job_id, at, at)
    return replace(job, first_at=min(job.first_at, at), last_at=max(job.last_at, at))


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The first of two moments, of which either may be unknown."""
    return min(_known((one, other)), default=None)


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The last of two moments, of which either may be unknown."""
    return max(_known((one, other)), default=None)


def _known(moments: Iterable[datetime | None]) -> list[datetime]:
    return [moment for moment in moments if moment is not None]
