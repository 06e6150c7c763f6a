"""Whole-library work: a tick of a schedule, the scan that follows, and how far a scan has come."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from framewright.contracts.base import Lane, Message


class ScanKind(StrEnum):
    """What a scan goes through: everything, or what was added lately."""

    FULL_LIBRARY = "full_library"
    RECENTLY_ADDED = "recently_added"


class SortBy(StrEnum):
    """In which order the items of a scan are taken; `natural` is the server's own."""

    NEWEST = "newest"
    OLDEST = "oldest"
    RANDOM = "random"
    NATURAL = ""


class TickV1(Message, frozen=True, kw_only=True):
    """The time of a schedule has come; the server sends it again and again, so it carries nothing that may grow old.

    `job_id` is there when an operator asked for a run: the id of that run, if no other one is under way.
    """

    HEAD: ClassVar[str] = "tick.v1"
    schedule_id: str
    job_id: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.schedule_id,)

    def dedupe_key(self) -> str:
        return f"tick.{self.schedule_id}.{self.job_id}" if self.job_id else f"tick.{self.schedule_id}"


class ScanRequestedV1(Message, frozen=True, kw_only=True):
    """Go through libraries, page by page, and queue every file whose outputs are not fresh.

    An empty `server_id` means every enabled server, empty `library_ids` every enabled library. `lookback_hours` counts for
    `recently_added` only. After `stop_at` the scan rests where it is until its schedule starts it again. `repeats` is the job that this one repeats.
    """

    HEAD: ClassVar[str] = "scan.v1"
    job_id: str
    title: str
    source: str
    requested_at: datetime
    server_id: str = ""
    library_ids: tuple[str, ...] = ()
    kind: ScanKind = ScanKind.FULL_LIBRARY
    lookback_hours: float = 0.0
    sort_by: SortBy = SortBy.NEWEST
    lane: Lane = Lane.LOW
    regenerate: bool = False
    schedule_id: str = ""
    stop_at: datetime | None = None
    repeats: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.job_id,)

    def dedupe_key(self) -> str:
        return f"scan.{self.job_id}.{self.requested_at.isoformat()}"


class ScanCount(msgspec.Struct, frozen=True):
    """What became of the items that a scan looked at so far."""

    checked: int = 0
    queued: int = 0
    up_to_date: int = 0
    excluded: int = 0
    not_owned: int = 0
    missing: int = 0
    failed: int = 0


class ScanPart(msgspec.Struct, frozen=True, kw_only=True):
    """One library of one server, as far as the scan has come in it: `cursor` is where the next page begins.

    `root` is the local folder of a library that is walked here. A part that could not be read waits until `next_try`;
    `tries` counts that, `note` says why.
    """

    server_id: str
    library_id: str
    root: str = ""
    cursor: str = ""
    total: int | None = None
    seen: int = 0
    done: bool = False
    tries: int = 0
    next_try: datetime | None = None
    note: str = ""


class ScanState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a scan has come; bucket `jobs`, key `scan.<job id>`.

    `outbox` are the local paths of the last page that are to be queued: they are counted already, and queued again by
    whoever takes the scan up after a crash. `worker` is the process that wrote this, `interrupted_at` when it was stopped.
    `taken` counts earlier pages with a `scan.<job id>.taken.<n>` of their own, for scans over several servers.
    """

    job_id: str
    at: datetime
    parts: tuple[ScanPart, ...] = ()
    page: int = 0
    taken: int = 0
    count: ScanCount = ScanCount()
    outbox: tuple[str, ...] = ()
    finished: bool = False
    worker: str = ""
    since: datetime | None = None
    interrupted_at: datetime | None = None

    @property
    def total(self) -> int:
        """What the servers announce, and never less than what was seen."""
        return sum(max(part.total or 0, part.seen) if not part.done else part.seen for part in self.parts)


STATE_SECONDS = 30 * 86_400


def scan_key(job_id: str) -> str:
    """The key of a scan's state."""
    return f"scan.{job_id}"
