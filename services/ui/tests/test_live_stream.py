"""Live updates: delivered, coalesced, caught up with, and never hoarded."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from framewright.chassis.outgoing import Outgoing
from framewright.contracts.progress import ProgressV1
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.ui.adapters.hub import RING, Hub


@asynccontextmanager
async def listening(ui, **headers: str):
    """Live events as (id, name, value)."""
    async with ui.http.stream("GET", "/api/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["x-accel-buffering"] == "no"
        yield events_of(answer.aiter_lines())


async def events_of(lines):
    event: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if line:
            event[name] = value
        elif "event" in event:
            yield event["id"], event["event"], json.loads(event["data"])
            event = {}


async def first(events, name: str):
    async with asyncio.timeout(5):
        async for event in events:
            if event[1] == name:
                return event
    raise AssertionError("the stream ended")


@pytest.mark.integration
async def test_a_job_and_its_files_arrive(ui, tell, facts):
    async with listening(ui) as events:
        await first(events, "hello")
        await tell(facts.created(), facts.settled(5, Outcome.PUBLISHED, "a"))

        _, _, job = await first(events, "job")
        _, _, files = await first(events, "files")

    assert (job["id"], job["status"]) == ("job1", "completed")
    assert files["files"][0]["servers"][0]["outcome"] == "published"


@pytest.mark.integration
async def test_live_progress_arrives_with_its_worker(ui, bus, tell, facts):
    await tell(facts.created(), facts.started())
    await ui.until("/api/jobs/job1", lambda job: job["status"] == "running")
    progress = ProgressV1(
        job_ids=("job1",), path_id=media_id(facts.film), path=facts.film, fraction=0.4, worker="cpu-1"
    )
    async with listening(ui) as events:
        await first(events, "hello")
        await Outgoing(bus).show(progress)
        _, _, told = await first(events, "progress")

    assert told["progress"] == 40
    assert told["workers"][0]["current_item"] == "Film.mkv"
    assert (await ui.json("/api/jobs/job1"))["workers"][0]["id"] == "cpu-1"


@pytest.mark.integration
async def test_a_burst_of_facts_is_told_at_most_twice_a_second(ui, tell, facts):
    seen = 0
    async with listening(ui) as events:
        await first(events, "hello")
        await tell(facts.created(total=200), *(facts.settled(n, path=f"/m/{n}.mkv") for n in range(200)))
        done = False
        while not done:
            _, _, job = await first(events, "job")
            seen += 1
            done = job["status"] == "completed"

    assert seen <= 6


@pytest.mark.integration
async def test_a_listener_that_was_away_catches_up(ui, tell, facts):
    async with listening(ui) as events:
        await first(events, "hello")
        await tell(facts.created())
        last, _, _ = await first(events, "job")
    await tell(facts.settled(5))
    await ui.until("/api/jobs/job1", lambda job: job["status"] == "completed")
    await asyncio.sleep(0.7)

    async with listening(ui, **{"Last-Event-ID": last}) as events:
        _, _, job = await first(events, "job")

    assert job["status"] == "completed"


async def take(stream, count: int) -> list[str]:
    return [(await anext(stream)).name for _ in range(count)]


@pytest.mark.parametrize("last", ["otherboot-3", "nonsense", "{boot}-0"])
async def test_a_gap_that_is_forgotten_asks_for_a_fresh_start(last):
    hub = Hub()
    for number in range(RING + 1):
        hub.tell("job", number)
    stream = hub.events(last.format(boot=hub._boot))

    assert await take(stream, 1) == ["reset"]
    await stream.aclose()


async def test_a_slow_listener_is_let_go_and_others_are_not():
    hub = Hub(queue=4)
    slow, quick = hub.events(""), hub.events("")
    await take(slow, 1)
    await take(quick, 1)

    for number in range(6):
        hub.tell("job", number)
        await take(quick, 1)

    assert hub.listeners == 1
    assert len([event async for event in slow]) <= 4
    await quick.aclose()


async def test_a_quiet_stream_beats():
    stream = Hub(heartbeat=0.01).events("")
    await take(stream, 1)

    assert await anext(stream) is None
    await stream.aclose()


async def test_the_end_of_the_service_ends_every_stream():
    hub = Hub()
    stream = hub.events("")
    await take(stream, 1)

    hub.close()

    assert [event async for event in stream] == []
