"""What happens to one changed path."""

from collections.abc import Callable, Sequence

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
from framewright.router.handlers import deletions, folders, overtaking, queueing, renames, telling
from framewright.router.handlers.given import Case, Router, candidates_of
from framewright.router.handlers.overtaking import Move


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
    move = await overtaking.begun(case)
    if move is not None:
        case, move = overtaking.widened(case, move)
    left = renames.left_behind(case, move.origin if move else None)
    # The facts go first so that the job is known before a worker can speak of it; they carry ids, so a retry adds none.
    for fact in telling.job(case.change, case.job_id, case.path, total=2 if left else 1):
        await case.context.tell(fact)
    await case.context.tell(telling.resolved(case.job_id, case.decision))
    answers = await _queued(case, move)
    for message in left:
        await case.context.tell(message)
    if move is not None:
        await overtaking.ended(case, move)
    return answers


async def _queued(case: Case, move: Move | None) -> Sequence[Answer]:
    if not case.decision.owners:
        return []
    request = await queueing.request(case)
    if move is not None:
        request = await overtaking.continued(request, case, move)
    return await queueing.queued(request, case.job_id, case.router)
