"""What happens to one changed path."""

from collections.abc import Callable, Sequence

import msgspec

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, Failure
from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Message
from framewright.contracts.facts import FileSettledV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.server import Server
from framewright.domain.errors import BadPath
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.router.domain import deciding
from framewright.router.handlers import deletions, folders, queueing, renames, telling
from framewright.router.handlers.given import Case, Router, candidates_of


async def on_media_changed(change: MediaChangedV1, context: Context, *, router: Router) -> Sequence[Answer]:
    """Resolve the path, make its job, and say for every server what follows and why."""
    try:
        found = await candidates_of(change.path, change, router)
    except BadPath as error:
        return telling.refused(change, error.reason)
    existing = await router.disk.first_existing(deciding.owned_paths(found))
    change = await deletions.reconsidered(change, existing, router)
    case = Case(change, deciding.decide(change.path, found, existing), found, context, router)
    if router.cancelled((case.job_id,)):
        return telling.ended(case, Outcome.CANCELLED, "the job was cancelled")
    if change.kind is ChangeKind.DELETED:
        return await deletions.removed(case, existing)
    listing = await router.disk.videos(case.path) if existing else None
    return await _route(case) if listing is None else await folders.expanded(case, listing)


def on_failure(
    change: MediaChangedV1, context: Context, failure: Failure, *, servers: Callable[[], Sequence[Server]]
) -> Sequence[Message]:
    """What the job says when the path could not be resolved yet, or not at all."""
    decision = deciding.decide(change.path, deciding.candidates(change.path, servers(), change.server_id), None)
    path_id = media_id(decision.path)
    job_id = change.job_id or deciding.job_id_for(change.event_id, path_id)
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
    return [*telling.job(change, job_id, decision.path), fact]


async def _route(case: Case) -> Sequence[Answer]:
    origin = await renames.origin(case)
    left = renames.left_behind(case, origin)
    told = [
        *telling.job(case.change, case.job_id, case.path, total=2 if left else 1),
        telling.resolved(case.job_id, case.decision),
    ]
    if not case.decision.owners:
        return [*told, *left]
    request = await queueing.request(case)
    if origin is not None:
        request = msgspec.structs.replace(request, previous_path=await renames.taken_over(case, origin))
    # The facts go first so that the job is known before a worker can speak of it; they carry ids, so a retry adds none.
    for fact in told:
        await case.context.tell(fact)
    return [*left, *await queueing.queued(request, case.job_id, case.router)]
