"""The work that follows from a decision, and how two requests for one path become one. Pure."""

from dataclasses import dataclass

import msgspec

from framewright.contracts.base import Lane
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.jobs import JobMovedV1
from framewright.domain.frames import Rendition
from framewright.domain.media import is_under
from framewright.domain.ownership import Ownership

URGENCY = tuple(Lane)
"""The lanes, most urgent first."""


@dataclass(frozen=True, slots=True)
class Occupant:
    """The request that holds a path's place in the queue, and where it stands."""

    sequence: int
    request: ExtractRequestedV1


def target(ownership: Ownership, rendition: Rendition) -> Target:
    """The part of a job that concerns one owning server."""
    return Target(
        server_id=ownership.server.id,
        server_type=ownership.server.type,
        server_name=ownership.server.name,
        library_id=ownership.library.id if ownership.library else "",
        remote_paths=ownership.remote_paths,
        rendition=rendition,
        library_ids=tuple(library.id for library in ownership.libraries),
    )


def seen_paths(ownership: Ownership) -> tuple[str, ...]:
    """The server's spellings under which its own libraries hold the path; the guesses of other mappings are left out."""
    roots = [root for library in ownership.libraries for root in library.remote_paths if root]
    return tuple(path for path in ownership.remote_paths if any(is_under(path, root) for root in roots))


def covers(occupant: ExtractRequestedV1, request: ExtractRequestedV1) -> bool:
    """Whether the queued request does all that the new one asks for the same path, and as soon."""
    return (
        URGENCY.index(occupant.lane) <= URGENCY.index(request.lane)
        and (occupant.regenerate or not request.regenerate)
        and occupant.picture == request.picture
        and set(request.targets) <= set(occupant.targets)
        and request.previous_path in {"", occupant.previous_path}
    )


def merged(request: ExtractRequestedV1, occupant: ExtractRequestedV1) -> ExtractRequestedV1:
    """One request that does what both ask: newer wishes before older ones, the more urgent lane, every job and server."""
    named = {target.server_id for target in request.targets}
    others = tuple(target for target in occupant.targets if target.server_id not in named)
    return msgspec.structs.replace(
        request,
        job_ids=tuple(dict.fromkeys((*request.job_ids, *occupant.job_ids))),
        targets=(*request.targets, *others),
        lane=min(request.lane, occupant.lane, key=URGENCY.index),
        regenerate=request.regenerate or occupant.regenerate,
        previous_path=request.previous_path or occupant.previous_path,
    )


def moved(request: ExtractRequestedV1, order: JobMovedV1) -> ExtractRequestedV1:
    """The request in the lane that its job was given; one that other jobs wait for too never becomes less urgent."""
    lane = order.lane if request.job_ids == (order.job_id,) else min(order.lane, request.lane, key=URGENCY.index)
    return msgspec.structs.replace(request, lane=lane)
