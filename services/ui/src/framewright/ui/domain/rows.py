"""What the projection remembers: jobs, files of jobs, servers of files, webhook events.

Every fact changes rows in a way that does not depend on the order or number of its arrivals: times are kept as minimum or
maximum, and what was said about a file is a `Mark` of which the newest stays.
"""

from dataclasses import dataclass
from datetime import datetime

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
class Pack:
    """The frames of a file: key in the frame store, and the report when the extractor itself told of it."""

    at: datetime
    key: str
    reused: bool = False
    partial: bool = False
    report: ExtractionReport | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One understood webhook."""

    event_id: str
    at: datetime
    source: str
    event_type: str
    title: str
    status: str
    reason: str = ""
    paths: tuple[str, ...] = ()


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

    `outcome`, `lost` (nobody got anything) and `settled_at` follow from the marks and are kept so that they can be counted.
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


@dataclass(frozen=True, slots=True)
class Birth:
    """What the newest announcement of a job says."""

    at: datetime
    kind: str
    title: str
    source: str
    total: int
    event_id: str
    library_id: str


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job; a stub without `birth` when facts about its files came first. The counters are of its files."""

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
