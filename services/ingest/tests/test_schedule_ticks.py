"""Schedules on the bus: set, removed, left alone; and what a tick starts."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.schedules import Schedules
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import CONFIG, JOB_STATE, SCANS
from framewright.contracts.facts import JobCreatedV1, ScanProgressedV1
from framewright.contracts.jobs import JobControl, Processing
from framewright.contracts.scans import TickV1
from framewright.contracts.schedules import Schedule, ScheduleState, changed_schedule, new_schedule

pytestmark = pytest.mark.integration


@pytest.fixture
def schedules(bus):
    return Schedules(Bucket(bus, CONFIG.name), Bucket(bus, JOB_STATE.name))


@pytest.fixture
def nightly(schedules):
    """Stores a schedule and answers it."""

    async def add(schedule_id="nightly", **fields):
        given = {"name": "Nightly", "cron_expression": "0 2 * * *", "time_zone": "Europe/Berlin", **fields}
        schedule = new_schedule(given, schedule_id, now())
        await schedules.add(schedule)
        return schedule

    return add


@pytest.fixture
def standing(bus):
    """The headers of the schedule on the bus; None without one."""

    async def read(schedule_id="nightly"):
        found = await bus.get_last(SCANS.name, f"wait.tick.{schedule_id}")
        return (await bus.get_sequence(SCANS.name, found[0])) if found else None

    return read


@pytest.fixture
def tick(bus):
    async def send(schedule_id="nightly", job_id=""):
        await bus.publish(f"tick.v1.{schedule_id}", msgspec.json.encode(TickV1(schedule_id=schedule_id, job_id=job_id)))

    return send


@pytest.fixture
def run_over(stored):
    async def wait(number=1):
        async def is_over():
            return sum(one.finished for one in await stored(ScanProgressedV1)) == number

        await until(is_over)
        return await stored(JobCreatedV1)

    return wait


async def all_handled(bus):
    async def none_wait():
        return not await bus.subjects(SCANS.name, "tick.v1.*")

    await until(none_wait)


@pytest.mark.parametrize("rhythm", ["*/5 * * * *", "0 3 1,15 2 *", "59 23 31 12 0-6", "0 0 29 2 *", "* * * * 7"])
async def test_the_bus_takes_every_rhythm_that_we_take(ingest, nightly, standing, rhythm):
    await nightly(cron_expression=rhythm)

    async with ingest():

        async def is_set():
            return await standing() is not None

        await until(is_set)


async def test_enabled_schedules_stand_on_the_bus_and_only_those(ingest, schedules, nightly, standing):
    await nightly()
    await nightly("off", enabled=False)

    async with ingest():

        async def is_set():
            return await standing() is not None

        await until(is_set)
        headers = (await standing()).headers
        assert (headers["Nats-Schedule"], headers["Nats-Schedule-Time-Zone"]) == ("0 0 2 * * *", "Europe/Berlin")
        assert await standing("off") is None
        await schedules.change("nightly", lambda old: changed_schedule(old, {"interval_minutes": 30}))

        async def is_changed():
            return (await standing()).headers["Nats-Schedule"] == "@every 30m"

        await until(is_changed)
        await schedules.delete("nightly")

        async def is_gone():
            return await standing() is None

        await until(is_gone)


async def test_a_schedule_that_the_bus_does_not_take_keeps_no_other_one_waiting(ingest, schedules, nightly, standing):
    await schedules.add(Schedule("first", "First", cron_expression="0 2 * * *", time_zone="Atlantis/Poseidonis"))
    await nightly()

    async with ingest():

        async def is_set():
            return await standing() is not None

        await until(is_set)
        assert await standing("first") is None


async def test_two_replicas_and_a_restart_leave_a_standing_schedule_alone(ingest, nightly, standing, bus):
    await nightly(cron_expression="", interval_minutes=30)
    async with ingest():

        async def is_set():
            return await standing() is not None

        await until(is_set)
    before = (await standing()).seq

    async with ingest(), ingest():
        await asyncio.sleep(0.5)

    assert (await standing()).seq == before


async def test_a_removed_schedule_is_put_back_at_the_next_start(ingest, nightly, standing, bus):
    await nightly()
    await bus.publish(
        "wait.tick.stray", b"{}", headers={"Nats-Schedule": "@every 1h", "Nats-Schedule-Target": "tick.v1.stray"}
    )

    async with ingest():

        async def is_right():
            return await standing() is not None and await standing("stray") is None

        await until(is_right)


async def test_a_tick_starts_a_scan_with_what_the_schedule_says(ingest, nightly, tick, run_over, schedules):
    await nightly(server_id="disk", config={"job_type": "recently_added", "lookback_hours": 2})

    async with ingest():
        await tick()
        (job,) = await run_over()
        state, _ = await schedules.state("nightly")

    assert (job.schedule_id, job.title, job.source, job.lane) == ("nightly", "Nightly", "schedule", "mid")
    assert (state.job_id, state.started_at) == (job.job_id, job.at)


async def test_ticks_that_were_missed_are_one_run(ingest, bus, nightly, tick, run_over):
    await nightly()
    for _ in range(20):
        await tick()

    async with ingest():
        await run_over()
        await all_handled(bus)
        await asyncio.sleep(0.5)
        jobs = await run_over()

    assert len(jobs) == 1


async def test_ticks_while_work_is_paused_are_one_run_when_it_is_released(
    ingest, bus, nightly, tick, run_over, stored, tmp_path, folder_server
):
    await nightly()

    async with ingest() as desk, ingest():
        await desk.config.pause(Processing(paused=True))
        for _ in range(3):
            await tick()
            await all_handled(bus)
        assert not await stored(ScanProgressedV1)
        await desk.config.pause(Processing(paused=False))

        jobs = await run_over()

    assert len(jobs) == 1


async def test_a_tick_leaves_a_run_alone_that_is_under_way(ingest, bus, nightly, tick, folder_server):
    await nightly()

    async with ingest(servers=[folder_server("/nowhere/at/all")]):
        await tick()

        async def waits_for_its_folder():
            return bool(await bus.subjects(SCANS.name, "wait.scan.*"))

        await until(waits_for_its_folder)
        before = await bus.stream_state(SCANS.name)
        await tick()
        await all_handled(bus)
        await asyncio.sleep(0.3)
        after = await bus.stream_state(SCANS.name)

    assert after[1] == before[1] + 1, "the tick itself and nothing that follows from it"


async def test_a_run_that_rests_goes_on_at_the_next_tick(ingest, bus, nightly, tick, run_over, stored, folder_server):
    soon = (now() + timedelta(minutes=2)).strftime("%H:%M")
    await nightly(stop_time=soon, time_zone="UTC")
    server = folder_server("/nowhere/at/all")

    async with ingest(servers=[server]) as desk:
        await tick()

        async def waits():
            return len(await bus.subjects(SCANS.name, "wait.scan.*")) == 1

        await until(waits)
        (job,) = await stored(JobCreatedV1)
        await bus.purge(SCANS.name, "wait.scan.*")  # as a run that came to its stop time leaves it
        await desk.config.delete_server("disk")
        await tick()
        await until(waits)
        await bus.fire_now(SCANS.name, f"wait.scan.{job.job_id}")

        assert {one.job_id for one in await stored(JobCreatedV1)} == {job.job_id}


async def test_a_cancelled_run_is_not_taken_up_again(ingest, bus, nightly, tick, run_over, schedules):
    await nightly()

    async with ingest():
        await tick(job_id="first")
        await run_over()
        await Bucket(bus, JOB_STATE.name).put("control.first", msgspec.json.encode(JobControl(cancelled_at=now())))
        await Bucket(bus, JOB_STATE.name).delete("scan.first")
        await tick(job_id="second")
        await run_over(2)

        assert (await schedules.state("nightly"))[0].job_id == "second"


async def test_a_disabled_schedule_runs_when_an_operator_asks(ingest, bus, nightly, tick, run_over):
    await nightly(enabled=False)

    async with ingest():
        await tick()
        await all_handled(bus)
        await Outgoing(bus).send(TickV1(schedule_id="nightly", job_id="asked"))
        (job,) = await run_over()

    assert job.job_id == "asked"


async def test_a_run_that_was_promised_is_the_one_that_begins_whichever_tick_comes_first(
    ingest, nightly, tick, run_over, schedules, bus
):
    await nightly()
    await schedules.note("nightly", ScheduleState(job_id="promised", started_at=now(), requested_at=now()), 0)
    for job_id in ("", "promised"):
        await tick(job_id=job_id)

    async with ingest():
        (job,) = await run_over()
        await all_handled(bus)

    assert job.job_id == "promised"


async def test_a_tick_of_a_schedule_that_is_gone_is_nothing(ingest, bus, tick, stored):
    async with ingest():
        await tick("unknown")
        await all_handled(bus)

    assert not await stored(JobCreatedV1)
