"""A file that was somewhere else before: its outputs move along, where nobody wants them any more they go."""

from collections.abc import Sequence

from framewright.contracts.base import Message
from framewright.domain.errors import BadPath
from framewright.domain.outcome import ChangeKind
from framewright.router.domain import deciding
from framewright.router.domain.deciding import Decision
from framewright.router.handlers import telling
from framewright.router.handlers.deletions import removals
from framewright.router.handlers.given import Case, candidates_of, remembered


async def origin(case: Case) -> Decision | None:
    """Where the file was before, and whose it was there; None when it did not move or is still there as well.

    Raises:
        Retry: the bus is out of reach.
    """
    before = await _before(case)
    if before is None or before.path == case.path or not before.owners:
        return None
    return before


def left_behind(case: Case, origin: Decision | None) -> Sequence[Message]:
    """The removals for servers that owned the file where it was and do not own it where it is."""
    if origin is None:
        return []
    staying = {owner.server.id for owner in case.decision.owners}
    left = tuple(owner for owner in origin.owners if owner.server.id not in staying)
    if not left:
        return []
    gone = Decision(origin.path, left)
    return [telling.resolved(case.job_id, gone), *removals(case, origin.path, left)]


async def previous_folder(case: Case) -> str | None:
    """Where a renamed folder was before, in our spelling; None when it was not renamed, or nobody owned it there."""
    before = await _before(case)
    return before.path if before is not None and before.owners else None


async def _before(case: Case) -> Decision | None:
    change, router = case.change, case.router
    if change.kind is not ChangeKind.RENAMED or not change.previous_path:
        return None
    try:
        found = await candidates_of(change.previous_path, change, router)
    except BadPath:
        return None
    if await router.disk.first_existing(deciding.owned_paths(found)) is not None:
        return None
    return await remembered(change.previous_path, found, router)
