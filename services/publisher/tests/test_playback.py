"""A film that somebody watches is left alone, and the servers are asked who watches."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.leases import lease
from framewright.chassis.outgoing import Later, Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import LOCKS, PRESENCE
from framewright.contracts.playback import (
    PLAYBACK_PREFIX,
    PlaybackHintV1,
    PlayingItem,
    ServerPlayback,
    decode_playback,
)
from framewright.contracts.record import Stage
from framewright.contracts.server import Server
from framewright.contracts.settings import Playback
from framewright.domain.errors import Retry
from framewright.domain.outcome import Outcome
from framewright.publisher.handlers.playback import PlaybackWatch, Probe
from framewright.vendors.jellyfin.simulator import LibrarySettings
from framewright.vendors.simulation import instruments

pytestmark = pytest.mark.integration

REMOTE = "/data/films/Film [2001] {tmdb-1}/Film [2001].mkv"


async def test_a_film_that_is_watched_is_written_afterwards_and_no_attempt_is_counted(desk):
    request = desk.request(desk.server())
    await desk.put_frames(request)
    desk.playing.add(REMOTE)

    fact, again = await desk.answers(request, attempt=3)
    assert (fact.outcome, fact.code) == (Outcome.WAITING, "PLAYING")
    assert (type(again), again.attempt) == (Later, 3)
    assert 55 < (again.due - now()).total_seconds() <= 60
    assert await desk.record(request) is None

    desk.playing.clear()
    assert (await desk.handle(again.message)).outcome is Outcome.PUBLISHED


async def test_a_long_film_is_told_of_once_with_the_end_of_the_wait(desk):
    request = desk.request(desk.server())
    await desk.put_frames(request)
    desk.playing.add(REMOTE)

    fact, first = await desk.answers(request)
    (second,) = await desk.answers(first.message)

    assert 14_395 < (fact.next_try - now()).total_seconds() <= 14_400
    assert second.message == first.message


async def test_the_wait_for_the_end_of_a_film_has_an_end(desk):
    request = desk.request(desk.server())
    await desk.put_frames(request)
    desk.playing.add(REMOTE)
    _, again = await desk.answers(request)
    long_ago = msgspec.structs.replace(again.message, playing_since=now() - timedelta(minutes=241))

    fact = await desk.handle(long_ago)

    assert fact.outcome is Outcome.PUBLISHED


async def test_what_is_fresh_already_needs_no_wait(desk, later):
    request = desk.request(desk.server())
    await desk.put_frames(request)
    await desk.handle(request)
    desk.playing.add(REMOTE)

    assert (await desk.handle(later(request, 60))).outcome is Outcome.UP_TO_DATE


async def test_a_server_is_not_told_of_a_film_that_it_plays(desk):
    async with desk.simulated("emby") as server:
        request = desk.request(server)
        await desk.put_frames(request)
        await desk.handle(request)
        record = msgspec.structs.replace(await desk.record(request), stage=Stage.WRITTEN)
        await desk.publisher.remember(request.path_id, "s1", record)
        desk.playing.add(REMOTE)
        told = len(desk.state.instruments.calls)

        fact, _ = await desk.answers(request)

    assert (fact.code, len(desk.state.instruments.calls)) == ("PLAYING", told)


async def test_outputs_are_written_while_heavy_work_waits_and_told_of_afterwards(desk):
    async with desk.simulated("plex") as server:
        request = desk.request(server)
        await desk.put_frames(request)
        desk.busy = "somebody watches"

        fact, again = await desk.answers(request)

        assert (fact.outcome, fact.code) == (Outcome.WAITING, "PLAYING")
        assert (await desk.record(request)).stage is Stage.WRITTEN
        assert desk.asked("PUT", "/library/metadata/*/analyze") == []
        desk.busy = ""
        assert (await desk.handle(again.message)).outcome is Outcome.ADOPTED


async def test_nobody_is_reminded_while_heavy_work_waits(desk):
    async with desk.simulated("plex") as server:
        deaf = instruments.Fault(instruments.FaultKind.MALFORMED, "PUT", "/library/metadata/*/analyze")
        desk.state.instruments.inject(deaf)
        request = desk.request(server)
        await desk.put_frames(request)
        await desk.answers(request)
        desk.busy = "somebody watches"

        fact, _ = await desk.answers(request)

        assert (fact.outcome, fact.code) == (Outcome.WAITING, "NOT_SHOWN")
        assert len(desk.asked("PUT", "/library/metadata/*/analyze")) == 1


class Watched:
    """Two servers, of which one plays a film and the other never answers; every question is counted."""

    def __init__(self, bus):
        self.bus = bus
        self.policy = Playback(poll_seconds=5)
        self.asked: list[str] = []
        self.servers = [Server(id=name, type="plex", url="http://here") for name in ("hangs", "plays")]
        self.bucket = Bucket(bus, PRESENCE.name)

    async def sessions(self, server):
        self.asked.append(server.id)
        if server.id == "hangs":
            await asyncio.sleep(60)
        return (PlayingItem("7", REMOTE),)

    async def say(self, state, seconds):
        await self.bucket.put(PLAYBACK_PREFIX + state.server_id, msgspec.json.encode(state), seconds=seconds)

    async def state(self, server_id) -> ServerPlayback | None:
        entry = await self.bucket.get(PLAYBACK_PREFIX + server_id)
        return decode_playback(entry.value) if entry else None

    @asynccontextmanager
    async def watching(self, sessions=None):
        locks, stopping = Bucket(self.bus, LOCKS.name), asyncio.Event()
        probe = Probe(
            servers=lambda: self.servers,
            playback=lambda: self.policy,
            sessions=sessions or self.sessions,
            known=lambda _server_id: None,
            say=self.say,
            lease=lambda name: lease(locks, f"playback.{name}"),
            hints=lambda: self.bus.listening(f"{PlaybackHintV1.HEAD}.>"),
        )
        task = asyncio.create_task(PlaybackWatch(probe).run(stopping))
        yield
        stopping.set()
        await asyncio.wait_for(task, 5)


@pytest.fixture
def watched(bus):
    return Watched(bus)


async def test_a_server_that_hangs_keeps_no_other_from_being_asked(watched):
    async def known() -> bool:
        return await watched.state("plays") is not None

    async with watched.watching():
        await until(known, 3)

    assert (await watched.state("plays")).playing == (PlayingItem("7", REMOTE),)
    assert await watched.state("hangs") is None
    assert watched.asked.count("hangs") == 1


async def test_a_hint_has_the_server_asked_at_once(watched):
    watched.policy = Playback(poll_seconds=300)

    async def asked_again() -> bool:
        await Outgoing(watched.bus).show(PlaybackHintV1(server_type="plex"))
        return watched.asked.count("plays") > 1

    async with watched.watching():
        await until(asked_again, 3)

    assert watched.asked.count("hangs") == 1


async def test_nobody_is_asked_where_the_policy_minds_nothing(watched):
    watched.policy = Playback(policy="ignore")

    async with watched.watching():
        await Outgoing(watched.bus).show(PlaybackHintV1(server_type="plex"))
        await asyncio.sleep(0.3)

    assert watched.asked == []


async def test_a_server_that_fails_is_not_written_about(watched):
    async def failing(server):
        watched.asked.append(server.id)
        raise Retry("away", code="UNREACHABLE")

    async def asked() -> bool:
        return "plays" in watched.asked

    async with watched.watching(failing):
        await until(asked, 3)

    assert await watched.state("plays") is None


@pytest.mark.parametrize("vendor", ["plex", "emby", "jellyfin"])
async def test_the_service_leaves_alone_what_a_server_says_it_plays(desk, open_office, vendor):
    options = {"libraries": {"Films": LibrarySettings(True, True, True)}} if vendor == "jellyfin" else {}
    async with desk.simulated(vendor, **options):
        desk.state.instruments.watch(instruments.Watched(REMOTE))
        async with open_office() as office:
            server = await office.add(vendor)

            async def known() -> bool:
                entry = await Bucket(desk.bus, PRESENCE.name).get(f"{PLAYBACK_PREFIX}s1")
                return entry is not None and decode_playback(entry.value).playing != ()

            await until(known)
            await asyncio.sleep(0.2)
            request = await office.order(server)

            fact = await office.fact(request)

    assert (fact["outcome"], fact["code"]) == ("waiting", "PLAYING")
