"""Folding what is said of a job as a whole: its announcement, the scan behind it, an operator's word."""

from dataclasses import replace

from framewright.contracts.base import Lane
from framewright.contracts.facts import JobChange, JobChangedV1, JobCreatedV1, ScanProgressedV1
from framewright.ui.domain.ledger import Ledger, earlier, job_at, later
from framewright.ui.domain.rows import Birth, JobRow, Move, Scan

FOLDER = "folder"
"""Kind of an announcement that says how many videos a folder holds; a job may be more than that folder."""


def create(ledger: Ledger, fact: JobCreatedV1) -> None:
    """The newest announcement stays; that of a folder stands beside that of the job it belongs to."""
    birth = Birth(
        at=fact.at,
        kind=fact.kind,
        title=fact.title,
        source=fact.source,
        total=fact.total,
        event_id=fact.event_id,
        library_id=fact.library_id,
        server_id=fact.server_id,
        schedule_id=fact.schedule_id,
        lane=fact.lane,
        repeats=fact.repeats,
    )
    job = job_at(ledger, fact.job_id, fact.at)
    if fact.kind == FOLDER:
        job = replace(job, folders=_with_folder(job.folders, birth))
    else:
        job = replace(job, birth=_newer(job.birth, birth))
    ledger.jobs[job.id] = replace(job, created_at=earlier(job.created_at, fact.at))


def advance(ledger: Ledger, fact: ScanProgressedV1) -> None:
    """A scan counts as a whole, so only its furthest word matters."""
    job = job_at(ledger, fact.job_id, fact.at)
    told = Scan(fact.page, fact.at, fact.total, fact.count, fact.finished, fact.note)
    if job.scan is None or _distance(told) > _distance(job.scan):
        job = replace(job, scan=told)
    ended = later(job.settled_at, fact.at) if fact.finished else job.settled_at
    ledger.jobs[job.id] = replace(job, started_at=earlier(job.started_at, fact.at), settled_at=ended)


def obey(ledger: Ledger, fact: JobChangedV1) -> None:
    """An operator's word is never taken back; of two urgencies the later one holds."""
    job = job_at(ledger, fact.job_id, fact.at)
    match fact.change:
        case JobChange.CANCELLED:
            job = replace(job, cancelled_at=earlier(job.cancelled_at, fact.at))
        case JobChange.DELETED:
            job = replace(job, deleted_at=earlier(job.deleted_at, fact.at))
        case JobChange.MOVED:
            job = _moved(job, fact)
    ledger.jobs[job.id] = job


def _moved(job: JobRow, fact: JobChangedV1) -> JobRow:
    if fact.lane is None:
        return job
    move = Move(fact.at, fact.lane)
    lanes = tuple(Lane)
    known = (job.move.at, lanes.index(job.move.lane)) if job.move else None
    return replace(job, move=move) if known is None or (move.at, lanes.index(move.lane)) > known else job


def _with_folder(known: tuple[Birth, ...], told: Birth) -> tuple[Birth, ...]:
    """The newest announcement of each folder; folders are told apart by their titles, which are their paths."""
    folders = {one.title: one for one in known}
    folders[told.title] = _newer(folders.get(told.title), told)
    return tuple(folders[title] for title in sorted(folders))


def _newer(old: Birth | None, new: Birth) -> Birth:
    return new if old is None or _weight(new) > _weight(old) else old


def _weight(birth: Birth) -> tuple[object, ...]:
    """Two announcements of one moment are told apart by their content, so that the order of arrival never decides."""
    return (
        birth.at,
        birth.total,
        birth.title,
        birth.kind,
        birth.source,
        birth.event_id,
        birth.library_id,
        birth.server_id,
        birth.schedule_id,
        birth.lane.value,
        birth.repeats,
    )


def _distance(scan: Scan) -> tuple[object, ...]:
    count = scan.count
    counted = (count.checked, count.queued, count.up_to_date, count.excluded, count.not_owned, count.missing)
    return (scan.finished, scan.page, scan.at, scan.total, *counted, count.failed, scan.note)
