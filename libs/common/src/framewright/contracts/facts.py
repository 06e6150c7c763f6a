"""Facts: what happened, in the past tense, for the ui and for operators. Nobody acts on them to do the work itself."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from framewright.contracts.base import Lane, Message
from framewright.contracts.scans import ScanCount
from framewright.domain.frames import FileVersion
from framewright.domain.outcome import Outcome
from framewright.formats.framepack import ExtractionReport


class EventClassifiedV1(Message, frozen=True, kw_only=True):
    """A raw event was understood (or not): one row of the webhook history.

    `status` is test, disabled, ignored, ignored_no_path, queued, duplicate, playback, quarantined, unrecognised or refused
    (`count` senders' requests that were not even stored, all in one row).
    """

    HEAD: ClassVar[str] = "events.v1.classified"
    event_id: str
    at: datetime
    source: str
    event_type: str
    title: str
    status: str
    reason: str = ""
    paths: tuple[str, ...] = ()
    count: int = 1
    replay_of: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.event_id,)

    def dedupe_key(self) -> str:
        return f"classified.{self.event_id}.{self.status}"


class JobCreatedV1(Message, frozen=True, kw_only=True):
    """Work that people see as one job came to be; `total` is the number of files, known or estimated.

    `repeats` is the job that this one was made from by an operator who wants its files once more.
    """

    HEAD: ClassVar[str] = "events.v1.job-created"
    job_id: str
    at: datetime
    kind: str
    title: str
    source: str
    total: int
    event_id: str = ""
    library_id: str = ""
    server_id: str = ""
    schedule_id: str = ""
    lane: Lane = Lane.HI
    repeats: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.job_id,)

    def dedupe_key(self) -> str:
        return f"job.{self.job_id}.{self.total}"


class ScanProgressedV1(Message, frozen=True, kw_only=True):
    """A scan has come this far: `count` is of the whole scan, not of the last page, so that the newest fact is enough.

    `total` is what the servers announce. Files that were queued have facts of their own, the others are only counted.
    """

    HEAD: ClassVar[str] = "events.v1.scanned"
    job_id: str
    at: datetime
    page: int
    total: int
    count: ScanCount
    finished: bool = False
    note: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.job_id,)

    def dedupe_key(self) -> str:
        return f"scanned.{self.job_id}.{self.page}.{self.finished}.{self.note}"


class JobChange(StrEnum):
    """What an operator did to a job."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    DELETED = "deleted"


class JobChangedV1(Message, frozen=True, kw_only=True):
    """An operator cancelled a job, gave it another urgency (`lane`), or removed it from the list."""

    HEAD: ClassVar[str] = "events.v1.job-changed"
    job_id: str
    at: datetime
    change: JobChange
    lane: Lane | None = None

    def tokens(self) -> tuple[str, ...]:
        return (self.job_id,)

    def dedupe_key(self) -> str:
        return f"job-changed.{self.job_id}.{self.change}.{self.lane}.{self.at.isoformat()}"


class ServerTroubleV1(Message, frozen=True, kw_only=True):
    """A server stopped taking calls, or takes them again: `code` is empty when all is well (see `SERVER_CODES`)."""

    HEAD: ClassVar[str] = "events.v1.server"
    server_id: str
    at: datetime
    code: str = ""
    reason: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.server_id,)

    def dedupe_key(self) -> str:
        return f"server.{self.server_id}.{self.code}.{self.at.isoformat()}"


class ServerVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the router decided for one server, with the reason; `outcome` is waiting where work follows."""

    server_id: str
    server_name: str
    server_type: str
    outcome: Outcome
    reason: str = ""


class FileRoutedV1(Message, frozen=True, kw_only=True):
    """A file of a job was resolved: which servers get outputs, which do not and why.

    With no servers at all `outcome` and `reason` say how the file itself ended.
    """

    HEAD: ClassVar[str] = "events.v1.routed"
    job_id: str
    path_id: str
    path: str
    at: datetime
    outcome: Outcome
    reason: str = ""
    servers: tuple[ServerVerdict, ...] = ()

    def tokens(self) -> tuple[str, ...]:
        return (self.job_id, self.path_id)

    def dedupe_key(self) -> str:
        return f"routed.{self.job_id}.{self.path_id}.{self.outcome}"


class ExtractionStartedV1(Message, frozen=True, kw_only=True):
    """A worker took the file."""

    HEAD: ClassVar[str] = "events.v1.extracting"
    job_ids: tuple[str, ...]
    path_id: str
    path: str
    at: datetime
    worker: str
    delivery: int

    def tokens(self) -> tuple[str, ...]:
        return (self.path_id,)

    def dedupe_key(self) -> str:
        return f"extracting.{'+'.join(self.job_ids)}.{self.path_id}.{self.worker}.{self.delivery}"


class FramesExtractedV1(Message, frozen=True, kw_only=True):
    """The frames of a file are in the store; `reused` when an earlier pack served and nothing was decoded.

    One decode may fill several packs: the costs in `report` are to be added up where `shares_decode` is false.
    """

    HEAD: ClassVar[str] = "events.v1.extracted"
    job_ids: tuple[str, ...]
    path_id: str
    path: str
    at: datetime
    pack: str
    version: FileVersion
    reused: bool
    partial: bool
    report: ExtractionReport
    shares_decode: bool = False

    def tokens(self) -> tuple[str, ...]:
        return (self.path_id,)

    def dedupe_key(self) -> str:
        return f"extracted.{'+'.join(self.job_ids)}.{self.path_id}.{self.pack}.{self.reused}"


class FileSettledV1(Message, frozen=True, kw_only=True):
    """Where one file stands on one server (or on all, with an empty `server_id`): settled, or waiting for `next_try`.

    `outputs` are local paths; `call` says in words what the server was told.
    """

    HEAD: ClassVar[str] = "events.v1.settled"
    job_ids: tuple[str, ...]
    path_id: str
    path: str
    at: datetime
    outcome: Outcome
    server_id: str = ""
    reason: str = ""
    code: str = ""
    outputs: tuple[str, ...] = ()
    call: str = ""
    pack: str = ""
    attempt: int = 1
    next_try: datetime | None = None

    def tokens(self) -> tuple[str, ...]:
        return (self.path_id, self.server_id or "all")

    def dedupe_key(self) -> str:
        return f"settled.{'+'.join(self.job_ids)}.{self.path_id}.{self.server_id}.{self.outcome}.{self.attempt}"


class DeadLetteredV1(Message, frozen=True, kw_only=True):
    """A message was set aside for good (`stream` and `sequence` say where it stood), with the reason."""

    HEAD: ClassVar[str] = "events.v1.dead"
    stream: str
    consumer: str
    sequence: int
    subject_was: str
    at: datetime
    code: str
    reason: str

    def tokens(self) -> tuple[str, ...]:
        return (self.stream, self.consumer)

    def dedupe_key(self) -> str:
        return f"dead.{self.stream}.{self.sequence}.{self.consumer}"


FACTS: tuple[type[Message], ...] = (
    EventClassifiedV1,
    JobCreatedV1,
    ScanProgressedV1,
    JobChangedV1,
    ServerTroubleV1,
    FileRoutedV1,
    ExtractionStartedV1,
    FramesExtractedV1,
    FileSettledV1,
    DeadLetteredV1,
)


def fact_type(subject: str) -> type[Message] | None:
    """The class of the fact on this subject, None when a newer version of the system wrote it."""
    return next((fact for fact in FACTS if subject.startswith(f"{fact.HEAD}.")), None)
