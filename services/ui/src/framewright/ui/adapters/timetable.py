"""The schedules of the bus, read as they are stored right now: every replica of the ui gives the same answer."""

import contextlib
import uuid
from collections.abc import Callable

from framewright.chassis.bus import Bucket, Bus, Occupied
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.scan_runs import ScanRuns, following
from framewright.chassis.schedules import Schedules, local_zone
from framewright.contracts.catalogue import CONFIG, JOB_STATE
from framewright.contracts.scans import TickV1
from framewright.contracts.schedules import Schedule, ScheduleState
from framewright.domain.errors import Reject


class BusTimetable:
    """See `Timetable`."""

    def __init__(self, bus: Bus) -> None:
        states = Bucket(bus, JOB_STATE.name)
        self._bus = bus
        self._schedules = Schedules(Bucket(bus, CONFIG.name), states)
        self._runs = ScanRuns(bus, states)
        self._zone = local_zone()

    async def every(self) -> list[tuple[Schedule, ScheduleState]]:
        """See `Timetable.every`."""
        found = sorted(await self._schedules.stored(), key=lambda one: (one.name.casefold(), one.id))
        return [(one, (await self._schedules.state(one.id))[0]) for one in found]

    async def find(self, schedule_id: str) -> tuple[Schedule, ScheduleState]:
        """See `Timetable.find`."""
        schedule = await self._schedules.find(schedule_id)
        if schedule is None:
            raise Reject(f"no schedule {schedule_id!r}", code="NOT_FOUND")
        return schedule, (await self._schedules.state(schedule_id))[0]

    async def add(self, schedule: Schedule) -> None:
        """See `Timetable.add`."""
        await self._schedules.add(schedule)

    async def change(self, schedule_id: str, change: Callable[[Schedule], Schedule]) -> Schedule:
        """See `Timetable.change`."""
        return await self._schedules.change(schedule_id, change)

    async def delete(self, schedule_id: str) -> None:
        """See `Timetable.delete`."""
        await self._schedules.delete(schedule_id)

    async def run(self, schedule_id: str) -> str:
        """See `Timetable.run`; the run is noted before it is asked for, so a tick at the same moment means the same run."""
        await self.find(schedule_id)
        while True:
            state, revision = await self._schedules.state(schedule_id)
            if state.job_id and await self._runs.is_alive(state.job_id):
                return state.job_id
            fresh = uuid.uuid4().hex
            coming = await following(state, fresh, self._runs, now())
            with contextlib.suppress(Occupied):
                if coming != state:
                    await self._schedules.note(schedule_id, coming, revision)
                break
        goes_on = coming != state and coming.job_id == state.job_id
        # A run that goes on is asked for under an id of its own: the same words again would pass for a repetition.
        asked = fresh if goes_on else coming.job_id
        await Outgoing(self._bus).send(TickV1(schedule_id=schedule_id, job_id=asked))
        return coming.job_id

    def zone(self) -> str:
        """See `Timetable.zone`."""
        return self._zone
