"""Going through what is stored, work queues too, without taking anything."""

import pytest

from framewright.chassis.bus import Bucket, Puller, sweep, sweep_bucket
from framewright.chassis.bus.sweeping import BATCH
from framewright.contracts.catalogue import FILES
from framewright.domain.errors import Retry

pytestmark = pytest.mark.integration


async def test_everything_that_is_queued_is_seen_once_in_order_and_stays(bus):
    for number in range(BATCH + 20):
        await bus.publish(f"jobs.v1.low.any.{number}", b"x")
    await bus.publish("wait.jobs.low.any.1", b"not asked for")

    seen = [one.subject async for one in sweep(bus, "JOBS", "jobs.v1.>")]

    assert seen == [f"jobs.v1.low.any.{number}" for number in range(BATCH + 20)]
    assert (await Puller(bus, "JOBS", "extract-low-any").next(2)).subject == seen[0]


async def test_what_comes_meanwhile_is_left_out(bus):
    await bus.publish("jobs.v1.low.any.1", b"x")

    seen = []
    async for one in sweep(bus, "JOBS", "jobs.v1.>"):
        seen.append(one.subject)
        await bus.publish(f"jobs.v1.low.any.{len(seen) + 1}", b"x")

    assert seen == ["jobs.v1.low.any.1"]


async def test_a_stream_or_pattern_that_holds_nothing_ends_at_once(bus):
    assert [one async for one in sweep(bus, "JOBS", "jobs.v1.>")] == []
    await bus.publish("jobs.v1.low.any.1", b"x")
    assert [one async for one in sweep(bus, "JOBS", "jobs.v1.hi.>")] == []


async def test_the_entries_of_a_bucket_have_their_keys_and_deleted_ones_no_value(bus):
    bucket = Bucket(bus, FILES.name)
    for key in ("a.s1", "b.s1"):
        await bucket.put(key, key.encode())
    await bucket.delete("a.s1")

    assert {one.key: one.value async for one in sweep_bucket(bus, FILES.name)} == {"a.s1": None, "b.s1": b"b.s1"}


async def test_a_broker_that_goes_away_is_said_so(bus, server):
    for number in range(BATCH * 2):
        await bus.publish(f"jobs.v1.low.any.{number}", b"x")

    async def through():
        async for one in sweep(bus, "JOBS", "jobs.v1.>"):
            if one.sequence == 1:
                server.kill()

    with pytest.raises(Retry):
        await through()
