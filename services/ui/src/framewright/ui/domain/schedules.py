"""Schedules as the REST API shows them, and what the routes need of the world for them; pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from framewright.contracts.schedules import Schedule, ScheduleConfig, ScheduleState, next_run


class Timetable(Protocol):
    """The schedules; every method may raise Retry."""

    async def every(self) -> list[tuple[Schedule, ScheduleState]]:
        """Every schedule with how it stands, by name."""
        ...

    async def find(self, schedule_id: str) -> tuple[Schedule, ScheduleState]:
        """One; raises Reject with the code NOT_FOUND."""
        ...

    async def add(self, schedule: Schedule) -> None:
        """Store a new one."""
        ...

    async def change(self, schedule_id: str, change: Callable[[Schedule], Schedule]) -> Schedule:
        """Apply a pure change; raises Reject with the code NOT_FOUND, or what `change` raises."""
        ...

    async def delete(self, schedule_id: str) -> None:
        """Forget one; raises Reject with the code NOT_FOUND."""
        ...

    async def run(self, schedule_id: str) -> str:
        """Let it run now: the id of the run's job, that of the one under way when there is one."""
        ...

    def zone(self) -> str:
        """The system's own time zone."""
        ...


class NewSchedule(msgspec.Struct, frozen=True):
    """What may be said of a schedule; one of `cron_expression` and `interval_minutes` must be. See `Schedule`."""

    name: str | None = None
    library_id: str | None = None
    library_ids: list[str] | None = None
    library_name: str | None = None
    server_id: str | None = None
    cron_expression: str | None = None
    interval_minutes: int | None = None
    enabled: bool | None = None
    priority: Literal[1, 2, 3] | None = None
    stop_time: str | None = None
    time_zone: str | None = None
    config: ScheduleConfig | None = None


class ScheduleView(Schedule, frozen=True):
    """A schedule with when it comes next, when it ran last and under which job."""

    next_run: datetime | None = None
    last_run: datetime | None = None
    last_job_id: str | None = None


class SchedulePage(msgspec.Struct, frozen=True):
    """Every schedule, by name."""

    schedules: tuple[ScheduleView, ...]


def schedule_view(schedule: Schedule, state: ScheduleState, zone: str, at: datetime) -> ScheduleView:
    """The schedule as it is shown at this moment."""
    return ScheduleView(
        **msgspec.structs.asdict(schedule),
        next_run=next_run(schedule, state, zone, at),
        last_run=state.started_at,
        last_job_id=state.job_id or None,
    )
