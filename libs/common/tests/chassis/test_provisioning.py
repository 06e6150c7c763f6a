"""The broker agrees with the catalogue, however often it is told."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from framewright.chassis.bus import Bus, consumer_names, delete_consumer, ensure_consumer, pending, provision
from framewright.chassis.testing.bus import running_bus
from framewright.contracts.catalogue import (
    BUCKETS,
    EVENTS,
    INGEST,
    JOBS,
    STREAMS,
    Bucket,
    Consumer,
    Retention,
    Topology,
    server_consumer,
)
from framewright.domain.errors import Reject

pytestmark = pytest.mark.integration


async def test_every_stream_consumer_and_bucket_exists(bus: Bus) -> None:
    for stream in STREAMS:
        assert sorted(await consumer_names(bus, stream.name)) == sorted(c.name for c in stream.consumers)
    for bucket in BUCKETS:
        info = await bus.js.stream_info(f"KV_{bucket.name}")
        assert info.config.max_msgs_per_subject == bucket.history


async def test_provisioning_again_changes_and_loses_nothing(bus: Bus) -> None:
    await bus.publish("events.v1.x", b"1")
    before = await bus.js.consumer_info("JOBS", "extract-hi-any")

    await asyncio.gather(*(provision(bus) for _ in range(3)))

    assert await bus.count("EVENTS") == 1
    assert (await bus.js.consumer_info("JOBS", "extract-hi-any")).created == before.created


async def test_a_changed_limit_of_a_consumer_reaches_the_broker(bus: Bus) -> None:
    changed = replace(JOBS.consumers[0], max_ack_pending=7, ack_wait=45.0)

    await provision(bus, Topology(streams=(replace(JOBS, consumers=(changed, *JOBS.consumers[1:])),), buckets=()))

    config = (await bus.js.consumer_info("JOBS", changed.name)).config
    assert (config.max_ack_pending, config.ack_wait) == (7, 45.0)


async def test_a_changed_limit_of_a_stream_reaches_the_broker(bus: Bus) -> None:
    await provision(bus, Topology(streams=(replace(EVENTS, max_age=999.0),), buckets=()))

    assert (await bus.js.stream_info("EVENTS")).config.max_age == 999.0


async def test_a_stream_that_cannot_change_so_is_a_conflict(bus: Bus) -> None:
    wrong = replace(INGEST, retention=Retention.WORK_QUEUE, schedules=True)

    with pytest.raises(Reject) as refusal:
        await provision(bus, Topology(streams=(wrong,), buckets=()))

    assert refusal.value.code == "TOPOLOGY_CONFLICT"
    assert "INGEST" in refusal.value.reason


async def test_two_consumers_of_one_queue_message_are_a_conflict(bus: Bus) -> None:
    with pytest.raises(Reject) as refusal:
        await ensure_consumer(bus, "JOBS", Consumer("second", ("jobs.v1.hi.any.*",)))

    assert refusal.value.code == "TOPOLOGY_CONFLICT"


async def test_a_server_gets_a_queue_and_loses_it(bus: Bus) -> None:
    consumer = server_consumer("plex", "p1", concurrency=3)
    await ensure_consumer(bus, "PUBLISH", consumer)
    await bus.publish("publish.v1.plex.p1.x", b"1")

    waiting = await pending(bus, "PUBLISH", consumer.name)
    await delete_consumer(bus, "PUBLISH", consumer.name)
    await delete_consumer(bus, "PUBLISH", consumer.name)

    assert waiting == 1
    assert await consumer_names(bus, "PUBLISH") == []
    assert await pending(bus, "PUBLISH", consumer.name) == 0


async def test_more_consumers_than_one_page_are_listed(bus: Bus) -> None:
    for number in range(260):
        await ensure_consumer(bus, "PUBLISH", server_consumer("plex", f"p{number}"))

    assert len(await consumer_names(bus, "PUBLISH")) == 260


async def test_a_part_of_the_catalogue_can_be_provisioned_alone(tmp_path: Path) -> None:
    part = Topology(streams=(EVENTS,), buckets=(Bucket("config"),))

    async with running_bus(tmp_path, part) as (_, bus):
        names = {info.config.name for info in await bus.js.streams_info()}

    assert names == {"EVENTS", "KV_config"}
