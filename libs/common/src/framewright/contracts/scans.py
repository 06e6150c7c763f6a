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
    """The time of a schedule has come; the server sends it again and again, so it carries nothing that may grow old."""

    HEAD: ClassVar[str] = "tick.v1"
    schedule_id: str

    def tokens(self) -> tuple[str, ...]:
        return (self.schedule_id,)

    def dedupe_key(self) -> str:
        return f"tick.{self.schedule_id}"


class ScanRequestedV1(Message, frozen=True, kw_only=True):
    """Go through libraries, page by page, and queue every file whose outputs are not fresh.

    An empty `server_id` means every enabled server, empty `library_ids` every enabled library. `lookback_hours` counts for
    `recently_added` only. After `stop_at` the scan rests where it is until its schedule starts it again.
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
