"""The whole service: a file that a server does not know is looked for through the queue, and published then."""

import msgspec
import pytest

from framewright.chassis.bus import consumer_names, held
from framewright.chassis.testing.bus import until
from framewright.contracts.settings import Refresh

pytestmark = pytest.mark.integration

AT_ONCE = Refresh(quiet_seconds=0, longest_wait_seconds=0)


async def quick(office) -> None:
    """Nothing waits for more of its kind, and tries follow each other by the second."""
    await office.config.change_settings(
        lambda settings: msgspec.structs.replace(settings, refresh=AT_ONCE, webhook_retry_delay=10)
    )


async def test_a_file_that_plex_does_not_know_is_scanned_for_and_waits_meanwhile(open_office):
    async with open_office() as office, office.desk.simulated("plex", index_delay=0.5) as server:
        await quick(office)
        await office.config.add_server(server)

        fact = await office.fact(await office.order(server, "New"))

        async def scanned():
            return bool(office.desk.asked("*", "/library/sections/*/refresh"))

        await until(scanned, 8)
        (scan,) = office.desk.asked("*", "/library/sections/*/refresh")
        assert (fact["outcome"], fact["code"]) == ("waiting", "NOT_INDEXED")
        assert scan.query == {"path": "/data/films/Film [2001] {tmdb-1}"}


async def test_asking_again_does_not_put_off_the_scan(open_office, bus):
    async with open_office() as office, office.desk.simulated("plex", index_delay=60) as server:
        await office.config.add_server(server)
        request = await office.order(server, "New")
        await office.fact(request)
        (place,) = await bus.subjects("PUBLISH", "wait.refresh.>")
        before = await held(bus, "PUBLISH", place)

        (waiting,) = await bus.subjects("PUBLISH", "wait.publish.>")
        await bus.fire_now("PUBLISH", waiting)

        async def asked_again():
            return (await office.fact(request))["attempt"] == 2

        await until(asked_again)
        after = await held(bus, "PUBLISH", place)
        assert (after.due, after.data) == (before.due, before.data)


async def test_a_removed_server_leaves_no_wish_and_no_queue_behind(open_office, bus):
    async with open_office() as office, office.desk.simulated("plex", index_delay=60) as server:
        await quick(office)
        await office.config.add_server(server)
        await office.order(server, "New")

        async def waits():
            return await bus.count("PUBLISH", "wait.refresh.>") == 1

        await until(waits, 8)
        await office.config.delete_server(server.id)

        for waiting in await bus.subjects("PUBLISH", "wait.>"):
            await bus.fire_now("PUBLISH", waiting)

        async def empty():
            await office.touch()
            return await consumer_names(bus, "PUBLISH") == [] and await bus.count("PUBLISH") == 0

        await until(empty)
