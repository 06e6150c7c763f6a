"""Carrying out what operators order: facts for everyone to see, work for the queues, words that every service obeys."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence

from framewright.chassis.bus import Bus
from framewright.chassis.clock import now
from framewright.chassis.job_controls import JobControls
from framewright.chassis.outgoing import Outgoing
from framewright.contracts.base import Lane, Message, decode
from framewright.contracts.catalogue import DUE, JOBS, PUBLISH
from framewright.contracts.facts import JobChange, JobChangedV1, JobCreatedV1
from framewright.contracts.jobs import JobMovedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.scans import ScanRequestedV1
from framewright.domain.errors import Reject, Retry
from framewright.domain.media import media_id

AT_ONCE = 32
"""Messages on their way to the bus at the same time."""

LOOKED_AT = 2000
"""Waiting changes whose bodies are read to find those of a job; beyond that only their quiet time can be meant."""

WAITING = ((JOBS.name, "wait.jobs.>"), (PUBLISH.name, "wait.publish.>"), (PUBLISH.name, "wait.remove.>"))

PATIENCE = 5.0
"""Seconds that an order waits, after a start, for what was decided before."""


class BusOrders:
    """Fulfils `Orders`."""

    def __init__(self, bus: Bus, controls: JobControls) -> None:
        self._bus = bus
        self._controls = controls
        self._outgoing = Outgoing(bus)

    async def scan(self, job: JobCreatedV1, request: ScanRequestedV1) -> None:
        """See `Orders.scan`."""
        await self._outgoing.send(job)
        await self._outgoing.send(request)

    async def work(self, job: JobCreatedV1, changes: AsyncIterator[MediaChangedV1]) -> None:
        """See `Orders.work`."""
        await self._outgoing.send(job)
        batch: list[Message] = []
        async for change in changes:
            batch.append(change)
            if len(batch) == AT_ONCE:
                await self._send_all(batch)
                batch = []
        await self._send_all(batch)

    async def cancel(self, job_id: str) -> None:
        """See `Orders.cancel`; the word comes before the fact, so that nobody sees a cancelled job being worked on."""
        await self._earlier_words()
        moment = now()
        await self._controls.cancel(job_id, moment)
        await self._outgoing.send(JobChangedV1(job_id=job_id, at=moment, change=JobChange.CANCELLED))

    async def move(self, job_id: str, lane: Lane) -> None:
        """See `Orders.move`; the word holds for what is queued from now on, the order moves what is queued already."""
        await self._earlier_words()
        moment = now()
        await self._controls.move(job_id, lane)
        await self._outgoing.send(JobMovedV1(job_id=job_id, lane=lane, at=moment))
        await self._outgoing.send(JobChangedV1(job_id=job_id, at=moment, change=JobChange.MOVED, lane=lane))

    async def forget(self, job_ids: Sequence[str]) -> None:
        """See `Orders.forget`."""
        moment = now()
        facts = [JobChangedV1(job_id=one, at=moment, change=JobChange.DELETED) for one in job_ids]
        for begin in range(0, len(facts), AT_ONCE):
            await self._send_all(facts[begin : begin + AT_ONCE])

    async def fire(self, path_ids: frozenset[str], event_id: str) -> int:
        """See `Orders.fire`."""
        places = [(DUE.name, subject) for subject in await self._changes(path_ids, event_id)]
        for stream, pattern in WAITING:
            found = await self._bus.subjects(stream, pattern)
            places += [(stream, subject) for subject in found if not path_ids.isdisjoint(subject.split("."))]
        fired = 0
        for begin in range(0, len(places), AT_ONCE):
            calls = (self._bus.fire_now(*place) for place in places[begin : begin + AT_ONCE])
            fired += sum(await asyncio.gather(*calls))
        return fired

    async def _earlier_words(self) -> None:
        """What was decided about a job before stays, so it must be known first.

        Raises:
            Retry: code STARTING.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                await self._controls.loaded()
        except TimeoutError as error:
            raise Retry("what was decided about jobs is not known yet", code="STARTING") from error

    async def _changes(self, path_ids: frozenset[str], event_id: str) -> list[str]:
        """Where changes of these files, or of this event, wait; their subjects name neither, so the bodies are read."""
        subjects = sorted(await self._bus.subjects(DUE.name, "wait.due.>"))[:LOOKED_AT]
        wanted: list[str] = []
        for begin in range(0, len(subjects), AT_ONCE):
            part = subjects[begin : begin + AT_ONCE]
            bodies = await asyncio.gather(*(self._bus.get_last(DUE.name, subject) for subject in part))
            pairs = zip(part, bodies, strict=True)
            wanted += [subject for subject, found in pairs if found and _is_of(found[1], path_ids, event_id)]
        return wanted

    async def _send_all(self, messages: Iterable[Message]) -> None:
        await asyncio.gather(*map(self._outgoing.send, messages))


def _is_of(body: bytes, path_ids: frozenset[str], event_id: str) -> bool:
    with contextlib.suppress(Reject):
        change = decode(MediaChangedV1, body)
        return (bool(event_id) and change.event_id == event_id) or media_id(change.path) in path_ids
    return False
