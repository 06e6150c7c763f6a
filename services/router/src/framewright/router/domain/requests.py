"""The work that follows from a decision, and how two requests for one path become one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from framewright.contracts.extract import URGENCY, ExtractRequestedV1, Target
from framewright.contracts.publish import PublishRequestedV1
from framewright.domain.frames import Rendition
from framewright.domain.media import is_under
from framewright.domain.ownership import Ownership

Work = ExtractRequestedV1 | PublishRequestedV1
"""What is asked for a file: of the extractor for all its owners, of the publisher for each of them."""


@dataclass(frozen=True, slots=True)
class Occupant:
    """The request that holds a path's place in the queue, and where it stands."""

    sequence: int
    request: ExtractRequestedV1


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that is queued or waits for its next try, as it was seen in its place."""

    stream: str
    subject: str
    sequence: int
    request: Work

    @property
    def server_ids(self) -> frozenset[str]:
        """The servers that it is for."""
        request = self.request
        targets = request.targets if isinstance(request, ExtractRequestedV1) else (request.target,)
        return frozenset(target.server_id for target in targets)

    def previous_of(self, server_id: str) -> str:
        """Where it says that the outputs of one of its servers were made before; empty when it knows of no other place."""
        request = self.request
        if isinstance(request, PublishRequestedV1):
            return request.previous_path if request.target.server_id == server_id else ""
        found = (request.previous_of(target) for target in request.targets if target.server_id == server_id)
        return next(found, "")

    @property
    def regenerates(self) -> bool:
        """Whether somebody asked for pictures made anew; frames that are fetched once more for one server are no such wish."""
        request = self.request
        first = request.attempt == 1 if isinstance(request, ExtractRequestedV1) else request.reextracted == 0
        return request.regenerate and first


def target(ownership: Ownership, rendition: Rendition, *further: Rendition) -> Target:
    """The part of a job that concerns one owning server, which wants these renditions."""
    return Target(
        server_id=ownership.server.id,
        server_type=ownership.server.type,
        server_name=ownership.server.name,
        library_id=ownership.library.id if ownership.library else "",
        remote_paths=ownership.remote_paths,
        rendition=rendition,
        library_ids=tuple(library.id for library in ownership.libraries),
        further=further,
    )


def seen_paths(ownership: Ownership) -> tuple[str, ...]:
    """The server's spellings under which its own libraries hold the path; the guesses of other mappings are left out."""
    roots = [root for library in ownership.libraries for root in library.remote_paths if root]
    return tuple(path for path in ownership.remote_paths if any(is_under(path, root) for root in roots))


def covers(occupant: ExtractRequestedV1, request: ExtractRequestedV1) -> bool:
    """Whether the queued request does all that the new one asks for the same path, and as soon."""
    return (
        URGENCY.index(occupant.lane) <= URGENCY.index(request.lane)
        and (occupant.remakes_all or not request.regenerate)
        and occupant.picture == request.picture
        and set(request.targets) <= set(occupant.targets)
        and request.previous_path in {"", occupant.previous_path}
    )


def previous_place(server_id: str, pending: Sequence[Pending]) -> str:
    """Where a server's outputs were made, as what is still to be done tells; its own publisher knows it best."""
    own = sorted(pending, key=lambda one: isinstance(one.request, ExtractRequestedV1))
    return next(filter(None, (one.previous_of(server_id) for one in own)), "")


def coming_from(request: ExtractRequestedV1, places: Sequence[str]) -> ExtractRequestedV1:
    """The request, with the place where the outputs of each of its targets were made, in their order."""
    pairs = zip(request.targets, places, strict=True)
    targets = tuple(target.coming_from(place, usual=places[0]) for target, place in pairs)
    return msgspec.structs.replace(request, previous_path=places[0], targets=targets)
