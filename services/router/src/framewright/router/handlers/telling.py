"""The facts of routing: the job, each of its files, and how a file ends before any work begins."""

from framewright.chassis.clock import now
from framewright.contracts.base import Message
from framewright.contracts.facts import FileRoutedV1, FileSettledV1, JobCreatedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.publish import PublishRequestedV1
from framewright.domain.media import file_name, media_id, shorten
from framewright.domain.outcome import Outcome
from framewright.router.domain import deciding
from framewright.router.domain.deciding import Decision
from framewright.router.domain.requests import Work
from framewright.router.handlers.given import Case


def job(change: MediaChangedV1, job_id: str, path: str, *, total: int = 1) -> list[Message]:
    """The job's own fact, unless somebody opened it already."""
    if change.job_id:
        return []
    return [_created(change, job_id, change.title or file_name(path) or path, "webhook", total)]


def folder_job(case: Case, total: int) -> JobCreatedV1:
    """The job of a folder: told even where somebody opened it, because only now its size is known."""
    return _created(case.change, case.job_id, case.change.title or case.path, "folder", total)


def routed(case: Case, outcome: Outcome, reason: str = "") -> FileRoutedV1:
    """How the case's own file stands, when nothing is asked of any server."""
    return FileRoutedV1(
        job_id=case.job_id, path_id=case.path_id, path=case.path, at=now(), outcome=outcome, reason=reason
    )


def resolved(job_id: str, decision: Decision) -> FileRoutedV1:
    """Which servers follow up a file, which do not and why."""
    outcome, reason = deciding.file_outcome(decision)
    return FileRoutedV1(
        job_id=job_id,
        path_id=media_id(decision.path),
        path=decision.path,
        at=now(),
        outcome=outcome,
        reason=reason,
        servers=deciding.server_verdicts(decision.verdicts),
    )


def ended(case: Case, outcome: Outcome, reason: str) -> list[Message]:
    """The job and its only file, which ends here."""
    return [*job(case.change, case.job_id, case.path), routed(case, outcome, reason)]


def refused(change: MediaChangedV1, reason: str) -> list[Message]:
    """A path that may not be looked at ends here, under its own job, never opened."""
    shown = shorten("".join(char if char.isprintable() else "�" for char in change.path), 400)
    path_id = media_id(shown)
    job_id = change.job_id or deciding.job_id_for(change.event_id, path_id)
    fact = FileRoutedV1(
        job_id=job_id, path_id=path_id, path=shown, at=now(), outcome=Outcome.FAILED, reason=f"refused: {reason}"
    )
    return [*job(change, job_id, shown), fact]


def settled(request: Work, outcome: Outcome, reason: str) -> FileSettledV1:
    """How a request ends that no worker ever sees, or never again: for all servers, or for the one it is for."""
    return FileSettledV1(
        job_ids=request.job_ids,
        path_id=request.path_id,
        path=request.path,
        at=now(),
        outcome=outcome,
        server_id=request.target.server_id if isinstance(request, PublishRequestedV1) else "",
        reason=reason,
    )


def no_longer_waiting(case: Case) -> list[Message]:
    """A folder that was told to wait by `on_failure` is settled: its videos stand for it from now on."""
    if case.context.attempt == 1:
        return []
    fact = FileSettledV1(
        job_ids=(case.job_id,),
        path_id=case.path_id,
        path=case.path,
        at=now(),
        outcome=Outcome.COALESCED,
        reason="the videos of the folder stand for it",
    )
    return [fact]


def _created(change: MediaChangedV1, job_id: str, title: str, kind: str, total: int) -> JobCreatedV1:
    return JobCreatedV1(
        job_id=job_id,
        at=now(),
        kind=kind,
        title=title,
        source=change.source,
        total=total,
        event_id=change.event_id,
        lane=change.lane,
    )
