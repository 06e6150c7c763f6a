"""What operators decided about jobs, held in memory by every service that does work for jobs."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
import structlog

from framewright.chassis.bus import Bucket, Entry
from framewright.chassis.stopping import until
from framewright.contracts.base import Lane
from framewright.contracts.jobs import CONTROL_PREFIX, CONTROL_SECONDS, JobControl, decode_control
from framewright.domain.errors import Reject

log = structlog.get_logger("jobs")


class JobControls:
    """A live view of the bucket `jobs`, and the way to write to it; only jobs that an operator touched are in it."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._controls: dict[str, JobControl] = {}
        self._loaded = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    def of(self, job_id: str) -> JobControl:
        """What was decided about a job; nothing, for most."""
        return self._controls.get(job_id, JobControl())

    def all_cancelled(self, job_ids: Iterable[str]) -> bool:
        """Whether nobody waits for this work any more: it has jobs, and every one of them is cancelled."""
        ids = tuple(job_ids)
        return bool(ids) and all(self.of(job_id).cancelled_at is not None for job_id in ids)

    async def loaded(self) -> None:
        """Wait until everything that was decided before is known."""
        await self._loaded.wait()

    async def cancel(self, job_id: str, at: datetime) -> None:
        """Nothing more is done for the job.

        Raises:
            Retry: the bus is out of reach.
        """
        await self._write(job_id, msgspec.structs.replace(self.of(job_id), cancelled_at=at))

    async def move(self, job_id: str, lane: Lane) -> None:
        """What is queued for the job from now on goes to this lane.

        Raises:
            Retry: the bus is out of reach.
        """
        await self._write(job_id, msgspec.structs.replace(self.of(job_id), lane=lane))

    async def watch(self, stopping: asyncio.Event) -> None:
        """Keep the view current until told to stop."""
        await until(stopping, self._watch())

    async def _write(self, job_id: str, control: JobControl) -> None:
        await self._bucket.put(CONTROL_PREFIX + job_id, msgspec.json.encode(control), seconds=CONTROL_SECONDS)
        self._keep(job_id, control)

    async def _watch(self) -> None:
        async for entry in self._bucket.watch(f"{CONTROL_PREFIX}>"):
            if entry is None:
                self._loaded.set()
                continue
            try:
                self._apply(entry)
            except Reject as error:
                log.warning("a stored job control is unusable", key=entry.key, reason=error.reason)

    def _apply(self, entry: Entry) -> None:
        job_id = entry.key.removeprefix(CONTROL_PREFIX)
        self._keep(job_id, decode_control(entry.value) if entry.value else JobControl())

    def _keep(self, job_id: str, control: JobControl) -> None:
        self._controls[job_id] = control
        if control == JobControl():
            del self._controls[job_id]
        for listener in self._listeners:
            listener()
