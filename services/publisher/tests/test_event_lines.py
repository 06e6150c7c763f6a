"""Servers are listened to: what waits for one goes on when it says that something happened, and the clocks stay as they are."""

import asyncio

import msgspec
import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.leases import lease
from framewright.chassis.outgoing import Later
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import LOCKS, PRESENCE
from framewright.contracts.playback import PLAYBACK_PREFIX, decode_playback
from framewright.contracts.server import Server, ServerAuth
from framewright.contracts.settings import Playback, Refresh
from framewright.domain.errors import Retry
from framewright.domain.ownership import PathMapping
from framewright.publisher.handlers.events import Ears, EventWatch
from framewright.vendors import EventKind, ServerEvent
from framewright.vendors.jellyfin.simulator import LibrarySettings
from framewright.vendors.simulation.instruments import Fault, FaultKind, Watched

pytestmark = pytest.mark.integration

AT_ONCE = Refresh(quiet_seconds=0, longest_wait_seconds=0)
REMOTE = "/data/films/Film [2001] {tmdb-1}/Film [2001].mkv"
LINES = {"plex": "/:/eventsource/notifications", "emby": "/embywebsocket", "jellyfin": "/socket"}


async def listened_to(office, server, times: int = 1) -> None:
    """Configure the server, whose films are below /data, and wait until its events are heard."""
    server = msgspec.structs.replace(server, path_mappings=(PathMapping("/data", str(office.desk.media)),))
    await office.config.change_settings(lambda settings: msgspec.structs.replace(settings, refresh=AT_ONCE))
    await office.config.add_server(server)
    await heard(office, server.type, times)


async def heard(office, vendor: str, times: int = 1) -> None:
    async def asked():
        return len(office.desk.asked("GET", LINES[vendor])) >= times

    await until(asked, 10)
    await asyncio.sleep(0.3)


async def test_a_file_is_published_as_soon_as_jellyfin_says_that_it_knows_it(open_office):
    options = {"index_delay": 1.0, "libraries": {"Films": LibrarySettings(True, True, True)}}
    async with open_office() as office, office.desk.simulated("jellyfin", **options) as server:
        office.desk.state.door.issued["of-a-person"] = "admin"
        auth = ServerAuth(method="password", access_token="of-a-person")
        await listened_to(office, msgspec.structs.replace(server, auth=auth))

        request = await office.order(server, "New")

        # The clocks would look after 75 s and try again after 30 s.
        assert (await office.settled(request, "adopted"))["reason"]


async def test_previews_are_adopted_as_soon_as_plex_says_that_it_analysed_them(open_office):
    async with open_office() as office, office.desk.simulated("plex") as server:
        await listened_to(office, server)
        unheard = Fault(FaultKind.MALFORMED, "PUT", "/library/metadata/*/analyze", times=1)
        office.desk.state.instruments.inject(unheard)
        request = await office.order(server)
        waiting = await office.settled(request, "waiting")
        assert waiting["code"] == "NOT_SHOWN"

        office.desk.state.analyze(next(one for one in office.desk.state.items() if one.kind == "movie"))

        assert (await office.settled(request, "adopted"))["reason"]


async def test_a_film_that_begins_is_known_long_before_the_next_poll(open_office, bus):
    async with open_office() as office, office.desk.simulated("emby") as server:
        slow = Playback(policy="item", poll_seconds=300)
        await office.config.change_settings(lambda settings: msgspec.structs.replace(settings, playback=slow))
        await listened_to(office, server)

        office.desk.state.instruments.watch(Watched(REMOTE))

        async def plays():
            entry = await Bucket(bus, PRESENCE.name).get(f"{PLAYBACK_PREFIX}{server.id}")
            return entry is not None and bool(decode_playback(entry.value).playing)

        await until(plays, 15)


async def test_a_line_that_breaks_is_opened_again(open_office):
    async with open_office() as office, office.desk.simulated("plex") as server:
        await listened_to(office, server)

        office.desk.state.instruments.cut_streams()

        await heard(office, "plex", times=2)


async def test_a_server_that_is_configured_otherwise_is_listened_to_anew(open_office):
    async with open_office() as office, office.desk.simulated("plex") as server:
        await listened_to(office, msgspec.structs.replace(server, auth=ServerAuth(token="wrong")))

        await office.config.change_server(server.id, lambda one: msgspec.structs.replace(one, auth=server.auth))

        await heard(office, "plex", times=2)


async def test_one_publisher_of_two_listens(open_office):
    async with open_office() as office, open_office(), office.desk.simulated("jellyfin") as server:
        await listened_to(office, server)
        await asyncio.sleep(2)

        assert len(office.desk.asked("GET", LINES["jellyfin"])) == 1


async def test_a_question_that_an_event_brought_forward_changes_no_clock_and_reminds_nobody(desk):
    async with desk.simulated("plex") as server:
        desk.state.instruments.inject(Fault(FaultKind.MALFORMED, "PUT", "/library/metadata/*/analyze"))
        request = desk.request(server)
        await desk.put_frames(request)
        _, planned = await desk.answers(request)
        reminded = len(desk.asked("PUT", "/library/metadata/*/analyze"))

        for _ in range(6):
            _, again = await desk.answers(request, early=True)

        assert (type(again), again.due) == (Later, planned.due)
        assert (await desk.record(request)).adoption.asked == 1
        assert len(desk.asked("PUT", "/library/metadata/*/analyze")) == reminded


class Speaking:
    """A server that says what it is told to say, and a desk at which everything is counted."""

    def __init__(self, bus):
        self.said: asyncio.Queue[ServerEvent | Retry] = asyncio.Queue()
        self.lines = self.looked = self.played = self.failures = 0
        self.asked, self.found = [], []
        self.awaited, self.takes_calls, self.servers = True, True, [Server(id="s1", type="plex", url="http://here")]
        self.ears = Ears(
            servers=lambda: self.servers,
            listen=self.listen,
            takes_calls=lambda _: self.takes_calls,
            lease=lambda name: lease(Bucket(bus, LOCKS.name), f"events.{name}"),
            play=self.play,
            is_awaited=self.is_awaited,
            files=self.files,
            found=self.tell,
            look=self.look,
            gather=0.2,
        )

    async def listen(self, _server):
        self.lines += 1
        while True:
            said = await self.said.get()
            if isinstance(said, Retry):
                raise said
            yield said

    async def is_awaited(self, _server):
        return self.awaited

    async def files(self, _server, item_id):
        self.asked.append(item_id)
        return [f"/data/{item_id}.mkv"]

    async def tell(self, _server, paths):
        if self.failures:
            self.failures -= 1
            raise Retry("the bus is away")
        self.found.append(paths)

    async def look(self, _server):
        self.looked += 1

    def play(self, _server):
        self.played += 1

    def say(self, *events):
        for event in events:
            self.said.put_nowait(event)


@pytest.fixture
async def speaking(bus):
    one, stopping = Speaking(bus), asyncio.Event()
    task = asyncio.create_task(EventWatch(one.ears).run(stopping))
    yield one
    stopping.set()
    await asyncio.wait_for(task, 5)


def changed(*item_ids):
    return ServerEvent(EventKind.LIBRARY, item_ids)


async def test_a_storm_of_events_is_gathered_into_one_look(speaking):
    speaking.say(*[changed(str(number % 70)) for number in range(2000)])

    async def looked():
        return speaking.looked == 1

    await until(looked)
    assert (len(speaking.asked), len(speaking.found[0])) == (50, 50)


async def test_nobody_is_asked_for_anything_while_nothing_waits(speaking):
    speaking.awaited = False

    speaking.say(changed("7"), ServerEvent(EventKind.PLAYBACK))
    await asyncio.sleep(0.6)

    assert (speaking.asked, speaking.looked, speaking.played) == ([], 0, 1)


async def test_the_beginning_of_a_line_counts_as_everything_that_was_missed(speaking):
    speaking.say(ServerEvent(EventKind.OPENED))

    async def caught_up():
        return (speaking.looked, speaking.played) == (1, 1)

    await until(caught_up)


async def test_a_server_that_takes_no_calls_is_not_listened_to(speaking):
    speaking.takes_calls = False
    speaking.servers.append(Server(id="s2", type="plex", url="http://there"))

    await asyncio.sleep(1.5)

    assert speaking.lines <= 1


async def test_a_server_that_is_removed_is_not_listened_to_any_more(speaking, bus):
    async def listens():
        return speaking.lines == 1

    await until(listens)
    speaking.servers.clear()

    async def free():
        return await Bucket(bus, LOCKS.name).get("events.s1") is None

    await until(free)


async def test_what_fails_after_an_event_leaves_the_line_open(speaking):
    speaking.failures = 1

    speaking.say(changed("7"))

    async def failed():
        return speaking.failures == 0

    await until(failed)
    speaking.say(changed("8"))

    async def goes_on():
        return speaking.found == [("/data/8.mkv",)]

    await until(goes_on)
    assert speaking.lines == 1
