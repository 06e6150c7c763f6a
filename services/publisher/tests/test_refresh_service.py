"""The whole service: a file that a server does not know is looked for through the queue, and published then."""

import msgspec
import pytest

from framewright.chassis.bus import Bucket, consumer_names, held
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import CONFIG, PRESENCE
from framewright.contracts.extract import Target
from framewright.contracts.playback import PLAYBACK_PREFIX
from framewright.contracts.players import GROUPS_PREFIX, PlayerGroup
from framewright.contracts.publish import ChangedPath
from framewright.contracts.refreshing import refresh_wanted
from framewright.contracts.settings import Refresh
from framewright.domain.frames import FileVersion, Rendition
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import PathMapping
from framewright.vendors.simulation.instruments import Watched

pytestmark = pytest.mark.integration

TWIN = "/data/films/Twin (2001)/Twin (2001).mkv"
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

        async def empty():
            for waiting in await bus.subjects("PUBLISH", "wait.>"):
                await bus.fire_now("PUBLISH", waiting)
            await office.touch()
            return await consumer_names(bus, "PUBLISH") == [] and await bus.count("PUBLISH") == 0

        await until(empty)


def bundles(desk) -> set[str]:
    """The preview files in Plex's data folder."""
    return {str(path) for path in desk.data.rglob("index-sd.bif")}


async def test_a_file_that_was_replaced_in_place_waits_until_plex_has_looked_again(open_office):
    async with open_office() as office, office.desk.simulated("plex") as server:
        await quick(office)
        mappings = (PathMapping("/data", str(office.desk.media)),)
        await office.config.add_server(msgspec.structs.replace(server, path_mappings=mappings))
        twin = office.desk.media / "films/Twin (2001)/Twin (2001).mkv"
        twin.parent.mkdir()
        twin.write_bytes(office.desk.video.read_bytes())
        office.desk.state.scan("1", "")
        office.desk.state._activities.clear()
        longer = office.desk.video.read_bytes() * 2
        office.desk.video.write_bytes(longer)

        version = FileVersion(len(longer), 1_800_000_000_000_000_000)
        request = await office.order(server, version=version)
        waiting = await office.fact(request)
        adopted = await office.settled(request, "adopted")

        (scan,) = office.desk.asked("*", "/library/sections/*/refresh")
        assert (waiting["outcome"], waiting["code"]) == ("waiting", "NOT_INDEXED")
        assert scan.query == {"path": "/data/films/Film [2001] {tmdb-1}"}
        assert bundles(office.desk) == set(adopted["outputs"])
        assert office.desk.state.part(office.desk.state.index.shown()[TWIN]).adopted is False


async def test_a_player_on_which_somebody_watches_is_left_alone_where_its_group_says_so(open_office, bus):
    group = PlayerGroup(id="g", name="Den", skip_active=True, members=("s1",))
    await Bucket(bus, CONFIG.name).put(f"{GROUPS_PREFIX}g", msgspec.json.encode(group))
    async with open_office() as office, office.desk.simulated("emby") as server:
        await quick(office)
        office.desk.state.instruments.watch(Watched("/data/films/Film [2001] {tmdb-1}/Film [2001].mkv"))
        await office.config.add_server(server)

        async def known():
            return await Bucket(bus, PRESENCE.name).get(f"{PLAYBACK_PREFIX}s1") is not None

        await until(known)
        change = ChangedPath("/data/films/New/New.mkv", ChangeKind.ADDED)
        target = Target(server_id="s1", server_type="emby", server_name="", rendition=Rendition(320, 5000))
        await Outgoing(bus).send(refresh_wanted(target, change, now()))

        async def waits():
            return await bus.count("PUBLISH", "wait.refresh.emby.s1.>") == 1

        await until(waits)
        assert office.desk.asked("POST", "/Library/Media/Updated") == []
