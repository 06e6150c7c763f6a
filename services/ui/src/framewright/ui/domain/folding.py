"""Folding facts into rows.

A `Ledger` holds the rows that a batch of facts touches; `touched` says which ones must be in it before `fold` is called.
Applying the same facts again, or in another order, gives the same rows.
"""

from collections.abc import Callable
from dataclasses import replace

from framewright.contracts.base import Message
from framewright.contracts.facts import (
    EventClassifiedV1,
    ExtractionStartedV1,
    FileRoutedV1,
    FileSettledV1,
    FramesExtractedV1,
    JobChangedV1,
    JobCreatedV1,
    ScanProgressedV1,
    ServerTroubleV1,
    ServerVerdict,
)
from framewright.domain.outcome import Outcome
from framewright.ui.domain.job_folding import advance, create, obey
from framewright.ui.domain.ledger import Ledger, Touched, earlier, job_at, later
from framewright.ui.domain.rows import EventRow, FileKey, FileRow, JobRow, Mark, Pack, ServerRow, Trouble, Try
from framewright.ui.domain.standing import BAD, concluded, fullest, latest_tries, newest


def touched(fact: Message) -> Touched:
    """What must be loaded before the fact can be folded; nothing for a fact without a row."""
    match fact:
        case EventClassifiedV1():
            return Touched(event=fact.event_id)
        case JobCreatedV1() | ScanProgressedV1() | JobChangedV1():
            return Touched(jobs=(fact.job_id,))
        case ServerTroubleV1():
            return Touched(server=fact.server_id)
        case FileRoutedV1():
            return Touched((fact.job_id,), ((fact.job_id, fact.path_id),))
        case ExtractionStartedV1() | FramesExtractedV1() | FileSettledV1():
            jobs = tuple(dict.fromkeys(fact.job_ids))
            keys = tuple((job_id, fact.path_id) for job_id in jobs)
            return Touched(jobs, keys, tried=isinstance(fact, FileSettledV1))
        case _:
            return Touched()


def fold(ledger: Ledger, fact: Message) -> None:
    """Bring the ledger up to date with one fact; a fact of a kind that has no row changes nothing."""
    match fact:
        case EventClassifiedV1():
            _classify(ledger, fact)
        case ServerTroubleV1():
            _trouble(ledger, fact)
        case JobCreatedV1() | ScanProgressedV1() | JobChangedV1():
            _lead(ledger, fact)
        case FileRoutedV1():
            _route(ledger, fact)
        case ExtractionStartedV1() | FramesExtractedV1() | FileSettledV1():
            for job_id in dict.fromkeys(fact.job_ids):
                _progress(ledger, job_id, fact)
        case _:
            return


def _progress(ledger: Ledger, job_id: str, fact: ExtractionStartedV1 | FramesExtractedV1 | FileSettledV1) -> None:
    match fact:
        case ExtractionStartedV1():
            _start(ledger, job_id, fact)
        case FramesExtractedV1():
            _extract(ledger, job_id, fact)
        case FileSettledV1():
            _settle(ledger, job_id, fact)


def _lead(ledger: Ledger, fact: JobCreatedV1 | ScanProgressedV1 | JobChangedV1) -> None:
    match fact:
        case JobCreatedV1():
            create(ledger, fact)
        case ScanProgressedV1():
            advance(ledger, fact)
        case JobChangedV1():
            obey(ledger, fact)


def _classify(ledger: Ledger, fact: EventClassifiedV1) -> None:
    row = EventRow(
        event_id=fact.event_id,
        at=fact.at,
        source=fact.source,
        event_type=fact.event_type,
        title=fact.title,
        status=fact.status,
        reason=fact.reason,
        paths=fact.paths,
        count=fact.count,
        replay_of=fact.replay_of,
    )
    old = ledger.events.get(fact.event_id)
    if old is None or _event_weight(row) > _event_weight(old):
        ledger.events[fact.event_id] = row


def _event_weight(row: EventRow) -> tuple[object, ...]:
    return (row.at, row.status, row.reason, row.count, row.event_type, row.title, row.source, row.paths, row.replay_of)


def _trouble(ledger: Ledger, fact: ServerTroubleV1) -> None:
    told = Trouble(fact.server_id, fact.at, fact.code, fact.reason)
    old = ledger.troubles.get(fact.server_id)
    if old is None or (told.at, told.code, told.reason) > (old.at, old.code, old.reason):
        ledger.troubles[fact.server_id] = told


def _route(ledger: Ledger, fact: FileRoutedV1) -> None:
    settled = fact.outcome.settled
    own = Mark(fact.outcome, fact.at, fact.reason, planned=not settled)
    for verdict in fact.servers:
        _judge(ledger, fact, verdict)
    _revise(ledger, fact.job_id, fact, lambda file: replace(file, own=newest(file.own, own)), begun=settled)


def _judge(ledger: Ledger, fact: FileRoutedV1, verdict: ServerVerdict) -> None:
    mark = Mark(verdict.outcome, fact.at, verdict.reason, planned=not verdict.outcome.settled)
    row = _server(ledger, (fact.job_id, fact.path_id), verdict.server_id, mark)
    named = replace(row, name=verdict.server_name or row.name, type=verdict.server_type or row.type)
    ledger.servers[fact.job_id, fact.path_id][verdict.server_id] = named


def _start(ledger: Ledger, job_id: str, fact: ExtractionStartedV1) -> None:
    _revise(ledger, job_id, fact, lambda file: replace(file, started_at=earlier(file.started_at, fact.at)), begun=True)


def _extract(ledger: Ledger, job_id: str, fact: FramesExtractedV1) -> None:
    pack = Pack(fact.at, fact.pack, fact.reused, fact.partial, fact.report)
    _revise(ledger, job_id, fact, lambda file: replace(file, pack=fullest(file.pack, pack)), begun=True)


def _settle(ledger: Ledger, job_id: str, fact: FileSettledV1) -> None:
    key = (job_id, fact.path_id)
    mark = Mark(fact.outcome, fact.at, fact.reason, fact.code, fact.outputs, fact.call, fact.attempt, fact.next_try)
    if fact.server_id:
        _server(ledger, key, fact.server_id, mark)
    told = Try(fact.at, fact.attempt, fact.outcome, fact.server_id, fact.code, fact.reason, fact.next_try)
    ledger.tries[key] = latest_tries(ledger.tries.get(key, ()), told)

    def change(file: FileRow) -> FileRow:
        if fact.pack:
            file = replace(file, pack=fullest(file.pack, Pack(fact.at, fact.pack)))
        return file if fact.server_id else replace(file, own=newest(file.own, mark))

    _revise(ledger, job_id, fact, change, begun=fact.outcome.settled)


FileFact = FileRoutedV1 | ExtractionStartedV1 | FramesExtractedV1 | FileSettledV1


def _revise(ledger: Ledger, job_id: str, fact: FileFact, change: Callable[[FileRow], FileRow], *, begun: bool) -> None:
    """Change one file, conclude what follows, and carry the difference into the job's counters."""
    key = (job_id, fact.path_id)
    before = ledger.files.get(key)
    servers = ledger.servers.get(key, {})
    after = concluded(change(before or FileRow(job_id, fact.path_id, fact.path)), servers.values())
    ledger.files[key] = after
    job = _counted(job_at(ledger, job_id, fact.at), before, after)
    if begun:
        job = replace(job, started_at=earlier(job.started_at, fact.at))
    ledger.jobs[job_id] = replace(job, settled_at=later(job.settled_at, fact.at)) if _ends(fact) else job


def _ends(fact: FileFact) -> bool:
    """Whether the fact says that something came to its end; the latest such moment is when a finished job finished."""
    match fact:
        case FileRoutedV1():
            return fact.outcome.settled or any(verdict.outcome.settled for verdict in fact.servers)
        case FileSettledV1():
            return fact.outcome.settled
        case _:
            return False


def _counted(job: JobRow, before: FileRow | None, after: FileRow) -> JobRow:
    changes = [new - old for new, old in zip(_counts(after), _counts(before), strict=True)]
    return replace(
        job,
        files=job.files + changes[0],
        settled=job.settled + changes[1],
        failed=job.failed + changes[2],
        lost=job.lost + changes[3],
        cancelled=job.cancelled + changes[4],
    )


def _counts(file: FileRow | None) -> tuple[int, int, int, int, int]:
    if file is None:
        return (0, 0, 0, 0, 0)
    outcome = file.outcome
    return (1, int(outcome.settled), int(outcome in BAD), int(file.lost), int(outcome is Outcome.CANCELLED))


def _server(ledger: Ledger, key: FileKey, server_id: str, mark: Mark) -> ServerRow:
    rows = ledger.servers.setdefault(key, {})
    old = rows.get(server_id)
    row = replace(old, mark=newest(old.mark, mark)) if old else ServerRow(*key, server_id, mark)
    rows[server_id] = row
    return row
