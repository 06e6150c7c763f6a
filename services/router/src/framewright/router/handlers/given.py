"""What the handlers are given: the queue, the disk, what is remembered, and one change with all that is known of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from framewright.chassis.delivery import Context
from framewright.contracts.base import Lane
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.server import Server
from framewright.contracts.settings import Settings
from framewright.domain.frames import Rendition
from framewright.domain.media import media_id
from framewright.router.domain import deciding
from framewright.router.domain.deciding import Candidate, Decision, Listing
from framewright.router.domain.requests import Occupant, Pending


class Queue(Protocol):
    """The work queue as the router sees it: one place per path."""

    async def offer(self, request: ExtractRequestedV1) -> bool:
        """Queue the request unless its path is queued or in work already."""
        ...

    async def occupant(self, path_id: str) -> Occupant | None:
        """The request that holds the path's place."""
        ...

    async def in_work(self, path_id: str) -> bool:
        """Whether a worker holds the path right now."""
        ...

    async def replace(self, occupant: Occupant, request: ExtractRequestedV1) -> None:
        """Queue the request, then take the other one out: at no moment is neither there."""
        ...

    async def withdraw(self, occupant: Occupant) -> None:
        """Take a request out: something else stands for it."""
        ...

    def of_job(self, job_id: str) -> AsyncIterator[Occupant]:
        """Every queued request that the job waits for, oldest first."""
        ...


class Backlog(Protocol):
    """What is still to be done for a path, queued or waiting for its next try, by the extractor or by a publisher."""

    async def of_path(self, path_id: str) -> Sequence[Pending]:
        """All that is there for a path; what is in work is among it until it is settled.

        Raises:
            Busy: something of it is on its way from one place to another at this very moment.
        """
        ...

    async def strike(self, pending: Pending) -> None:
        """Take one out, if it is there as it was seen; what is in work goes on, and nothing follows from it.

        Raises:
            Busy: as `of_path`.
        """
        ...

    def waiting_for(self, job_id: str) -> AsyncIterator[str]:
        """The places of extraction requests that wait for their next try and that the job waits for."""
        ...

    async def rewrite(self, place: str, change: Callable[[ExtractRequestedV1], ExtractRequestedV1]) -> None:
        """Change what waits in a place, in that place; what leaves it at this very moment is left alone."""
        ...


class Disk(Protocol):
    """The media as far as it is mounted here."""

    async def first_existing(self, paths: Sequence[str]) -> str | None:
        """The first path that is a file or folder inside the media root, links followed."""
        ...

    async def videos(self, folder: str) -> Listing | None:
        """The videos below a folder; None when the path is no folder.

        Raises:
            Retry: code UNREADABLE.
        """
        ...

    async def is_folder(self, path: str) -> bool:
        """Whether a folder is there."""
        ...

    async def missing(self, paths: Collection[str]) -> set[str]:
        """Those of the paths at which nothing is here."""
        ...


class Records(Protocol):
    """What was published, as far as it tells of paths."""

    async def servers_with(self, path_id: str, server_ids: Collection[str]) -> frozenset[str]:
        """Those of the servers for which something was made of the path."""
        ...

    async def under(self, folders: Sequence[str]) -> Mapping[str, set[str]]:
        """Every path below one of the folders of which something was made, with the servers for which it was.

        Raises:
            Retry: the bus is out of reach.
        """
        ...


@dataclass(frozen=True, slots=True)
class Router:
    """The world of the handlers.

    `reread` asks the servers (or the named one) for new libraries, see `LibraryReader`; `cancelled` says whether every one
    of these jobs is, `lane` which urgency an operator gave a job.
    """

    servers: Callable[[], Sequence[Server]]
    settings: Callable[[], Settings]
    renditions: Callable[[Server, Rendition], Awaitable[Sequence[Rendition]]]
    reread: Callable[[str], Awaitable[bool]]
    cancelled: Callable[[Iterable[str]], bool]
    lane: Callable[[str], Lane | None]
    queue: Queue
    backlog: Backlog
    disk: Disk
    records: Records

    def server(self, server_id: str) -> Server:
        """One of the servers."""
        return next(server for server in self.servers() if server.id == server_id)


@dataclass(frozen=True, slots=True)
class Case:
    """One change on its way: what it may mean (`found`) and what was decided about it."""

    change: MediaChangedV1
    decision: Decision
    found: Sequence[Candidate]
    context: Context
    router: Router

    @property
    def path(self) -> str:
        """The local path."""
        return self.decision.path

    @property
    def path_id(self) -> str:
        """Its identity."""
        return media_id(self.decision.path)

    @property
    def job_id(self) -> str:
        """The job that somebody opened for it, or the one that it makes."""
        return self.change.job_id or deciding.job_id_for(self.change.event_id, self.path_id)


async def candidates_of(raw: str, change: MediaChangedV1, router: Router) -> list[Candidate]:
    """What a path may stand for; before it is nobody's, the servers are asked whether they have a new library.

    Raises:
        BadPath: no mapping can make it safe.
        Retry: the servers are being asked.
    """
    found = deciding.candidates(raw, router.servers(), change.server_id)
    if any(candidate.owned for candidate in found) or not await router.reread(change.server_id):
        return found
    return deciding.candidates(raw, router.servers(), change.server_id)


async def remembered(raw: str, found: Sequence[Candidate], router: Router) -> Decision:
    """What a path meant that is gone now: the spelling of which something was made or is to be made, else the most specific."""
    owned = [Decision(candidate.path, candidate.verdicts) for candidate in found]
    owned = [decision for decision in owned if decision.owners]
    for decision in owned:
        if await router.records.servers_with(media_id(decision.path), [owner.server.id for owner in decision.owners]):
            return decision
    for decision in owned if len(owned) > 1 else ():
        if await router.backlog.of_path(media_id(decision.path)):
            return decision
    return deciding.decide(raw, found, None)
