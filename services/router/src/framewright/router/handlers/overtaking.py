"""What was still to be done for a file under its old name: the request for its new name stands for it from now on.

It ends with a word to every job that waited, and the new request takes along what it knew: where outputs were made before,
whether they are wanted anew, and for which servers. The new request is stored before the old ones are taken out, so that a
crash in between leaves both and never neither; whoever comes again finds what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileSettledV1
from framewright.domain.media import media_id, shorten
from framewright.domain.outcome import Outcome
from framewright.router.domain import deciding, requests
from framewright.router.domain.deciding import Decision
from framewright.router.domain.requests import Pending
from framewright.router.handlers import renames, telling
from framewright.router.handlers.given import Case


@dataclass(frozen=True, slots=True)
class Move:
    """A file that went from one path to another: where it was and whose, and what was still to be done for it there."""

    origin: Decision
    pending: Sequence[Pending]


async def begun(case: Case) -> Move | None:
    """The move of the case's file; None when it did not move.

    Raises:
        Busy: something of it is on its way at this very moment.
        Retry: the bus is out of reach.
    """
    origin = await renames.origin(case)
    if origin is None:
        return None
    return Move(origin, await case.router.backlog.of_path(media_id(origin.path)))


def widened(case: Case, move: Move) -> tuple[Case, Move]:
    """The two with every server that something was still to be done for, also where the change was told to one alone."""
    waiting = frozenset[str]().union(*(one.server_ids for one in move.pending))
    here, there = (_with_owners(case, decision, waiting) for decision in (case.decision, move.origin))
    return replace(case, decision=here), replace(move, origin=there)


async def continued(request: ExtractRequestedV1, case: Case, move: Move) -> ExtractRequestedV1:
    """The request for the new path, knowing for each server where its outputs were made."""
    ids = [target.server_id for target in request.targets]
    made_there = await case.router.records.servers_with(media_id(move.origin.path), ids)
    places = [
        move.origin.path if one in made_there else requests.previous_place(one, move.pending) or move.origin.path
        for one in ids
    ]
    regenerate = request.regenerate or any(one.regenerates for one in move.pending)
    return msgspec.structs.replace(requests.coming_from(request, places), regenerate=regenerate)


async def ended(case: Case, move: Move) -> None:
    """Tell everyone who waited how it ends under the old name, and take it out; what is in work there leads nowhere any more.

    Raises:
        Busy: something of it is on its way at this very moment.
        Retry: the bus is out of reach.
    """
    backlog = case.router.backlog
    while pending := await backlog.of_path(media_id(move.origin.path)):
        for one in pending:
            # Told first: a crash in between leaves a request that tells for itself, never one that ends without a word.
            await case.context.tell(_ending(case, one))
            await backlog.strike(one)


def _ending(case: Case, pending: Pending) -> FileSettledV1:
    owners = {owner.server.id for owner in case.decision.owners}
    reason = f"the file was renamed to {shorten(case.path)}"
    if pending.server_ids & owners:
        return telling.settled(pending.request, Outcome.COALESCED, reason)
    return telling.settled(pending.request, Outcome.FILE_MISSING, f"{reason}, which is in no library here")


def _with_owners(case: Case, decision: Decision, server_ids: frozenset[str]) -> Decision:
    """The decision with those of the servers that own its path and were not asked."""
    known = {verdict.server.id for verdict in decision.verdicts}
    everyone = deciding.judged(decision.path, case.router.servers())
    more = tuple(owner for owner in everyone.owners if owner.server.id in server_ids - known)
    return replace(decision, verdicts=(*decision.verdicts, *more))
