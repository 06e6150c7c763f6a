"""One queue per server that follows the configuration while the publisher works."""

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from framewright.chassis.bus import Bucket, Bus, consumer_names, delete_consumer, ensure_consumer
from framewright.chassis.clock import after, now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import Subscription
from framewright.chassis.outgoing import Later, Outgoing
from framewright.chassis.sealing import Sealer
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import CONFIG, PUBLISH, Consumer
from framewright.contracts.publish import PublishRequestedV1
from framewright.publisher.adapters.queues import ServerQueues
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

KEY = "A" * 43 + "="


@pytest.fixture
def queues(bus):
    """Wait until the PUBLISH stream has exactly these consumers; a server's first one stands for all three."""

    async def settle(*names, wait=5.0):
        others = [name.replace("publish-", f"{queue}-") for name in names for queue in ("remove", "refresh")]

        async def so():
            return set(await consumer_names(bus, "PUBLISH")) == {*names, *others}

        await until(so, wait)

    return settle


def idle(_queue, consumer):
    """A subscription that nobody sends anything to."""

    async def handle(_message, _context):
        return ()

    return Subscription(PUBLISH, (consumer.name,), PublishRequestedV1, handle)


@pytest.fixture
def followed(bus):
    """Queues that follow a configuration of the test's own."""

    @asynccontextmanager
    async def run(types):
        store = ConfigStore(Bucket(bus, CONFIG.name), Sealer(KEY))
        queues = ServerQueues(bus, store, idle, types, 2)
        stopping = asyncio.Event()
        tasks = [asyncio.create_task(run(stopping)) for run in (store.watch, queues.run)]
        try:
            yield store, queues
        finally:
            stopping.set()
            await asyncio.wait_for(asyncio.gather(*tasks), 5)

    return run


async def test_a_server_that_is_added_is_served_at_once(open_office, queues):
    async with open_office() as office:
        request = await office.order(await office.add())

        fact = await office.fact(request)

        assert fact["outcome"] == "published"
        assert await office.bus.count("PUBLISH") == 0
        await queues("publish-folder-s1")


async def test_what_was_owed_before_the_start_is_done_after_it(open_office, queues):
    async with open_office() as office:
        server = await office.add()
        await queues("publish-folder-s1")
    request = await office.order(server)

    async with open_office() as office:
        assert (await office.fact(request))["outcome"] == "published"


async def nobody_pulls(bus: Bus, consumer: str) -> bool:
    info = await bus.js.consumer_info("PUBLISH", consumer)
    return not info.num_waiting


async def test_requests_wait_while_their_server_is_disabled(open_office, queues):
    async with open_office() as office:
        server = await office.add(enabled=False)
        await queues("publish-folder-s1")
        request = await office.order(server)
        await asyncio.sleep(0.5)
        assert await office.bus.count("EVENTS") == 0

        await office.enable("s1", enabled=True)
        assert (await office.fact(request))["outcome"] == "published"

        await office.enable("s1", enabled=False)
        await until(lambda: nobody_pulls(office.bus, "publish-folder-s1"))
        await office.order(server, "Another")
        await asyncio.sleep(0.5)
        assert await office.bus.count("PUBLISH") == 1


async def test_requests_of_a_removed_server_are_cancelled_and_its_queue_goes(open_office, queues):
    async with open_office() as office:
        await office.add(server_id="kept")
        server = await office.add(enabled=False)
        await queues("publish-folder-s1", "publish-folder-kept")
        requests = [await office.order(server, f"Film {number}") for number in range(3)]

        await office.config.delete_server("s1")

        facts = [await office.fact(request) for request in requests]
        assert [fact["outcome"] for fact in facts] == ["cancelled"] * 3
        await office.touch()
        await queues("publish-folder-kept")
        assert await office.bus.count("PUBLISH") == 0


async def test_requests_that_wait_for_another_try_are_cancelled_too(open_office, queues):
    async with open_office() as office:
        server = await office.add()
        await queues("publish-folder-s1")
        request = office.desk.request(server)
        await Outgoing(office.bus).send(Later(request, after(2.0), attempt=2, first=now()))

        await office.config.delete_server("s1")
        await asyncio.sleep(0.5)
        await queues("publish-folder-s1")

        assert (await office.fact(request))["outcome"] == "cancelled"
        await office.touch()
        await queues()


async def test_a_request_that_comes_after_its_server_was_removed_is_cancelled_too(open_office, queues):
    async with open_office() as office:
        server = await office.add()
        await queues("publish-folder-s1")
        await office.config.delete_server("s1")
        await queues()

        request = await office.order(server)
        await office.touch()

        assert (await office.fact(request, wait=1.5))["outcome"] == "cancelled"


async def test_a_consumer_that_somebody_else_made_is_left_alone(open_office, queues):
    async with open_office() as office:
        await ensure_consumer(office.bus, PUBLISH.name, Consumer("looking", ("publish.v1.folder.other.*",)))
        server = await office.add()

        await queues("looking", "publish-folder-s1")
        request = await office.order(server)

        assert (await office.fact(request))["outcome"] == "published"


async def test_a_removed_server_may_come_back(open_office, queues):
    async with open_office() as office:
        server = await office.add()
        await queues("publish-folder-s1")
        await office.config.delete_server("s1")
        await queues()

        await office.config.add_server(server)
        request = await office.order(server)

        assert (await office.fact(request))["outcome"] == "published"


async def test_only_servers_of_its_own_types_are_served_and_retired(open_office, queues):
    async with open_office(publisher_types="emby, folder") as office:
        await office.add("folder", "one")
        async with office.desk.simulated("plex") as server:
            await office.config.add_server(server)
            await queues("publish-folder-one")
            request = await office.order(server)
            await asyncio.sleep(0.3)

    assert await office.bus.count("PUBLISH") == 1
    async with open_office(publisher_types="plex"):
        assert request.target.server_type == "plex"
        await queues("publish-folder-one", "publish-plex-s1")


async def test_a_server_that_hangs_does_not_keep_the_others_from_being_added(open_office, queues):
    async with open_office() as office, office.desk.simulated("emby") as slow:
        office.desk.state.instruments.inject(Fault(FaultKind.LATENCY, path="/Library/*", seconds=4))
        await office.config.add_server(slow)
        request = await office.order(slow)

        async def hangs():
            return bool(office.desk.asked("POST", "/Library/*"))

        await until(hangs)
        await office.enable(slow.id, enabled=False)
        await asyncio.sleep(0.1)
        other = await office.order(await office.add(server_id="other"), "Another")

        assert (await office.fact(other, wait=2.0))["outcome"] == "published"
        assert (await office.fact(request))["outcome"] == "adopted"


async def test_a_queue_that_another_publisher_removed_is_let_go(bus, desk, followed):
    async with followed(frozenset()) as (store, queues):
        await store.add_server(desk.server())

        async def serves():
            return "refresh-folder-s1" in queues._served and len(queues._served) == 3

        async def idles():
            return not queues._served

        await until(serves)
        for name in await consumer_names(bus, "PUBLISH"):
            await delete_consumer(bus, "PUBLISH", name)
        await store.delete_server("s1")

        await until(idles, 3)


async def test_refused_credentials_make_the_file_wait_and_say_until_when(open_office):
    async with open_office() as office, office.desk.simulated("plex", token="another") as server:
        await office.config.add_server(server)
        request = await office.order(server)

        fact = await office.fact(request)

        assert (fact["outcome"], fact["code"], fact["attempt"]) == ("waiting", "UNAUTHORIZED", 1)
        assert 20 < (datetime.fromisoformat(fact["next_try"]) - now()).total_seconds() < 31
        assert await office.bus.count("PUBLISH", "wait.publish.plex.s1.>") == 1
        assert await office.bus.count("PUBLISH", "publish.v1.>") == 0


async def test_a_request_nobody_can_read_is_set_aside_and_the_next_is_served(open_office):
    async with open_office() as office:
        server = await office.add()
        await office.bus.publish("publish.v1.folder.s1.film", b"{")

        request = await office.order(server)

        assert (await office.fact(request))["outcome"] == "published"
        assert await office.bus.count("DEAD") == 1


async def test_queues_are_served_again_after_a_crash_of_the_broker(open_office, server):
    async with open_office() as office:
        owner = await office.add()
        await office.fact(await office.order(owner))

        server.kill()
        server.start()
        request = await office.order(owner, "Another")

        assert (await office.fact(request))["outcome"] == "published"


async def test_queues_end_at_once_when_told_to_before_the_configuration_is_known(bus):
    unread = ConfigStore(Bucket(bus, CONFIG.name), Sealer(KEY))
    queues = ServerQueues(bus, unread, idle, frozenset(), 2)
    stopping = asyncio.Event()
    task = asyncio.create_task(queues.run(stopping))
    await asyncio.sleep(0.1)

    stopping.set()

    await asyncio.wait_for(task, 2)
