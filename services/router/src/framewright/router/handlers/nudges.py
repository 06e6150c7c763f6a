"""What is done with the quiet time of a change: its owners are told to look already, so that they know the file by then."""

from collections.abc import Sequence

from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Answer
from framewright.contracts.media import NudgeV1
from framewright.domain.errors import BadPath
from framewright.domain.outcome import ChangeKind
from framewright.router.domain import deciding
from framewright.router.handlers.given import Router
from framewright.router.handlers.refreshes import wishes


async def on_nudge(nudge: NudgeV1, _context: Context, *, router: Router) -> Sequence[Answer]:
    """Wish that every owner looks at the path; of a deletion its owners hear when the outputs have gone."""
    if nudge.kind is ChangeKind.DELETED:
        return ()
    try:
        found = deciding.candidates(nudge.path, router.servers(), nudge.server_id)
    except BadPath:
        return ()  # the change itself says so
    existing = await router.disk.first_existing(deciding.owned_paths(found))
    return list(wishes(router, deciding.decide(nudge.path, found, existing), nudge.kind))
