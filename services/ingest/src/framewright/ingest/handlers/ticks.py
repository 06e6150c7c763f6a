"""The time of a schedule has come: a scan begins, or the one that rests goes on; never two of one schedule at once."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import structlog

from framewright.chassis.bus import Occupied
from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Answer
from framewright.contracts.scans import ScanRequestedV1, ScanState, TickV1
from framewright.contracts.schedules import Schedule, ScheduleState, lane_of, libraries_of, stop_moment
from framewright.domain.errors import Busy

UNSENT_SECONDS = 600.0
"""How long a run that is noted, but of which nothing else is known, may still be about to begin."""

log = structlog.get_logger("schedules")


class Book(Protocol):
    """The schedules and how they stand; every method may raise Retry."""

    async def find(self, schedule_id: str) -> Schedule | None:
        """One schedule as it is stored right now."""
        ...

    async def state(self, schedule_id: str) -> tuple[ScheduleState, int]:
        """How it stands, and the revision that a change must name."""
        ...

    async def note(self, schedule_id: str, state: ScheduleState, revision: int) -> None:
        """Remember how it stands; raises Occupied when somebody else did meanwhile."""
        ...


class Runs(Protocol):
    """The scans that there are; every method may raise Retry."""

    async def load(self, job_id: str) -> ScanState | None:
        """How far a scan has come."""
        ...

    async def is_alive(self, job_id: str) -> bool:
        """Whether a request for the scan waits or is in work."""
        ...

    async def is_cancelled(self, job_id: str) -> bool:
        """Whether an operator cancelled it."""
        ...


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What a tick needs; `clear` removes the ticks of a schedule that wait, `zone` is the system's own time zone."""

    book: Book
    runs: Runs
    send: Callable[[Answer], Awaitable[None]]
    clear: Callable[[str], Awaitable[None]]
    zone: str


async def on_tick(tick: TickV1, _context: Context, *, clockwork: Clockwork) -> Sequence[Answer]:
    """Start the schedule's scan, or let the one that rests go on; nothing while one is under way.

    Work that is paused does not change that: the scan is asked for and waits for its release, once, however many ticks come.
    Ticks that came while nobody was here are one.

    Raises:
        Busy: another tick of the schedule was faster; it is looked at once more.
    """
    schedule = await clockwork.book.find(tick.schedule_id)
    if schedule is None or not (schedule.enabled or tick.job_id):
        return ()
    state, revision = await clockwork.book.state(schedule.id)
    if state.job_id and await clockwork.runs.is_alive(state.job_id):
        log.info("the last run is still under way", schedule=schedule.name, job=state.job_id)
        return ()
    following = await _following(tick, state, clockwork.runs)
    if following != state:
        try:
            await clockwork.book.note(schedule.id, following, revision)
        except Occupied as error:
            raise Busy("another tick of the schedule came at the same time", after=1.0) from error
    await clockwork.send(_request(schedule, following, clockwork.zone))
    await clockwork.clear(schedule.id)
    return ()


async def _following(tick: TickV1, state: ScheduleState, runs: Runs) -> ScheduleState:
    """How the schedule stands from now on: the same run once more while it is not over, else a new one."""
    at = now()
    if state.job_id and not await runs.is_cancelled(state.job_id):
        before = await runs.load(state.job_id)
        if before is None and _is_about_to_begin(state, at):
            return state
        if before is not None and not before.finished:
            return msgspec.structs.replace(state, requested_at=at)
    job_id = tick.job_id or uuid.uuid4().hex
    return msgspec.structs.replace(state, job_id=job_id, started_at=at, requested_at=at)


def _is_about_to_begin(state: ScheduleState, at: datetime) -> bool:
    """Whether the run was noted just now by somebody who may have died before it was sent; sending it again adds nothing."""
    return state.requested_at is not None and at - state.requested_at < timedelta(seconds=UNSENT_SECONDS)


def _request(schedule: Schedule, state: ScheduleState, zone: str) -> ScanRequestedV1:
    config, at = schedule.config, state.requested_at or now()
    return ScanRequestedV1(
        job_id=state.job_id,
        title=schedule.name,
        source="schedule",
        requested_at=at,
        server_id=schedule.server_id,
        library_ids=libraries_of(schedule),
        kind=config.job_type,
        lookback_hours=config.lookback_hours,
        sort_by=config.sort_by,
        lane=lane_of(schedule),
        regenerate=config.regenerate,
        schedule_id=schedule.id,
        stop_at=stop_moment(schedule, zone, at),
    )
