"""Who watches what, and what waits for it: the rules without a bus, and the view on a real one."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.playback import PlaybackView, heavy_work_waits, plays
from framewright.chassis.testing.bus import until
from framewright.contracts.base import encode
from framewright.contracts.catalogue import PRESENCE
from framewright.contracts.playback import PLAYBACK_PREFIX, PlayingItem, ServerPlayback
from framewright.contracts.settings import Playback

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILM = PlayingItem("7", "/data/Film/Film.mkv")


def watched(*items: PlayingItem, at: datetime = NOON) -> ServerPlayback:
    return ServerPlayback("s1", at, items)


@pytest.mark.parametrize(
    ("policy", "item", "waits"),
    [
        ("ignore", PlayingItem("7"), False),
        ("item", PlayingItem("7"), False),
        ("heavy", PlayingItem("7"), True),
        ("heavy", PlayingItem("7", state="buffering"), True),
        ("heavy", PlayingItem("7", state="paused"), False),
        ("transcoding", PlayingItem("7"), False),
        ("transcoding", PlayingItem("7", transcoding=True), True),
        ("transcoding", PlayingItem("7", state="paused", transcoding=True), False),
    ],
)
def test_heavy_work_waits_as_the_policy_says(policy, item, waits):
    assert bool(heavy_work_waits([watched(item)], Playback(policy=policy), NOON)) is waits


def test_a_state_that_nobody_renewed_for_three_polls_counts_as_idle():
    playback = Playback(policy="heavy", poll_seconds=10)

    assert heavy_work_waits([watched(FILM)], playback, NOON + timedelta(seconds=30))
    assert not heavy_work_waits([watched(FILM)], playback, NOON + timedelta(seconds=31))


@pytest.mark.parametrize(
    ("item_id", "paths", "found"),
    [
        ("7", (), True),
        ("8", (), False),
        ("", ("/data//Film/Film.mkv",), True),
        ("7", ("/data/Film/Film - 4K.mkv",), False),
        ("", (), False),
    ],
)
def test_a_stream_is_known_by_its_path_or_else_by_its_item(item_id, paths, found):
    assert plays(watched(FILM), item_id, paths) is found


@pytest.mark.integration
async def test_the_view_follows_what_is_written_and_survives_nonsense(bus):
    view = PlaybackView(Bucket(bus, PRESENCE.name))
    stopping = asyncio.Event()
    watching = asyncio.create_task(view.watch(stopping))
    bucket = Bucket(bus, PRESENCE.name)
    await bucket.put(f"{PLAYBACK_PREFIX}s0", b"{")
    await bucket.put(f"{PLAYBACK_PREFIX}s1", encode(watched(FILM)))
    await asyncio.wait_for(view.loaded(), 5)

    async def seen() -> bool:
        return view.plays("s1", Playback(), NOON, item_id="7")

    await until(seen)
    assert view.heavy_work_waits(Playback(policy="heavy"), NOON)
    assert not view.plays("s0", Playback(), NOON, item_id="7")

    await bucket.delete(f"{PLAYBACK_PREFIX}s1")

    async def idle() -> bool:
        return view.states() == ()

    await until(idle)
    stopping.set()
    await asyncio.wait_for(watching, 2)
