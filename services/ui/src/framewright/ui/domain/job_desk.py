"""What the routes of jobs need of the world beyond reading lists: the fine print of jobs, and giving orders."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from framewright.contracts.base import Lane
from framewright.contracts.facts import JobCreatedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.scans import ScanRequestedV1
from framewright.domain.outcome import Outcome
from framewright.ui.domain.attempts import Attempts, TryView
from framewright.ui.domain.ports import FileFilter, Slice
from framewright.ui.domain.rows import FileKey, Trouble


class JobBook(Protocol):
    """Reading what lists do not show."""

    async def attempts(self, job_id: str, wanted: FileFilter, part: Slice) -> tuple[list[TryView], int]:
        """A page of a job's tries, newest first, and how many there are."""
        ...

    async def tries(self, keys: Sequence[FileKey]) -> dict[str, list[TryView]]:
        """The last tries of some files, by path id, newest first; none of a file that was tried only once."""
        ...

    async def in_short(self, job_id: str) -> Attempts:
        """The tries of a job in short."""
        ...

    async def open_paths(self, job_id: str) -> frozenset[str]:
        """Path ids of the files that are not settled."""
        ...

    async def number_of_files(self, job_id: str, outcomes: Collection[Outcome]) -> int:
        """How many files of a job have one of these outcomes; of any, when none is named."""
        ...

    def paths(self, job_id: str, outcomes: Collection[Outcome]) -> AsyncIterator[str]:
        """Their paths, read in pages."""
        ...

    async def ids(self, statuses: Sequence[str]) -> list[str]:
        """Every job of these statuses."""
        ...

    async def troubles(self) -> dict[str, Trouble]:
        """The servers that take no calls, by id."""
        ...


class Orders(Protocol):
    """What an operator wants done; every method may raise `Retry` while the bus is out of reach."""

    async def scan(self, job: JobCreatedV1, request: ScanRequestedV1) -> None:
        """Announce a job and have libraries scanned for it."""
        ...

    async def work(self, job: JobCreatedV1, changes: AsyncIterator[MediaChangedV1]) -> None:
        """Announce a job and queue its paths."""
        ...

    async def cancel(self, job_id: str) -> None:
        """Nothing more is done for the job."""
        ...

    async def move(self, job_id: str, lane: Lane) -> None:
        """Another urgency, for what is queued and what will be."""
        ...

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Take finished jobs off every list."""
        ...

    async def fire(self, path_ids: frozenset[str], event_id: str) -> int:
        """Let everything that waits for its next try for these files go at once; answers how many did."""
        ...


@dataclass(frozen=True, slots=True)
class JobDesk:
    """The ports together; `held` says why no heavy work is done right now, empty when it is."""

    book: JobBook
    orders: Orders
    held: Callable[[], str]
