"""An event waits for its quiet time; a newer one for the same path starts it again."""

import asyncio

import pytest

from framewright.chassis.clock import after, now
from framewright.chassis.delivery import serve
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.base import encode
from framewright.contracts.facts import EventClassifiedV1
from framewright.contracts.media import MediaChangedV1, RawEventV1
from framewright.ingest.domain.meaning import debounce_key
from framewright.ingest.settings import IngestSettings
from framewright.ingest.wiring import build

pytestmark = pytest.mark.integration

FILM = {"file_path": "/media/film.mkv"}


def _event(number=1, **changes):
    fields = {"id": f"e{number}", "route": "custom", "received_at": now(), "body": encode(FILM), **changes}
    return RawEventV1(**fields)


async def test_a_change_becomes_due_after_its_quiet_time(ingest, stored):
    async with ingest(webhook_quiet_seconds=1) as desk:
        posted = now()
        await desk.post("custom", FILM)

        await until(lambda: _count(stored, 1))
        assert 0.9 < (now() - posted).total_seconds() < 2.5


async def test_a_second_event_starts_the_quiet_time_again(ingest, stored):
    async with ingest(webhook_quiet_seconds=1) as desk:
        first = await desk.post("custom", FILM)
        await asyncio.sleep(0.7)
        second = await desk.post("custom", FILM)
        await asyncio.sleep(0.7)

        assert await stored(MediaChangedV1) == [], "the first event alone would be due by now"
        await until(lambda: _count(stored, 1))
        await asyncio.sleep(0.5)
        (change,) = await stored(MediaChangedV1)
        assert change.event_id == first.json()["event_id"], "the first event names the job"
        assert change.merged == (second.json()["event_id"],)


async def test_other_paths_and_other_servers_have_a_time_of_their_own(ingest, stored, folder_server):
    async with ingest(webhook_quiet_seconds=1, servers=[folder_server("/media")]) as desk:
        await desk.post("custom", FILM)
        await desk.post("server/disk", FILM)
        await desk.post("custom", {"file_path": "/media/other.mkv"})

        await until(lambda: _count(stored, 3))
        assert sorted(one.server_id for one in await stored(MediaChangedV1)) == ["", "", "disk"]


async def test_the_setting_decides_where_the_environment_does_not(ingest, stored, bus):
    async with ingest(webhook_quiet_seconds=-1, stored_settings={"webhook_delay": 300}) as desk:
        posted = await desk.post("custom", FILM)

        waiting = f"wait.due.{debounce_key(FILM['file_path'])}"
        await until(lambda: _holds(bus, waiting))
        _, body = await bus.get_last("DUE", waiting)
        assert posted.json()["event_id"].encode() in body
        assert await stored(MediaChangedV1) == []


async def test_a_backlog_is_merged_as_well(ingest, bus, stored):
    for number in (1, 2):
        await Outgoing(bus).send(_event(number, received_at=after(-3600)))

    async with ingest(webhook_quiet_seconds=1):
        await until(lambda: _count(stored, 1), wait=4)
        await asyncio.sleep(1.2)

    (change,) = await stored(MediaChangedV1)
    assert {change.event_id, *change.merged} == {"e1", "e2"}


async def test_nothing_is_acted_on_before_the_configuration_is_known(bus, server, config, stored, tmp_path):
    await config.change_settings(lambda old: type(old)(webhook_enabled=False))
    await Outgoing(bus).send(_event())
    settings = IngestSettings(nats_url=server.url, config_dir=str(tmp_path), webhook_quiet_seconds=0)
    stopping = asyncio.Event()

    async with build(settings, bus) as service, asyncio.TaskGroup() as group:
        group.create_task(serve(bus, service.subscriptions[0], stopping))
        await asyncio.sleep(0.5)  # the consumer is faster than the first snapshot
        for task in service.tasks:
            group.create_task(task(stopping))
        await until(lambda: _rows(stored, 1))
        stopping.set()

    assert [row.status for row in await stored(EventClassifiedV1)] == ["disabled"]
    assert await stored(MediaChangedV1) == []


async def _count(stored, number):
    return len(await stored(MediaChangedV1)) == number


async def _rows(stored, number):
    return len(await stored(EventClassifiedV1)) == number


async def _holds(bus, subject):
    return await bus.get_last("DUE", subject) is not None
