"""What operators ask for when they make a job by hand, checked and turned into messages. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from framewright.contracts.base import Lane
from framewright.contracts.facts import JobCreatedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.scans import ScanKind, ScanRequestedV1, SortBy
from framewright.contracts.server import Server, server_paths
from framewright.domain.errors import BadPath, Reject
from framewright.domain.media import Flavour, file_name, flavour_of, media_id, reject_hostile, segments
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.domain.ownership import local_candidates
from framewright.ui.domain.priorities import lane_for
from framewright.ui.domain.standing import BAD
from framewright.ui.domain.status import SCANS
from framewright.ui.domain.views import JobView

SOURCE = "manual"

LOOKBACK = (0.25, 720.0)
"""Hours that a look at what was added lately may reach back."""

MOST_PATHS = 20_000

Id = Annotated[str, msgspec.Meta(max_length=200)] | int


class NewScan(msgspec.Struct, frozen=True):
    """`POST /api/jobs`: libraries to go through; without any, every enabled one."""

    library_id: Id | None = None
    library_ids: Annotated[tuple[Id, ...], msgspec.Meta(max_length=500)] = ()
    library_name: Annotated[str, msgspec.Meta(max_length=500)] = ""
    server_id: str | None = None
    sort_by: SortBy | None = SortBy.NEWEST
    regenerate: bool = False
    priority: int | str | None = None
    job_type: ScanKind = ScanKind.FULL_LIBRARY
    lookback_hours: float | None = None


class NewWork(msgspec.Struct, frozen=True):
    """`POST /api/jobs/manual`: files and folders to look at."""

    file_paths: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=MOST_PATHS)]
    force_regenerate: bool = False
    priority: int | str | None = None
    server_id: str | None = None


class Again(msgspec.Struct, frozen=True):
    """`POST /api/jobs/{id}/reprocess`: which files of the job once more."""

    only: Literal["failed", "all"] = "all"
    regenerate: bool = False

    @property
    def outcomes(self) -> frozenset[Outcome]:
        """How the files meant ended; none stands for any."""
        return BAD if self.only == "failed" else frozenset()


class Hurry(msgspec.Struct, frozen=True):
    """`POST /api/jobs/{id}/priority`."""

    priority: int | str


class Clearing(msgspec.Struct, frozen=True):
    """`POST /api/jobs/clear`: jobs of which statuses; all finished ones when none is named."""

    statuses: list[str] = []


@dataclass(frozen=True, slots=True)
class Start:
    """What every new job has: its id and the moment it was asked for."""

    job_id: str
    at: datetime


def scan_job(wish: NewScan, start: Start, servers: Sequence[Server]) -> tuple[JobCreatedV1, ScanRequestedV1]:
    """The job and the scan behind it.

    Raises:
        Reject: code VALIDATION_ERROR, the field is named; code CONFLICT, there is no server to scan.
    """
    chosen = [server for server in servers if server.enabled]
    if wish.server_id:
        chosen = [known_server(wish.server_id, servers)]
    if not chosen:
        raise Reject("there is no enabled server; add one first", code="CONFLICT")
    given = (wish.library_id, *wish.library_ids) if wish.library_id not in {None, ""} else wish.library_ids
    libraries = tuple(dict.fromkeys(str(one) for one in given))
    names = {library.id: library.name or library.id for server in chosen for library in server.libraries}
    unknown = [one for one in libraries if one not in names]
    if unknown:
        raise Reject(f"library_id: no library {unknown[0]!r} on {_whose(chosen)}", code="VALIDATION_ERROR")
    lane = lane_for(wish.priority) if wish.priority is not None else _usual_lane(wish.job_type)
    request = ScanRequestedV1(
        job_id=start.job_id,
        title=wish.library_name or ", ".join(names[one] for one in libraries) or _whose(chosen),
        source=SOURCE,
        requested_at=start.at,
        server_id=wish.server_id or "",
        library_ids=libraries,
        kind=wish.job_type,
        lookback_hours=_lookback(wish),
        sort_by=wish.sort_by or SortBy.NATURAL,
        lane=lane,
        regenerate=wish.regenerate,
    )
    return announced_scan(request), request


def announced_scan(request: ScanRequestedV1) -> JobCreatedV1:
    """The job of a scan; how many files it has only the scan will know."""
    return JobCreatedV1(
        job_id=request.job_id,
        at=request.requested_at,
        kind=request.kind,
        title=request.title,
        source=request.source,
        total=0,
        library_id=",".join(request.library_ids),
        server_id=request.server_id,
        lane=request.lane,
        repeats=request.repeats,
    )


def manual_job(wish: NewWork, start: Start, servers: Sequence[Server]) -> tuple[JobCreatedV1, list[str]]:
    """The job and its paths, each once.

    Raises:
        Reject: code VALIDATION_ERROR, the field is named.
    """
    if wish.server_id:
        known_server(wish.server_id, servers)
    for place, path in enumerate(wish.file_paths):
        _check(path, f"file_paths[{place}]")
    paths = list(dict.fromkeys(wish.file_paths))
    job = JobCreatedV1(
        job_id=start.job_id,
        at=start.at,
        kind="manual",
        title=(file_name(paths[0]) or paths[0]) if len(paths) == 1 else f"{len(paths)} files",
        source=SOURCE,
        total=_different(paths, servers),
        server_id=wish.server_id or "",
        lane=lane_for(wish.priority) if wish.priority is not None else Lane.HI,
    )
    return job, paths


def repeated_scan(old: JobView, wish: Again, start: Start, lane: Lane) -> ScanRequestedV1 | None:
    """The scan of a job once more; None when the job is no scan of whole libraries, and its files are taken one by one."""
    if old.kind not in SCANS or old.kind == ScanKind.RECENTLY_ADDED or wish.only != "all":
        return None
    return ScanRequestedV1(
        job_id=start.job_id,
        title=old.library_name,
        source=SOURCE,
        requested_at=start.at,
        server_id=old.server_id,
        library_ids=tuple(filter(None, old.library_id.split(","))),
        lane=lane,
        regenerate=wish.regenerate,
        repeats=old.id,
    )


def repeated_job(old: JobView, start: Start, total: int, lane: Lane) -> JobCreatedV1:
    """The job that does files of another one once more."""
    return JobCreatedV1(
        job_id=start.job_id,
        at=start.at,
        kind="reprocess",
        title=old.library_name or old.id,
        source=SOURCE,
        total=total,
        library_id=old.library_id,
        server_id=old.server_id,
        lane=lane,
        repeats=old.id,
    )


def change_of(job: JobCreatedV1, path: str, *, regenerate: bool) -> MediaChangedV1:
    """One path of a job; its key holds the job, so that no webhook's quiet time swallows it."""
    return MediaChangedV1(
        event_id=job.job_id,
        key=media_id(f"{path}/{job.job_id}"),
        source=job.source,
        kind=ChangeKind.CHANGED,
        path=path,
        observed_at=job.at,
        server_id=job.server_id,
        job_id=job.job_id,
        lane=job.lane,
        regenerate=regenerate,
    )


def known_server(server_id: str, servers: Sequence[Server]) -> Server:
    """The enabled server of this id.

    Raises:
        Reject: code VALIDATION_ERROR.
    """
    found = next((server for server in servers if server.id == server_id), None)
    if found is None or not found.enabled:
        why = "is disabled" if found else "is not configured"
        raise Reject(f"server_id: {server_id!r} {why}", code="VALIDATION_ERROR")
    return found


def _different(paths: Sequence[str], servers: Sequence[Server]) -> int:
    """How many of the paths certainly are different files: none is, or lies in, another one in any server's spelling.

    All of them are looked at; but a job that waited for more files than there are would never end.
    """
    shelves = [server_paths(server) for server in servers]
    spelled = [{segments(path), *map(segments, local_candidates(shelves, path))} for path in paths]
    asked = {parts for spellings in spelled for parts in spellings}
    counted: set[tuple[str, ...]] = set()
    found = 0
    for spellings in spelled:
        inside = any(parts[:depth] in asked for parts in spellings for depth in range(1, len(parts)))
        if not inside and counted.isdisjoint(spellings):
            found += 1
        counted |= spellings
    return max(1, found)


def _check(path: str, field: str) -> None:
    try:
        reject_hostile(path)
    except BadPath as error:
        raise Reject(f"{field}: {error.reason}", code="VALIDATION_ERROR") from error
    if flavour_of(path) is Flavour.POSIX and not path.startswith("/"):
        raise Reject(f"{field}: path must be absolute", code="VALIDATION_ERROR")


def _lookback(wish: NewScan) -> float:
    if wish.job_type is not ScanKind.RECENTLY_ADDED:
        return 0.0
    if wish.lookback_hours is None:
        raise Reject("lookback_hours: recently_added needs to know how far back to look", code="VALIDATION_ERROR")
    return min(max(wish.lookback_hours, LOOKBACK[0]), LOOKBACK[1])


def _usual_lane(kind: ScanKind) -> Lane:
    return Lane.MID if kind is ScanKind.RECENTLY_ADDED else Lane.LOW


def _whose(servers: Sequence[Any]) -> str:
    return ", ".join(server.name or server.id for server in servers)
