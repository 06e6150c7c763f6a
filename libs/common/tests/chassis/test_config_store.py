"""The configuration: sealed at rest, watched by everyone, changed by compare-and-set."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
import pytest
from cryptography.fernet import Fernet

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.installation import installation_id
from framewright.chassis.sealing import Sealer
from framewright.chassis.testing.bus import until
from framewright.contracts.server import Server, ServerAuth
from framewright.contracts.settings import Settings
from framewright.domain.errors import Reject

pytestmark = pytest.mark.integration

KEY = Fernet.generate_key().decode()
SECRET = "s3cr3t-t0ken"
SERVER = Server(id="p1", type="plex", url="http://plex", auth=ServerAuth(token=SECRET, api_key=SECRET + "2"))

Opening = Callable[..., AbstractAsyncContextManager[ConfigStore]]


@pytest.fixture
def opened(bus: Bus) -> Opening:
    """A store that watches while the context is open."""

    @asynccontextmanager
    async def open_store(key: str = KEY) -> AsyncGenerator[ConfigStore]:
        store, stopping = ConfigStore(Bucket(bus, "config"), Sealer(key)), asyncio.Event()
        task = asyncio.create_task(store.watch(stopping))
        await asyncio.wait_for(store.loaded(), 5)
        try:
            yield store
        finally:
            stopping.set()
            await task

    return open_store


async def agreed(question: Callable[[], bool]) -> None:
    async def ask() -> bool:
        return question()

    await until(ask, 5)


async def test_an_empty_bucket_gives_the_defaults(opened: Opening) -> None:
    async with opened() as store:
        assert (store.settings, store.servers) == (Settings(), ())


async def test_a_change_reaches_every_store_and_its_listeners(opened: Opening) -> None:
    calls: list[str] = []
    async with opened() as writer, opened() as reader:
        reader.on_change(lambda: calls.append("changed"))
        await writer.add_server(SERVER)
        await writer.change_settings(lambda old: msgspec.structs.replace(old, thumbnail_interval=7))
        await agreed(lambda: reader.settings.thumbnail_interval == 7)

        assert reader.servers == (SERVER,)
        assert reader.server("p1") == SERVER
    assert len(calls) == 2


async def test_a_writer_sees_its_own_change_at_once(opened: Opening) -> None:
    async with opened() as store:
        await store.add_server(SERVER)

        assert store.server("p1") == SERVER


async def test_the_stored_bytes_never_hold_a_secret(bus: Bus, server: EmbeddedServer, opened: Opening) -> None:
    async with opened() as store:
        await store.add_server(SERVER)
        await store.change_settings(lambda old: msgspec.structs.replace(old, webhook_secret=SECRET))
        await store.change_server("p1", lambda old: msgspec.structs.replace(old, name="renamed"))

    server.stop()
    blocks = [file.read_bytes() for file in server.store.rglob("*.blk")]
    assert any(b"renamed" in block for block in blocks)
    assert not any(SECRET.encode() in block for block in blocks)
    server.start()


async def test_two_operators_lose_no_change(opened: Opening) -> None:
    def add_thread(old: Settings) -> Settings:
        return msgspec.structs.replace(old, cpu_threads=old.cpu_threads + 1)

    async with opened() as one, opened() as other:
        await asyncio.gather(*(store.change_settings(add_thread) for store in (one, other) * 5))
        await agreed(lambda: one.settings.cpu_threads == other.settings.cpu_threads == 11)


async def test_a_server_is_added_once(opened: Opening) -> None:
    async with opened() as store:
        await store.add_server(SERVER)

        with pytest.raises(Reject) as refusal:
            await store.add_server(SERVER)

    assert refusal.value.code == "CONFLICT"


async def test_a_removed_server_is_gone_and_can_be_added_again(opened: Opening) -> None:
    async with opened() as store, opened() as reader:
        await store.add_server(SERVER)
        await agreed(lambda: reader.server("p1") is not None)
        await store.delete_server("p1")
        await agreed(lambda: reader.server("p1") is None)
        await store.add_server(SERVER)
        await agreed(lambda: reader.server("p1") is not None)


async def test_a_server_that_is_not_there_cannot_be_changed_or_removed(opened: Opening) -> None:
    async with opened() as store:
        for attempt in (store.change_server("x", lambda old: old), store.delete_server("x")):
            with pytest.raises(Reject) as refusal:
                await attempt
            assert refusal.value.code == "NOT_FOUND"


async def test_a_refused_change_changes_nothing(opened: Opening) -> None:
    def refuse(_old: Settings) -> Settings:
        raise Reject("no", code="VALIDATION_ERROR")

    async with opened() as store:
        with pytest.raises(Reject):
            await store.change_settings(refuse)

        assert store.settings == Settings()


async def test_servers_are_to_know_this_installation_by_its_name_which_is_not_theirs(bus: Bus, opened: Opening) -> None:
    bucket = Bucket(bus, "config")
    async with opened() as early:
        await early.add_server(SERVER)
        name = await installation_id(bucket)
        await agreed(lambda: early.servers[0].device_id == name)
    async with opened() as late:
        changed = await late.change_server("p1", lambda old: msgspec.structs.replace(old, name="renamed"))

        assert (late.device_id, changed.device_id, len(name)) == (name, name, 36)
    stored = await bucket.get("servers.p1")
    assert stored is not None
    assert name.encode() not in (stored.value or b"")


async def test_one_unusable_value_does_not_hide_the_others(bus: Bus, opened: Opening) -> None:
    bucket = Bucket(bus, "config")
    await bucket.put("servers.broken", b"not json")
    await bucket.put("servers.foreign", msgspec.json.encode(sealed_elsewhere()))
    async with opened() as store:
        await store.add_server(SERVER)

        assert [server.id for server in store.servers] == ["foreign", "p1"]
        assert store.servers[0].auth.secret == ""  # its calls are refused until the secret is entered again


def sealed_elsewhere() -> Server:
    foreign = Sealer(Fernet.generate_key().decode())
    return msgspec.structs.replace(SERVER, id="foreign", auth=ServerAuth(token=foreign.seal("x")))
