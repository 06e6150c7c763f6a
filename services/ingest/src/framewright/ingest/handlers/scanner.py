"""What a scan needs of the world, and one turn of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Lane
from framewright.contracts.jobs import JobControl
from framewright.contracts.scans import ScanPart, ScanRequestedV1, ScanState
from framewright.contracts.server import Server
from framewright.contracts.settings import Settings
from framewright.ingest.domain.freshness import Judged
from framewright.ingest.domain.scans import Page
from framewright.ingest.domain.taken import Taken

TURN = timedelta(seconds=30)
"""How long a scan works before the next one has its turn."""


class States(Protocol):
    """Where scans stand; every method may raise Retry."""

    async def load(self, job_id: str) -> ScanState | None:
        """How far a scan has come; None when it never began."""
        ...

    async def save(self, state: ScanState) -> None:
        """Remember."""
        ...

    async def save_taken(self, job_id: str, number: int, paths: Sequence[str]) -> None:
        """Remember which files a page had."""
        ...

    async def load_taken(self, job_id: str, numbers: Sequence[int]) -> Taken:
        """The files of the pages with these numbers."""
        ...


class Library(Protocol):
    """The files of a part."""

    async def page(self, request: ScanRequestedV1, state: ScanState, part: ScanPart) -> Page:
        """The page at the part's cursor; raises Retry, or Reject with the code GONE when the part is no more."""
        ...

    async def total(self, state: ScanState, part: ScanPart) -> int | None:
        """How many files the part will have."""
        ...


class Judge(Protocol):
    """Whether files need work."""

    async def judged(self, part: ScanPart, raws: Sequence[str], *, regenerate: bool) -> list[Judged]:
        """One answer for each path, in order."""
        ...


class Queues(Protocol):
    """How much work waits already."""

    async def lane_is_full(self, lane: Lane) -> bool:
        """Whether the lane holds as much as it should."""
        ...

    async def router_is_busy(self) -> bool:
        """Whether the router has enough to do."""
        ...


@dataclass(frozen=True, slots=True)
class Scanner:
    """What a scan needs of the world; `held` says why nothing may be done now, `worker` names the process."""

    states: States
    library: Library
    judge: Judge
    queues: Queues
    send: Callable[[Answer], Awaitable[None]]
    lease: Callable[[str], AbstractAsyncContextManager[None]]
    servers: Callable[[], Sequence[Server]]
    settings: Callable[[], Settings]
    control: Callable[[str], JobControl]
    held: Callable[[], str]
    stopping: asyncio.Event
    worker: str
    turn: timedelta = TURN


@dataclass(frozen=True, slots=True)
class Turn:
    """One delivery of a scan."""

    request: ScanRequestedV1
    scanner: Scanner
    ends: datetime

    @property
    def cancelled(self) -> bool:
        """Whether an operator wants nothing more of it."""
        return self.scanner.control(self.request.job_id).cancelled_at is not None

    @property
    def lane(self) -> Lane:
        """Where its files go: the operator's word before the request's."""
        return self.scanner.control(self.request.job_id).lane or self.request.lane
