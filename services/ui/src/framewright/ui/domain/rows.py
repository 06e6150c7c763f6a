"""What the projection remembers: jobs, files of jobs, servers of files, every try, webhook events, servers in trouble.

Every fact changes rows in a way that does not depend on the order or number of its arrivals: times are kept as minimum or
maximum, and what was said about a file is a `Mark` of which the newest stays.
"""

from dataclasses import dataclass
from datetime import datetime

from framewright.contracts.base import Lane
from framewright.contracts.scans import ScanCount
from framewright.domain.outcome import Outcome
from framewright.formats.framepack import ExtractionReport

FileKey = tuple[str, str]
"""Job id and path id."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said about a file, on one server or as a whole; `planned` when it only announces that work follows."""

    outcome: Outcome
    at: datetime
    reason: str = ""
    code: str = ""
    outputs: tuple[str, ...] = ()
    call: str = ""
    attempt: int = 1
    next_try: datetime | None = None
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt at a file, on one server or (with an empty `server_id`) as a whole, and what came of it."""

    at: datetime
    attempt: int
    outcome: Outcome
    server_id: str = ""
    code: str = ""
    reason: str = ""
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """The frames of a file: key in the frame store, and the report when the extractor itself told of it."""

    at: datetime
    key: str
    reused: bool = False
    partial: bool = False
    report: ExtractionReport | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One understood webhook, or `count` refused ones in one row; `replay_of` names the stored event it repeats."""

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


@dataclass(frozen=True, slots=True)
class ServerRow:
    """One server of one file of one job; name and type are empty until the router's verdict is known."""

    job_id: str
    path_id: str
    server_id: str
    mark: Mark
    name: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of one job; `own` is what was said of the file as a whole.

    `outcome`, `lost` (nobody got anything), `settled_at` and `next_try` (the earliest, while it is open) follow from the marks
    and are kept so that they can be counted.
    """

    job_id: str
    path_id: str
    path: str
    own: Mark | None = None
    started_at: datetime | None = None
    pack: Pack | None = None
    outcome: Outcome = Outcome.WAITING
    lost: bool = False
    settled_at: datetime | None = None
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Birth:
    """What the newest announcement of a job says, or of a folder that turned out to be among its paths."""

    at: datetime
    kind: str
    title: str
    source: str
    total: int
    event_id: str
    library_id: str
    server_id: str = ""
    schedule_id: str = ""
    lane: Lane = Lane.HI
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """How far the scan behind a job has come, as its newest word says."""

    page: int
    at: datetime
    total: int
    count: ScanCount
    finished: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """The urgency that an operator gave a job, and when."""

    at: datetime
    lane: Lane


@dataclass(frozen=True, slots=True)
class Trouble:
    """The newest word on whether a server takes calls; `code` is empty when it does."""

    server_id: str
    at: datetime
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job; a stub without `birth` when facts about its files came first. The counters are of its files.

    `folders` are the announcements of folders among its paths, one of each. `cancelled_at` and `deleted_at` are an operator's word; what is open in a cancelled job counts as cancelled.
    """

    id: str
    first_at: datetime
    last_at: datetime
    birth: Birth | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    settled_at: datetime | None = None
    files: int = 0
    settled: int = 0
    failed: int = 0
    lost: int = 0
    cancelled: int = 0
    folders: tuple[Birth, ...] = ()
    scan: Scan | None = None
    move: Move | None = None
    cancelled_at: datetime | None = None
    deleted_at: datetime | None = None
