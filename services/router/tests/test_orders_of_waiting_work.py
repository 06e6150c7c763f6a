"""An order reaches what waits for its next try, once and without loss, also around the moment at which it is tried."""

import asyncio

import msgspec
import pytest

from framewright.chassis.bus import Puller, held, sweep
from framewright.chassis.clock import after, now
from framewright.chassis.outgoing import ATTEMPT, Later, Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.base import Lane, decode
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.jobs import JobMovedV1
from framewright.domain.errors import Retry

pytestmark = pytest.mark.integration


async def lanes(bus) -> list[tuple[str, str]]:
    """Path and lane of every request; of one that waits both its body and the place where it goes must say it."""
    found = []
    async for one in sweep(bus, "JOBS", ">"):
        stands = await held(bus, "JOBS", one.subject)
        if stands is not None:
            request = decode(ExtractRequestedV1, stands.data)
            goes_to = stands.headers.get("Nats-Schedule-Target", stands.subject)
            found.append((request.path, str(request.lane) if goes_to == request.subject() else goes_to))
    return sorted(found)


async def test_what_waits_is_tried_at_its_time_in_its_new_lane(desk, bus):
    desk.server()
    request = desk.asked("/m/a.mkv", "scan", lane=Lane.LOW)
    await desk.waits(request, 1.5)
    await desk.waits(desk.asked("/m/b.mkv", "other", lane=Lane.LOW))
    before = await held(bus, "JOBS", request.waiting_subject())

    await desk.order("scan", Lane.HI)

    after_it = await held(bus, "JOBS", request.waiting_subject())
    assert after_it.due == before.due
    delivered = await Puller(bus, "JOBS", "extract-hi-any").next(4)
    assert (delivered.subject, delivered.headers[ATTEMPT]) == (f"jobs.v1.hi.any.{request.path_id}", "2")
    assert await lanes(bus) == [("/m/a.mkv", "hi"), ("/m/b.mkv", "low")]


async def test_what_waits_for_another_job_as_well_never_becomes_less_urgent(desk, bus):
    desk.server()
    request = desk.asked("/m/a.mkv", lane=Lane.MID)
    await desk.waits(msgspec.structs.replace(request, job_ids=("hook", "scan")))

    for lane in (Lane.LOW, Lane.HI, Lane.LOW):
        await desk.order("scan", lane)

    assert await lanes(bus) == [("/m/a.mkv", "hi")]


async def test_what_was_taken_at_the_first_look_is_met_at_the_second(desk, bus):
    desk.server()
    (again,) = await desk.order("scan", Lane.HI)
    await desk.waits(desk.asked("/m/a.mkv", "scan", lane=Lane.LOW))

    assert isinstance(again, Later)
    assert await desk.order("scan", Lane.HI, attempt=2) == []

    assert await lanes(bus) == [("/m/a.mkv", "hi")]


async def test_the_second_look_goes_by_the_newest_order(desk, bus):
    desk.server()
    await desk.waits(desk.asked("/m/a.mkv", "scan", lane=Lane.MID))
    desk.lanes["scan"] = Lane.LOW

    await desk.order("scan", Lane.HI, attempt=2)

    assert await lanes(bus) == [("/m/a.mkv", "low")]


async def test_an_order_that_meets_the_time_of_what_waits_loses_and_doubles_nothing(desk, bus):
    desk.server()
    due = after(3.0)
    requests = [desk.asked(f"/m/{number}.mkv", "scan", lane=Lane.LOW) for number in range(300)]
    await asyncio.gather(*(Outgoing(bus).send(Later(request, due, attempt=2)) for request in requests))
    await asyncio.sleep((due - now()).total_seconds() - 0.4)

    async with desk.at_work():
        await Outgoing(bus).send(JobMovedV1(job_id="scan", lane=Lane.HI, at=now()))

        async def moved():
            return await bus.subjects("JOBS", "jobs.v1.hi.any.*") == {request_subject(one): 1 for one in requests}

        await until(moved, 15)

    assert await bus.count("JOBS") == len(requests)


async def test_retry_now_and_an_order_at_once_are_both_carried_out(desk, bus):
    desk.server()
    requests = [desk.asked(f"/m/{number}.mkv", "scan", lane=Lane.LOW) for number in range(100)]
    for request in requests:
        await desk.waits(request)

    fired, _ = await asyncio.gather(
        asyncio.gather(*(bus.fire_now("JOBS", request.waiting_subject()) for request in requests)),
        desk.order("scan", Lane.HI),
    )
    await asyncio.sleep(1.0)
    await desk.order("scan", Lane.HI, attempt=2)

    assert all(fired)
    assert await bus.subjects("JOBS", ">") == {request_subject(one): 1 for one in requests}


async def test_an_order_goes_on_after_a_crash_of_the_broker(desk, bus, server):
    desk.server()
    requests = [desk.asked(f"/m/{number}.mkv", "scan", lane=Lane.LOW) for number in range(400)]
    for request in requests:
        await desk.waits(request, 300)

    async with desk.at_work():
        await Outgoing(bus).send(JobMovedV1(job_id="scan", lane=Lane.HI, at=now()))
        await until(lambda: some_moved(bus))
        server.kill()
        server.start()
        await until(lambda: all_moved(bus, requests), 40)


async def test_an_order_goes_on_after_a_kill_of_the_router(desk, bus, a_router, handed_out_again):
    await handed_out_again("orders")
    desk.server()
    requests = [desk.asked(f"/m/{number}.mkv", "scan", lane=Lane.LOW) for number in range(1000)]
    await asyncio.gather(*(desk.waits(request, 300) for request in requests))

    async with a_router():
        await Outgoing(bus).send(JobMovedV1(job_id="scan", lane=Lane.HI, at=now()))
        await until(lambda: some_moved(bus), 20)
    assert not await all_moved(bus, requests)

    async with a_router():
        await until(lambda: all_moved(bus, requests), 40)


async def some_moved(bus) -> bool:
    """Whether the order is being carried out right now."""
    found = [decode(ExtractRequestedV1, one.data).lane async for one in sweep(bus, "JOBS", "wait.jobs.>")]
    return Lane.HI in found


async def all_moved(bus, requests) -> bool:
    try:
        return await lanes(bus) == sorted((request.path, "hi") for request in requests)
    except Retry:  # asked while the broker was away
        return False


def request_subject(request: ExtractRequestedV1) -> str:
    return f"jobs.v1.hi.any.{request.path_id}"
