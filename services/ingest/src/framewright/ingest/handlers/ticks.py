"""The time of a schedule has come: a scan begins, or the one that rests goes on; never two of one schedule at once."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from framewright.chassis.bus import Occupied
from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Answer
from framewright.chassis.scan_runs import Runs, following
from framewright.contracts.scans import ScanRequestedV1, TickV1
from framewright.contracts.schedules import Schedule, ScheduleState, lane_of, libraries_of, stop_moment
from framewright.domain.errors import Busy

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
    coming = await following(state, tick.job_id or uuid.uuid4().hex, clockwork.runs, now())
    if coming != state:
        try:
            await clockwork.book.note(schedule.id, coming, revision)
        except Occupied as error:
            raise Busy("another tick of the schedule came at the same time", after=1.0) from error
    await clockwork.send(_request(schedule, coming, clockwork.zone))
    await clockwork.clear(schedule.id)
    return ()


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
