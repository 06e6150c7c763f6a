"""What is still to be done, read in the streams where it is queued and where it waits for its next try."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from framewright.chassis.bus import Bus, held, rewrite, sweep, take_out
from framewright.contracts.base import decode, encode
from framewright.contracts.catalogue import JOBS, PUBLISH
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.publish import PublishRequestedV1
from framewright.domain.errors import Busy, Reject
from framewright.router.domain.requests import Pending, Work

# What waits comes first: a message whose time comes between two looks is seen twice then, and never overlooked.
PLACES: tuple[tuple[str, str, type[Work]], ...] = (
    (JOBS.name, "wait.jobs.{}.*", ExtractRequestedV1),
    (PUBLISH.name, "wait.publish.*.*.{}", PublishRequestedV1),
    (JOBS.name, f"{ExtractRequestedV1.HEAD}.*.*.{{}}", ExtractRequestedV1),
    (PUBLISH.name, f"{PublishRequestedV1.HEAD}.*.*.{{}}", PublishRequestedV1),
)

WAITING_WORK = "wait.jobs.>"

LEAVING_SECONDS = 2.0
"""After so many seconds a message that left its place is where it was to go."""


class BusBacklog:
    """Fulfils `Backlog`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def of_path(self, path_id: str) -> Sequence[Pending]:
        """See `Backlog.of_path`."""
        found: list[Pending] = []
        for stream, pattern, kind in PLACES:
            for subject in await self._bus.subjects(stream, pattern.format(path_id)):
                found += await self._seen(stream, subject, kind)
        return found

    async def strike(self, pending: Pending) -> None:
        """See `Backlog.strike`."""
        seen = await held(self._bus, pending.stream, pending.subject)
        if seen is None or seen.sequence != pending.sequence:
            return
        if not await take_out(self._bus, seen) and seen.leaving:
            raise _on_its_way(pending.subject)

    async def waiting_for(self, job_id: str) -> AsyncIterator[str]:
        """See `Backlog.waiting_for`."""
        async for stored in sweep(self._bus, JOBS.name, WAITING_WORK):
            with contextlib.suppress(Reject):
                if job_id in decode(ExtractRequestedV1, stored.data).job_ids:
                    yield stored.subject

    async def rewrite(self, place: str, change: Callable[[ExtractRequestedV1], ExtractRequestedV1]) -> None:
        """See `Backlog.rewrite`."""
        while (seen := await held(self._bus, JOBS.name, place)) is not None and not seen.leaving:
            request = decode(ExtractRequestedV1, seen.data)
            wanted = change(request)
            if wanted == request or await rewrite(self._bus, seen, encode(wanted), wanted.subject()):
                return

    async def _seen(self, stream: str, subject: str, kind: type[Work]) -> list[Pending]:
        """What stands there, at most one; what nobody can read is left to whoever takes it."""
        seen = await held(self._bus, stream, subject)
        if seen is None:
            return []
        if seen.leaving:
            raise _on_its_way(subject)
        with contextlib.suppress(Reject):
            return [Pending(stream, subject, seen.sequence, decode(kind, seen.data))]
        return []


def _on_its_way(subject: str) -> Busy:
    return Busy(f"{subject} is on its way to be tried", after=LEAVING_SECONDS)
