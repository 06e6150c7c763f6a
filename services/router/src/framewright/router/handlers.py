"""What happens to one changed path."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, Failure
from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Message
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.facts import FileRoutedV1, FileSettledV1, JobCreatedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.server import Server, wanted_rendition
from framewright.contracts.settings import Settings
from framewright.domain.errors import BadPath, Busy
from framewright.domain.frames import Picture, Rendition
from framewright.domain.media import media_id, shorten
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.domain.ownership import Ownership, Verdict
from framewright.router import domain
from framewright.router.domain import Candidate, Decision, Occupant

BUSY_SECONDS = 2.0


class Queue(Protocol):
    """The work queue as the router sees it: one place per path."""

    async def offer(self, request: ExtractRequestedV1) -> bool:
        """Queue the request unless its path is queued or in work already."""
        ...

    async def occupant(self, request: ExtractRequestedV1) -> Occupant | None:
        """The request that holds the path's place."""
        ...

    async def in_work(self, request: ExtractRequestedV1) -> bool:
        """Whether a worker holds the path right now."""
        ...

    async def replace(self, occupant: Occupant, request: ExtractRequestedV1) -> None:
        """Queue the request, then take the other one out: at no moment is neither there."""
        ...


class Disk(Protocol):
    """The media as far as it is mounted here."""

    async def first_existing(self, paths: Sequence[str]) -> str | None:
        """The first path that is a file or folder inside the media root, links followed."""
        ...

    async def videos(self, folder: str) -> list[str] | None:
        """The videos below a folder; None when the path is no folder.

        Raises:
            Retry: code UNREADABLE.
        """
        ...


@dataclass(frozen=True, slots=True)
class Router:
    """What the handler is given; `reread` asks the servers (or the named one) for new libraries, see `LibraryReader`."""

    servers: Callable[[], Sequence[Server]]
    settings: Callable[[], Settings]
    rendition: Callable[[Server, Rendition], Awaitable[Rendition]]
    reread: Callable[[str], Awaitable[bool]]
    queue: Queue
    disk: Disk


async def on_media_changed(change: MediaChangedV1, context: Context, *, router: Router) -> Sequence[Answer]:
    """Resolve the path, make its job, and say for every server what follows and why."""
    try:
        found = await _candidates(change, router)
    except BadPath as error:
        return _refused(change, error.reason)
    existing = await router.disk.first_existing(domain.owned_paths(found))
    decision = domain.decide(change.path, found, existing)
    files = await router.disk.videos(decision.path) if existing else None
    if files is None:
        return await _route(change, decision, context, router)
    return [*_expanded(change, decision, files), *(_no_longer_waiting(change, decision) if context.attempt > 1 else ())]


def on_failure(
    change: MediaChangedV1, context: Context, failure: Failure, *, servers: Callable[[], Sequence[Server]]
) -> Sequence[Message]:
    """What the job says when the path could not be resolved yet, or not at all."""
    decision = domain.decide(change.path, domain.candidates(change.path, servers(), change.server_id), None)
    path_id = media_id(decision.path)
    job_id = change.job_id or domain.job_id_for(change.event_id, path_id)
    fact = FileSettledV1(
        job_ids=(job_id,),
        path_id=path_id,
        path=decision.path,
        at=now(),
        outcome=Outcome.WAITING if failure.next_try else Outcome.FAILED,
        reason=failure.error.reason,
        code=failure.error.code,
        attempt=context.attempt,
        next_try=failure.next_try,
    )
    return [*_job(change, job_id, decision.path), fact]


async def _candidates(change: MediaChangedV1, router: Router) -> list[Candidate]:
    """What the path may stand for; before it is nobody's, the servers are asked whether they have a new library."""
    found = domain.candidates(change.path, router.servers(), change.server_id)
    if any(candidate.owned for candidate in found) or not await router.reread(change.server_id):
        return found
    return domain.candidates(change.path, router.servers(), change.server_id)


async def _route(change: MediaChangedV1, decision: Decision, context: Context, router: Router) -> Sequence[Answer]:
    path_id = media_id(decision.path)
    job_id = change.job_id or domain.job_id_for(change.event_id, path_id)
    outcome, reason = domain.file_outcome(decision)
    told: list[Message] = _job(change, job_id, decision.path)
    told.append(
        FileRoutedV1(
            job_id=job_id,
            path_id=path_id,
            path=decision.path,
            at=now(),
            outcome=outcome,
            reason=reason,
            servers=domain.server_verdicts(decision.verdicts),
        )
    )
    if outcome is not Outcome.WAITING:
        return told
    request = await _request(change, decision, job_id, router)
    # The facts go first so that the job is known before a worker can speak of it; they carry ids, so a retry adds none.
    for fact in told:
        await context.tell(fact)
    return await _queued(request, job_id, router.queue)


async def _queued(request: ExtractRequestedV1, job_id: str, queue: Queue) -> Sequence[Message]:
    """Put the request in its path's place, or make it one with what is there.

    Raises:
        Busy: the path is in work; it is looked at again afterwards, because the file may have changed meanwhile.
    """
    if await queue.offer(request):
        return ()
    occupant = await queue.occupant(request)
    if occupant is not None and job_id in occupant.request.job_ids:
        return ()
    if occupant is None or await queue.in_work(request):
        raise Busy(f"{shorten(request.path)} is being worked on", after=BUSY_SECONDS)
    if domain.covers(occupant.request, request):
        reason = f"job {occupant.request.job_ids[0]} already waits for this file"
        return [_settled(request, Outcome.COALESCED, reason)]
    await queue.replace(occupant, domain.merged(request, occupant.request))
    return ()


async def _request(change: MediaChangedV1, decision: Decision, job_id: str, router: Router) -> ExtractRequestedV1:
    settings = router.settings()
    servers = {server.id: server for server in router.servers()}

    async def target(ownership: Ownership) -> Target:
        server = servers[ownership.server.id]
        wanted = wanted_rendition(server, settings.thumbnail_interval)
        return domain.target(ownership, await router.rendition(server, wanted))

    owned = [ownership for ownership in decision.verdicts if ownership.verdict is Verdict.OWNED]
    targets = await asyncio.gather(*map(target, owned))  # all at once: servers that hang cost their patience once
    return ExtractRequestedV1(
        job_ids=(job_id,),
        path=decision.path,
        path_id=media_id(decision.path),
        targets=tuple(targets),
        picture=Picture(settings.thumbnail_quality, settings.tonemap_algorithm),
        requested_at=now(),
        lane=change.lane,
        regenerate=change.regenerate,
    )


def _job(change: MediaChangedV1, job_id: str, path: str) -> list[Message]:
    """The job's own fact, unless a scan opened it already."""
    if change.job_id:
        return []
    title = change.title or path.rpartition("/")[2] or path
    job = JobCreatedV1(
        job_id=job_id, at=now(), kind="webhook", title=title, source=change.source, total=1, event_id=change.event_id
    )
    return [job]


def _expanded(change: MediaChangedV1, decision: Decision, files: Sequence[str]) -> Sequence[Message]:
    """A folder stands for the videos in it: one change each, under one job."""
    job_id = change.job_id or domain.job_id_for(change.event_id, media_id(decision.path))
    if not files:
        path_id = media_id(decision.path)
        empty = FileRoutedV1(
            job_id=job_id,
            path_id=path_id,
            path=decision.path,
            at=now(),
            outcome=Outcome.FILE_MISSING,
            reason="the folder holds no video",
        )
        return [*_job(change, job_id, decision.path), empty]
    job = JobCreatedV1(
        job_id=job_id,
        at=now(),
        kind="folder",
        title=change.title or decision.path,
        source=change.source,
        total=len(files),
        event_id=change.event_id,
    )
    singles = [
        msgspec.structs.replace(
            change, path=path, job_id=job_id, kind=ChangeKind.CHANGED, key=media_id(f"{path}/{job_id}")
        )
        for path in files[: domain.MOST_FILES_OF_A_FOLDER]
    ]
    return [job, *singles]


def _no_longer_waiting(change: MediaChangedV1, decision: Decision) -> Sequence[Message]:
    """The folder itself was told to wait by `on_failure`; its videos stand for it from now on."""
    path_id = media_id(decision.path)
    fact = FileSettledV1(
        job_ids=(change.job_id or domain.job_id_for(change.event_id, path_id),),
        path_id=path_id,
        path=decision.path,
        at=now(),
        outcome=Outcome.COALESCED,
        reason="the videos of the folder stand for it",
    )
    return [fact]


def _refused(change: MediaChangedV1, reason: str) -> Sequence[Message]:
    """A path that may not be looked at ends here, under its own job, never opened."""
    shown = shorten("".join(char if char.isprintable() else "�" for char in change.path), 400)
    path_id = media_id(shown)
    job_id = change.job_id or domain.job_id_for(change.event_id, path_id)
    routed = FileRoutedV1(
        job_id=job_id, path_id=path_id, path=shown, at=now(), outcome=Outcome.FAILED, reason=f"refused: {reason}"
    )
    return [*_job(change, job_id, shown), routed]


def _settled(request: ExtractRequestedV1, outcome: Outcome, reason: str) -> FileSettledV1:
    return FileSettledV1(
        job_ids=request.job_ids, path_id=request.path_id, path=request.path, at=now(), outcome=outcome, reason=reason
    )
