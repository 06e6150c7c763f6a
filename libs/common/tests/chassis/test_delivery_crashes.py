"""What survives: long work, killed workers, killed brokers, a stop in the middle, messages that kill every worker."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bus, Puller, pending
from framewright.chassis.dead_letters import mover
from framewright.chassis.outgoing import Outgoing
from framewright.contracts.base import Lane

pytestmark = pytest.mark.integration

WORKER = Path(__file__).with_name("a_worker_process.py")


async def test_long_work_is_never_handed_out_twice(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, consumer: Any, emptied: Any
) -> None:
    await consumer(ack_wait=1.0)

    async def long(_message: Any, _context: Any) -> None:
        await asyncio.sleep(3.2)

    handler = desk(long)
    async with serving(subscribed(handler, slots=2, ack_wait=1.0)):
        await Outgoing(bus).send(request_for())
        await emptied("JOBS")

    assert [context.delivery for _, context in handler.seen] == [1]


async def test_work_of_a_killed_worker_comes_again_after_its_ack_wait(
    bus: Bus, server: EmbeddedServer, serving: Any, subscribed: Any, desk: Any, request_for: Any, consumer: Any
) -> None:
    await consumer(ack_wait=1.0)
    victim = await asyncio.create_subprocess_exec(sys.executable, WORKER, server.url, stdout=asyncio.subprocess.PIPE)
    await Outgoing(bus).send(request_for())
    assert victim.stdout is not None
    assert await asyncio.wait_for(victim.stdout.readline(), 10) == b"took /data/film.mkv\n"

    victim.kill()
    killed = time.monotonic()
    handler = desk()
    async with serving(subscribed(handler)):
        await handler.saw(1)

    assert 0.2 < time.monotonic() - killed < 4
    assert handler.seen[0][1].delivery == 2
    await victim.wait()


async def test_a_message_that_no_worker_survives_is_moved_to_the_dead_letters(
    bus: Bus, serving: Any, request_for: Any, consumer: Any, emptied: Any
) -> None:
    await consumer(ack_wait=0.5, max_deliver=2)
    await Outgoing(bus).send(request_for())
    puller = Puller(bus, "JOBS", "extract-hi-any")

    counts = [delivered.count for _ in range(2) if (delivered := await puller.next(3))]
    async with serving(mover(bus)):
        assert await puller.next(1.5) is None
        await emptied("DEAD", 1)
        await emptied("JOBS")
        await emptied("ADVISORIES")

    assert counts == [1, 2]
    letter = await bus.get_sequence("DEAD", 1)
    assert letter is not None
    assert letter.subject == "dead.JOBS.extract-hi-any"
    assert (letter.headers or {})["Framewright-Code"] == "MAX_DELIVERIES"
    assert await bus.get_last("EVENTS", "events.v1.dead.JOBS.extract-hi-any") is not None
    assert await Outgoing(bus).offer(request_for())
    await puller.close()


async def test_an_advisory_about_a_message_that_is_gone_is_no_error(bus: Bus, serving: Any, emptied: Any) -> None:
    subject = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.JOBS.extract-hi-any"
    await bus.publish(subject, b'{"stream":"JOBS","consumer":"extract-hi-any","stream_seq":77,"deliveries":5}')

    async with serving(mover(bus)):
        await emptied("ADVISORIES")

    assert await bus.count("DEAD") == 0


async def test_a_stopping_worker_ends_what_it_holds_and_takes_nothing_new(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any
) -> None:
    async def slow(_message: Any, _context: Any) -> None:
        await asyncio.sleep(0.5)

    handler = desk(slow)
    await Outgoing(bus).send(request_for("one"))
    await Outgoing(bus).send(request_for("two"))
    async with serving(subscribed(handler)) as stopping:
        await handler.saw(1)
        stopping.set()

    assert len(handler.seen) == 1
    assert await bus.count("JOBS") == 1


async def test_an_idle_worker_stops_at_once(bus: Bus, serving: Any, subscribed: Any, desk: Any) -> None:
    async with serving(subscribed(desk(), slots=3)) as stopping:
        await asyncio.sleep(0.2)
        stopping.set()
        began = time.monotonic()

    assert time.monotonic() - began < 1


async def test_work_goes_on_through_a_crash_of_the_broker(
    bus: Bus, server: EmbeddedServer, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    async def steady(_message: Any, _context: Any) -> None:
        await asyncio.sleep(0.8)

    handler = desk(steady)
    async with serving(subscribed(handler)):
        await Outgoing(bus).send(request_for())
        await handler.saw(1)
        server.kill()
        server.start()
        await emptied("JOBS", seconds=15)
        await Outgoing(bus).send(request_for("second"))
        await handler.saw(2)
        await emptied("JOBS")

    assert {message.path for message, _ in handler.seen} == {"/data/film.mkv", "/data/second.mkv"}


async def test_a_late_ack_of_the_first_delivery_removes_the_message(bus: Bus, request_for: Any, consumer: Any) -> None:
    await consumer(ack_wait=0.5)
    await Outgoing(bus).send(request_for())
    slow, quick = Puller(bus, "JOBS", "extract-hi-any"), Puller(bus, "JOBS", "extract-hi-any")
    first = await slow.next(1)
    second = await quick.next(3)
    assert first is not None
    assert second is not None

    await first.ack()

    assert await bus.count("JOBS") == 0
    await second.ack()
    await slow.close()
    await quick.close()


async def test_lanes_are_served_in_strict_order(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    for number in range(3):
        for lane in (Lane.LOW, Lane.MID, Lane.HI):
            await Outgoing(bus).send(request_for(f"{lane}{number}", lane=lane))
    handler = desk()
    lanes = ("extract-hi-any", "extract-mid-any", "extract-low-any")
    async with serving(subscribed(handler, consumers=lanes)):
        await emptied("JOBS")

    assert [message.lane for message, _ in handler.seen] == ["hi"] * 3 + ["mid"] * 3 + ["low"] * 3


async def test_a_busy_lane_does_not_starve_the_others(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    await asyncio.gather(*(Outgoing(bus).send(request_for(f"hi{number}")) for number in range(40)))
    await Outgoing(bus).send(request_for("low", lane=Lane.LOW))
    handler = desk()
    async with serving(subscribed(handler, consumers=("extract-hi-any", "extract-low-any"))):
        await emptied("JOBS")

    order = [message.lane for message, _ in handler.seen]
    assert order.index("low") == 15


async def test_urgent_work_is_taken_at_once_and_other_work_within_a_second(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any
) -> None:
    handler = desk()
    async with serving(subscribed(handler, consumers=("extract-hi-any", "extract-low-any"))):
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await Outgoing(bus).send(request_for())
        await handler.saw(1)
        urgent = time.monotonic() - began
        await Outgoing(bus).send(request_for("low", lane=Lane.LOW))
        await handler.saw(2)

    assert urgent < 0.2
    assert time.monotonic() - began < 2


async def test_no_message_is_taken_before_a_slot_is_free(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any
) -> None:
    async def long(_message: Any, _context: Any) -> None:
        await asyncio.sleep(0.5)

    for number in range(5):
        await Outgoing(bus).send(request_for(f"f{number}"))
    handler = desk(long)
    async with serving(subscribed(handler, slots=2)):
        await handler.saw(2)
        info = await bus.js.consumer_info("JOBS", "extract-hi-any")

    assert info.num_ack_pending == 2
    assert await pending(bus, "JOBS", "extract-hi-any") == 3
