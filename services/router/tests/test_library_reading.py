"""Libraries are read again on a miss and when they are stale; a server that is down keeps those that are known."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.fernet import Fernet

from framewright.chassis.bus import Bucket
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.leases import lease
from framewright.chassis.sealing import Sealer
from framewright.chassis.testing.bus import until
from framewright.chassis.testing.http import serving
from framewright.contracts.catalogue import CONFIG, LOCKS
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileRoutedV1
from framewright.contracts.libraries import decode_libraries_read
from framewright.contracts.server import Server, ServerAuth
from framewright.domain.errors import Busy
from framewright.domain.libraries import merged_libraries
from framewright.domain.outcome import Outcome
from framewright.domain.ownership import Library
from framewright.router.adapters import LibraryReader
from framewright.router.adapters.libraries import Rhythm
from framewright.vendors.jellyfin.simulator import JellyfinState, create_app
from framewright.vendors.simulation.disk import Shelf
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

FOLDERS = "/Library/VirtualFolders"


@dataclass
class Shop:
    """A router over a simulated Jellyfin whose configuration knows no library yet."""

    desk: Any
    state: JellyfinState
    config: ConfigStore
    bus: Any
    http: httpx.AsyncClient

    @property
    def server(self) -> Server:
        return self.config.servers[0]

    def reader(self, **rhythm: Any) -> LibraryReader:
        buckets = Bucket(self.bus, LOCKS.name), Bucket(self.bus, CONFIG.name)
        return LibraryReader(self.config, *buckets, lambda _server: self.http, Rhythm(**rhythm))

    def asked(self) -> int:
        return len(self.state.instruments.asked("GET", FOLDERS))

    async def change(self, **fields: Any) -> None:
        await self.config.change_server("jf", lambda old: msgspec.structs.replace(old, **fields))

    async def reason(self) -> str:
        entry = await Bucket(self.bus, CONFIG.name).get("libraries.jf")
        assert entry
        assert entry.value
        return decode_libraries_read(entry.value).reason

    async def route(self, name: str, event: str = "e1") -> FileRoutedV1:
        self.desk.servers[:] = self.config.servers
        told = await self.desk.route(self.desk.media / name, event)
        return next(one for one in told if isinstance(one, FileRoutedV1))


@pytest.fixture
async def shop(desk, bus):
    state = JellyfinState(shelves=[Shelf("Films", "movie", str(desk.media / "films"), str(desk.media / "films"))])
    config = ConfigStore(Bucket(bus, CONFIG.name), Sealer(Fernet.generate_key().decode()))
    async with serving(create_app(state)) as url, httpx.AsyncClient(verify=False) as http:
        auth = ServerAuth(api_key=state.token)
        await config.add_server(
            Server(id="jf", type="jellyfin", name="JF", url=url, auth=auth, server_identity=state.id)
        )
        shop = Shop(desk, state, config, bus, http)
        reader = shop.reader()

        async def reread(server_id: str) -> bool:
            changed = await reader.after_miss(server_id)
            desk.servers[:] = config.servers
            return changed

        desk.reread = reread
        yield shop


async def test_a_file_of_a_library_that_was_just_added_is_routed_at_once(shop, stored):
    shop.desk.add("films/new.mkv")

    fact = await shop.route("films/new.mkv")

    assert fact.outcome is Outcome.WAITING
    assert [library.name for library in shop.server.libraries] == ["Films"]
    assert len(await stored(ExtractRequestedV1)) == 1


async def test_paths_of_nobody_make_the_servers_be_asked_once_a_minute(shop):
    for number in range(5):
        shop.desk.add(f"tv/{number}.mkv")
        fact = await shop.route(f"tv/{number}.mkv", f"e{number}")
        assert fact.outcome is Outcome.NOT_OWNED

    assert shop.asked() == 1


async def test_a_file_that_somebody_owns_makes_nobody_be_asked(shop):
    shop.desk.add("films/a.mkv")
    await shop.change(libraries=(Library("x", "Films", "movie", (str(shop.desk.media / "films"),)),))

    await shop.route("films/a.mkv")

    assert shop.asked() == 0


async def test_a_miss_during_a_reading_waits_for_it(shop):
    shop.desk.add("films/new.mkv")

    async with lease(Bucket(shop.bus, LOCKS.name), "libraries.jf"):
        with pytest.raises(Busy):
            await shop.route("films/new.mkv")

    assert (await shop.route("films/new.mkv", "e2")).outcome is Outcome.WAITING


async def test_the_operators_switches_survive_a_reading(shop):
    await shop.reader(pause=1).after_miss("")
    (films,) = shop.server.libraries
    await shop.change(libraries=(Library(films.id, "Old", films.kind, films.remote_paths, enabled=False),))

    await asyncio.sleep(1.1)
    assert await shop.reader().after_miss("jf")

    assert [(one.name, one.enabled) for one in shop.server.libraries] == [("Films", False)]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(FaultKind.STATUS, status=503), "503"),
        (Fault(FaultKind.STATUS, status=401), "credentials"),
        (Fault(FaultKind.MALFORMED), "no usable JSON"),
        (Fault(FaultKind.LATENCY, seconds=5), "did not answer within"),
        (Fault(FaultKind.MALFORMED, path=FOLDERS, body="[]", content_type="application/json"), "names no library"),
    ],
)
async def test_a_server_in_trouble_keeps_its_known_libraries_with_a_reason(shop, fault, reason):
    known = (Library("x", "Films", "movie", ("/data/films",)),)
    await shop.change(libraries=known)
    shop.state.instruments.inject(fault)

    changed = await shop.reader(patience=0.5).after_miss("")

    assert not changed
    assert shop.server.libraries == known
    assert reason in await shop.reason()
    assert shop.state.token not in await shop.reason()


async def test_another_server_at_the_address_changes_nothing(shop):
    await shop.change(server_identity="the-one-that-was")

    assert not await shop.reader().after_miss("")

    assert shop.server.libraries == ()
    assert "another server" in await shop.reason()
    assert [call.path for call in shop.state.instruments.calls] == ["/System/Info/Public"]
    assert shop.state.token not in repr(list(shop.state.instruments.calls))


async def test_a_server_that_nobody_knew_yet_is_known_from_its_first_good_answer_on(shop):
    await shop.change(server_identity="", auth=ServerAuth(api_key="wrong"))
    await shop.reader(pause=1).after_miss("jf")
    refused = shop.server.server_identity

    await asyncio.sleep(1.1)
    await shop.change(auth=ServerAuth(api_key=shop.state.token))
    await shop.reader(pause=1).after_miss("jf")

    assert (refused, shop.server.server_identity) == ("", shop.state.id)
    assert [library.name for library in shop.server.libraries] == ["Films"]


async def test_from_then_on_another_server_at_the_address_is_a_stranger(shop):
    await shop.change(server_identity="")
    await shop.reader(pause=1).after_miss("jf")
    known, shop.state.id = shop.state.id, "somebody-else"

    await asyncio.sleep(1.1)
    await shop.reader().after_miss("jf")

    assert shop.server.server_identity == known
    assert "another server" in await shop.reason()


async def test_an_identity_that_an_operator_gives_meanwhile_stays(shop):
    await shop.change(server_identity="")
    shop.state.instruments.inject(Fault(FaultKind.LATENCY, path=FOLDERS, seconds=1))

    reading = asyncio.create_task(shop.reader().after_miss("jf"))
    await until(lambda: _true(bool(shop.asked())))
    await shop.change(server_identity="given")
    await reading

    assert shop.server.server_identity == "given"


async def test_stale_libraries_are_read_by_one_replica(shop):
    stopping = asyncio.Event()
    replicas = [shop.reader(tick=0.05, fresh=60, pause=60) for _ in range(3)]
    running = [asyncio.create_task(replica.run(stopping)) for replica in replicas]

    await until(lambda: _true(bool(shop.server.libraries)))
    await asyncio.sleep(0.3)
    stopping.set()
    await asyncio.gather(*running)

    assert shop.asked() == 1
    assert await shop.reason() == ""


async def test_libraries_are_read_again_when_they_are_stale_and_sooner_after_a_failure(shop):
    shop.state.instruments.inject(Fault(FaultKind.STATUS, status=503, times=1))
    stopping = asyncio.Event()
    running = asyncio.create_task(shop.reader(tick=0.05, fresh=60, pause=1).run(stopping))

    await until(lambda: _true(bool(shop.server.libraries)))
    stopping.set()
    await running

    assert await shop.reason() == ""


async def test_disabled_servers_and_servers_without_an_address_are_left_alone(shop):
    await shop.config.add_server(Server(id="shelf", type="folder", libraries=(Library("1"),)))
    await shop.change(enabled=False)

    assert not await shop.reader().after_miss("")

    assert shop.asked() == 0


def test_roots_that_are_no_paths_are_left_out() -> None:
    found = [Library("1", "Films", "movie", ("/data", "", "relative", "D:\\Films", "/a/../b", "/x\0"))]

    (library,) = merged_libraries([], found)

    assert library.remote_paths == ("/data", "D:\\Films")


def test_a_library_that_is_gone_is_gone_and_a_new_one_is_on() -> None:
    known = [Library("1", enabled=False), Library("2", enabled=False)]

    merged = merged_libraries(known, [Library("2", "Two"), Library("3", "Three")])

    assert [(one.id, one.enabled) for one in merged] == [("2", False), ("3", True)]


async def _true(answer: bool) -> bool:
    await asyncio.sleep(0)
    return answer
