"""Frame packs on the bus: whole or a miss."""

import os
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bus, connect
from framewright.chassis.frame_store import BusFrameStore
from framewright.contracts.catalogue import FRAMES
from framewright.domain.errors import Reject
from framewright.domain.frames import FileVersion, Picture, pack_key

pytestmark = pytest.mark.integration

PACK = pack_key("a" * 32, FileVersion(1, 2), 320, Picture())


@pytest_asyncio.fixture
async def store(server: EmbeddedServer) -> AsyncGenerator[BusFrameStore]:
    """A store over a connection of its own, as in the services."""
    frames = await connect(server.url, "test-frames")
    yield BusFrameStore(frames)
    await frames.close()


async def test_a_pack_of_ten_megabytes_comes_back_as_it_was(store: BusFrameStore) -> None:
    parts = [os.urandom(3_500_000) for _ in range(3)]

    await store.put(PACK, parts, b"manifest")

    assert await store.manifest(PACK) == b"manifest"
    assert [await store.part(PACK, number) for number in range(3)] == parts


async def test_a_pack_that_never_was_is_a_miss(store: BusFrameStore) -> None:
    assert await store.manifest(PACK) is None
    assert await store.part(PACK, 0) is None


async def test_a_missing_part_is_a_miss(store: BusFrameStore, bus: Bus) -> None:
    await store.put(PACK, [b"one", b"two"], b"manifest")

    await bus.purge(FRAMES.name, f"frames.v1.{PACK}.p1")

    assert await store.part(PACK, 0) == b"one"
    assert await store.part(PACK, 1) is None


async def test_a_pack_is_invisible_until_it_is_whole(store: BusFrameStore) -> None:
    with pytest.raises(Reject):
        await store.put(PACK, [b"one", bytes(9 * 2**20)], b"manifest")

    assert await store.part(PACK, 0) == b"one"
    assert await store.manifest(PACK) is None


async def test_a_pack_put_again_replaces_the_old_one(store: BusFrameStore, bus: Bus) -> None:
    await store.put(PACK, [b"old"], b"old manifest")
    await store.put(PACK, [b"new"], b"new manifest")

    assert (await store.manifest(PACK), await store.part(PACK, 0)) == (b"new manifest", b"new")
    assert await bus.count(FRAMES.name) == 2


async def test_a_pack_leaves_after_its_time(server: EmbeddedServer, bus: Bus) -> None:
    frames = await connect(server.url, "test-frames")
    await BusFrameStore(frames, keep_seconds=77).put(PACK, [b"one"], b"manifest")

    stored = await bus.get_sequence(FRAMES.name, 1)

    assert stored is not None
    assert (stored.headers or {})["Nats-TTL"] == "77s"
    await frames.close()


async def test_a_pack_is_read_after_a_crash_of_the_broker(store: BusFrameStore, server: EmbeddedServer) -> None:
    await store.put(PACK, [b"one"], b"manifest")
    server.kill()
    server.start()

    assert await store.manifest(PACK) == b"manifest"
