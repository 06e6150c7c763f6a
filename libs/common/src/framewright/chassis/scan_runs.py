"""Runs of scans as the bus knows them, and which one comes next of a schedule: the same answer for whoever asks."""

from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from framewright.chassis.bus import Bucket, Bus
from framewright.contracts.catalogue import SCANS
from framewright.contracts.jobs import CONTROL_PREFIX, decode_control
from framewright.contracts.scans import ScanRequestedV1, ScanState, scan_key
from framewright.contracts.schedules import ScheduleState

UNSENT_SECONDS = 600.0
"""How long a run that is noted, but of which nothing else is known, may still be about to begin."""


class Runs(Protocol):
    """The scans that there are; every method may raise Retry."""

    async def load(self, job_id: str) -> ScanState | None:
        """How far a scan has come; None when it never began."""
        ...

    async def is_alive(self, job_id: str) -> bool:
        """Whether a request for the scan waits or is in work."""
        ...

    async def is_cancelled(self, job_id: str) -> bool:
        """Whether an operator cancelled the scan, as it is stored right now."""
        ...


class ScanRuns:
    """See `Runs`; reads the stream of scans and the bucket `jobs`."""

    def __init__(self, bus: Bus, jobs: Bucket) -> None:
        self._bus = bus
        self._jobs = jobs

    async def load(self, job_id: str) -> ScanState | None:
        """See `Runs.load`."""
        entry = await self._jobs.get(scan_key(job_id))
        return msgspec.json.decode(entry.value, type=ScanState) if entry and entry.value else None

    async def is_alive(self, job_id: str) -> bool:
        """See `Runs.is_alive`."""
        for subject in (f"{ScanRequestedV1.HEAD}.{job_id}", f"wait.scan.{job_id}"):
            if await self._bus.get_last(SCANS.name, subject) is not None:
                return True
        return False

    async def is_cancelled(self, job_id: str) -> bool:
        """See `Runs.is_cancelled`."""
        entry = await self._jobs.get(CONTROL_PREFIX + job_id)
        return bool(entry and entry.value and decode_control(entry.value).cancelled_at)


async def following(state: ScheduleState, job_id: str, runs: Runs, at: datetime) -> ScheduleState:
    """How a schedule stands from now on, none of its runs being alive: the last one once more while it is not over, else `job_id`.

    Raises:
        Retry: the bus is out of reach.
    """
    if state.job_id and not await runs.is_cancelled(state.job_id):
        before = await runs.load(state.job_id)
        if before is None and _is_about_to_begin(state, at):
            return state
        if before is not None and not before.finished:
            return msgspec.structs.replace(state, requested_at=at)
    return msgspec.structs.replace(state, job_id=job_id, started_at=at, requested_at=at)


def _is_about_to_begin(state: ScheduleState, at: datetime) -> bool:
    """Whether the run was noted just now by somebody who may have died before it was sent; sending it again adds nothing."""
    return state.requested_at is not None and at - state.requested_at < timedelta(seconds=UNSENT_SECONDS)
