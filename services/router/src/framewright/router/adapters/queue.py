"""The work queue: the guard keeps one message per path over every lane and class."""

from collections.abc import AsyncIterator

from framewright.chassis.bus import Bucket, Bus, sweep
from framewright.chassis.outgoing import Outgoing
from framewright.contracts.base import decode
from framewright.contracts.catalogue import JOBS
from framewright.contracts.extract import ExtractRequestedV1
from framewright.router.domain.requests import Occupant


class JobQueue:
    """The JOBS stream."""

    def __init__(self, bus: Bus, locks: Bucket) -> None:
        self._bus = bus
        self._outgoing = Outgoing(bus)
        self._locks = locks

    async def offer(self, request: ExtractRequestedV1) -> bool:
        """See `Queue.offer`."""
        return await self._outgoing.offer(request)

    async def occupant(self, path_id: str) -> Occupant | None:
        """See `Queue.occupant`."""
        found = await self._bus.get_matching(JOBS.name, f"{ExtractRequestedV1.HEAD}.*.*.{path_id}")
        return None if found is None else Occupant(found[0], decode(ExtractRequestedV1, found[1]))

    async def in_work(self, path_id: str) -> bool:
        """See `Queue.in_work`: the extractor's lease on the path."""
        return await self._locks.get(f"extract.{path_id}") is not None

    async def replace(self, occupant: Occupant, request: ExtractRequestedV1) -> None:
        """See `Queue.replace`; both being there for a moment costs at most a second look at a fresh file."""
        await self._outgoing.send_beside(request, occupant.sequence)
        await self.withdraw(occupant)

    async def withdraw(self, occupant: Occupant) -> None:
        """See `Queue.withdraw`."""
        await self._bus.delete_message(JOBS.name, occupant.sequence)

    async def of_job(self, job_id: str) -> AsyncIterator[Occupant]:
        """See `Queue.of_job`."""
        async for stored in sweep(self._bus, JOBS.name, f"{ExtractRequestedV1.HEAD}.>"):
            if job_id.encode() not in stored.data:
                continue
            request = decode(ExtractRequestedV1, stored.data)
            if job_id in request.job_ids:
                yield Occupant(stored.sequence, request)
