"""The size and the life of packs follow the settings while the system runs, and survive provisioning."""

import asyncio
from pathlib import Path

import pytest

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bus, limit_stream, provision
from framewright.chassis.frame_store import BusFrameStore, FolderFrameStore, Keeping, frame_store, keeping
from framewright.chassis.settings import ProcessSettings
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import FRAMES
from framewright.contracts.settings import FrameReuse
from framewright.domain.errors import Reject

pytestmark = pytest.mark.integration

MIB = 2**20


async def size(bus: Bus) -> int:
    return (await bus.js.stream_info(FRAMES.name)).config.max_bytes or 0


@pytest.mark.parametrize(
    ("reuse", "kept"),
    [
        (FrameReuse(), Keeping(3600, 2048 * MIB)),
        (FrameReuse(ttl_minutes=90, max_cache_disk_mb=64), Keeping(5400, 64 * MIB)),
        (FrameReuse(ttl_minutes=1), Keeping(600, 2048 * MIB)),
        (FrameReuse(enabled=False, ttl_minutes=90), Keeping(600, 2048 * MIB)),
    ],
)
def test_packs_live_as_long_as_they_are_reused_and_always_long_enough_to_travel(
    reuse: FrameReuse, kept: Keeping
) -> None:
    assert keeping(reuse) == kept


async def test_the_life_of_a_pack_is_asked_for_whenever_one_is_put(bus: Bus) -> None:
    kept = [Keeping(seconds=77), Keeping(seconds=88)]
    store = BusFrameStore(bus, kept.pop)

    await store.put("one", [], b"manifest")
    await store.put("two", [], b"manifest")

    stored = [await bus.get_sequence(FRAMES.name, number) for number in (1, 2)]
    assert [(one.headers or {})["Nats-TTL"] for one in stored if one] == ["88s", "77s"]


async def test_the_stream_is_resized_and_says_whether_that_was_news(bus: Bus) -> None:
    news = [await limit_stream(bus, FRAMES, wanted * MIB) for wanted in (100, 100, 3000)]

    config = (await bus.js.stream_info(FRAMES.name)).config
    assert news == [True, False, True]
    assert (config.max_bytes, config.allow_msg_ttl, config.max_msgs_per_subject) == (3000 * MIB, True, 1)


async def test_a_stream_that_the_broker_has_no_room_for_is_refused(bus: Bus) -> None:
    with pytest.raises(Reject) as refusal:
        await limit_stream(bus, FRAMES, 2**60)

    assert refusal.value.code == "TOPOLOGY_CONFLICT"
    assert await size(bus) == FRAMES.max_bytes


async def test_provisioning_again_keeps_the_size_that_was_set(bus: Bus) -> None:
    await limit_stream(bus, FRAMES, 64 * MIB)

    await provision(bus)

    assert await size(bus) == 64 * MIB


async def test_writers_that_know_the_same_settings_do_not_fight(bus: Bus) -> None:
    writers = [BusFrameStore(bus, lambda: Keeping(max_bytes=100 * MIB)) for _ in range(3)]

    await asyncio.gather(*(writer.tend() for writer in writers))
    await limit_stream(bus, FRAMES, 200 * MIB)
    await asyncio.gather(*(writer.tend() for writer in writers))

    assert await size(bus) == 200 * MIB


async def test_an_open_store_follows_its_settings_by_itself(bus: Bus, server: EmbeddedServer) -> None:
    kept = [Keeping(max_bytes=64 * MIB)]

    async def is_set() -> bool:
        return await size(bus) == kept[0].max_bytes

    async with frame_store(ProcessSettings(nats_url=server.url), "test", lambda: kept[0]) as store:
        assert isinstance(store, BusFrameStore)
        await until(is_set, 5)
        kept[0] = Keeping(max_bytes=99 * MIB)
        await until(is_set, 5)


async def test_a_reader_changes_no_size(bus: Bus, server: EmbeddedServer) -> None:
    await limit_stream(bus, FRAMES, 64 * MIB)

    async with frame_store(ProcessSettings(nats_url=server.url), "test"):
        await asyncio.sleep(0.1)

    assert await size(bus) == 64 * MIB


async def test_a_folder_in_the_environment_replaces_the_bus(tmp_path: Path) -> None:
    async with frame_store(ProcessSettings(nats_url="nats://nowhere", frames_dir=str(tmp_path)), "test") as store:
        assert isinstance(store, FolderFrameStore)
        await store.put("pack", [b"one"], b"manifest")

    assert (tmp_path / "pack" / "p0").read_bytes() == b"one"


async def test_a_folder_that_is_not_there_is_named_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(Reject, match=r"FRAMES_DIR .*missing is not a folder") as refusal:
        async with frame_store(ProcessSettings(frames_dir=str(tmp_path / "missing")), "test", Keeping):
            pass

    assert refusal.value.code == "BAD_SETTING"
    assert not (tmp_path / "missing").exists()
