"""What every frame store promises, whether it is the bus or a folder: a pack is whole or it is a miss."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bus, connect
from framewright.chassis.frame_store import BusFrameStore, FolderFrameStore, Keeping
from framewright.chassis.frame_store.shelf import part_name
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import FRAMES
from framewright.domain.errors import Reject, Retry
from framewright.domain.frames import FileVersion, Picture, pack_key

pytestmark = pytest.mark.integration

PACK, OTHER, THIRD = (pack_key("a" * 32, FileVersion(1, time), 320, Picture()) for time in (1, 2, 3))


@dataclass
class Shop:
    """A store, what it is told to keep, and a hand that takes things out of it from outside."""

    open_store: Callable[[Callable[[], Keeping]], BusFrameStore | FolderFrameStore]
    lose: Callable[[str, str], object]
    age: Callable[[str, float], object]
    keeping: Keeping = field(default_factory=Keeping)

    def __post_init__(self) -> None:
        self.store = self.open_store(lambda: self.keeping)


@pytest_asyncio.fixture(params=["bus", "folder"])
async def shop(request: pytest.FixtureRequest, server: EmbeddedServer, tmp_path: Path) -> AsyncGenerator[Shop]:
    """Each store; the one of the bus over a connection of its own, as in the services."""
    frames = await connect(server.url, "test-frames")
    root = tmp_path / "frames"
    root.mkdir()

    async def lose_message(key: str, name: str) -> None:
        await frames.purge(FRAMES.name, f"frames.v1.{key}.{name}")

    async def lose_file(key: str, name: str) -> None:
        (root / key / name).unlink()

    if request.param == "bus":
        yield Shop(lambda keeping: BusFrameStore(frames, keeping), lose_message, lambda _key, _seconds: None)
    else:
        yield Shop(lambda keeping: FolderFrameStore(root, keeping), lose_file, lambda key, s: aged(root / key, s))
    await frames.close()


def aged(pack: Path, seconds: float) -> None:
    """Make a pack on disk so much older; on the bus the order of arrival says the same."""
    for path in (*pack.iterdir(), pack):
        before = path.stat().st_mtime - seconds
        os.utime(path, (before, before))


async def test_a_pack_of_ten_megabytes_comes_back_as_it_was(shop: Shop) -> None:
    parts = [os.urandom(3_500_000) for _ in range(3)]

    await shop.store.put(PACK, parts, b"manifest")

    assert await shop.store.manifest(PACK) == b"manifest"
    assert [await shop.store.part(PACK, number) for number in range(3)] == parts
    assert await shop.store.whole(PACK, 3)


async def test_another_process_sees_the_same_pack(shop: Shop) -> None:
    await shop.store.put(PACK, [b"one"], b"manifest")

    reader = shop.open_store(Keeping)

    assert (await reader.manifest(PACK), await reader.part(PACK, 0)) == (b"manifest", b"one")


async def test_a_pack_that_never_was_is_a_miss(shop: Shop) -> None:
    assert await shop.store.manifest(PACK) is None
    assert await shop.store.part(PACK, 0) is None
    assert not await shop.store.whole(PACK, 0)


async def test_a_missing_part_is_a_miss(shop: Shop) -> None:
    await shop.store.put(PACK, [b"one", b"two"], b"manifest")
    before = await shop.store.whole(PACK, 2)

    await shop.lose(PACK, part_name(1))

    assert await shop.store.part(PACK, 0) == b"one"
    assert await shop.store.part(PACK, 1) is None
    assert (before, await shop.store.whole(PACK, 2)) == (True, False)


async def test_a_pack_with_fewer_parts_than_its_manifest_says_is_not_whole(shop: Shop) -> None:
    await shop.store.put(PACK, [b"one", b"two"], b"manifest")

    assert not await shop.store.whole(PACK, 3)


async def test_a_pack_put_again_replaces_the_old_one(shop: Shop) -> None:
    await shop.store.put(PACK, [b"old"], b"old manifest")
    await shop.store.put(PACK, [b"new"], b"new manifest")

    assert (await shop.store.manifest(PACK), await shop.store.part(PACK, 0)) == (b"new manifest", b"new")


async def test_writers_of_one_pack_leave_one_whole_pack(shop: Shop) -> None:
    bodies = [bytes([number]) * 50_000 for number in range(6)]
    writers = [shop.open_store(Keeping) for _ in bodies]

    await asyncio.gather(*(one.put(PACK, [body], body) for one, body in zip(writers, bodies, strict=True)))

    assert await shop.store.manifest(PACK) in bodies
    assert await shop.store.whole(PACK, 1)


@pytest.mark.parametrize("key", ["", "../escape", "a/b", "a..b", ".hidden", "a b", "frames.*", "a.>", "a" * 200, "ä"])
async def test_a_name_that_could_lead_elsewhere_is_refused(shop: Shop, key: str) -> None:
    for work in (shop.store.manifest(key), shop.store.part(key, 0), shop.store.put(key, [b"x"], b"m")):
        with pytest.raises(Reject) as refusal:
            await work
        assert refusal.value.code == "BAD_KEY"


async def test_the_oldest_packs_make_room_for_new_ones(shop: Shop) -> None:
    shop.keeping = Keeping(max_bytes=250_000)
    await shop.store.tend()

    for age, key in ((300, PACK), (200, OTHER), (0, THIRD)):
        await shop.store.put(key, [bytes(50_000)] * 2, b"manifest")
        shop.age(key, age)
    await shop.store.tend()

    assert [await shop.store.whole(key, 2) for key in (PACK, OTHER, THIRD)] == [False, True, True]


async def test_a_smaller_size_holds_at_once(shop: Shop) -> None:
    for key in (PACK, OTHER):
        await shop.store.put(key, [bytes(50_000)] * 2, b"manifest")
        shop.age(key, 100)

    shop.keeping = Keeping(max_bytes=150_000)
    await shop.store.tend()

    kept = [await shop.store.whole(key, 2) for key in (PACK, OTHER)]
    assert kept.count(True) == 1


async def test_a_pack_larger_than_the_whole_store_is_refused_with_the_setting_to_change(shop: Shop) -> None:
    shop.keeping = Keeping(max_bytes=99_999)

    with pytest.raises(Retry, match="max_cache_disk_mb") as refusal:
        await shop.store.put(PACK, [bytes(100_000)], b"manifest")

    assert refusal.value.code == "FRAMES_FULL"
    assert await shop.store.manifest(PACK) is None


async def test_a_pack_leaves_after_its_time(shop: Shop) -> None:
    shop.keeping = Keeping(seconds=1)
    await shop.store.put(PACK, [b"one"], b"manifest")
    shop.age(PACK, 2)

    async def gone() -> bool:
        await shop.store.tend()
        return await shop.store.manifest(PACK) is None

    await until(gone, 5)
    assert await shop.store.part(PACK, 0) is None


async def test_a_pack_is_read_after_a_crash_of_the_broker(shop: Shop, server: EmbeddedServer) -> None:
    await shop.store.put(PACK, [b"one"], b"manifest")
    server.kill()
    server.start()

    assert await shop.store.manifest(PACK) == b"manifest"
    assert await shop.store.whole(PACK, 1)


async def test_a_part_that_no_message_can_carry_leaves_no_pack(server: EmbeddedServer) -> None:
    frames = await connect(server.url, "test-frames")
    store = BusFrameStore(frames)

    with pytest.raises(Reject):
        await store.put(PACK, [b"one", bytes(9 * 2**20)], b"manifest")

    assert await store.part(PACK, 0) == b"one"
    assert await store.manifest(PACK) is None
    await frames.close()


async def test_a_pack_put_again_takes_no_further_room_on_the_bus(bus: Bus) -> None:
    store = BusFrameStore(bus)

    await store.put(PACK, [b"old"], b"old manifest")
    await store.put(PACK, [b"new"], b"new manifest")

    assert await bus.count(FRAMES.name) == 2
