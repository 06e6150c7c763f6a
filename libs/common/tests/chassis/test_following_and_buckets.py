"""Following a stream and keeping state in buckets, through crashes of the broker."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Self

import pytest

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bucket, Bus, Occupied, follow
from framewright.chassis.leases import lease
from framewright.chassis.testing.bus import until
from framewright.domain.errors import Busy

pytestmark = pytest.mark.integration


class Reader:
    """Reads an endless iterator in the background."""

    def __init__(self, source: AsyncIterator[Any]) -> None:
        self.seen: list[Any] = []
        self._task = asyncio.create_task(self._read(source))

    async def _read(self, source: AsyncIterator[Any]) -> None:
        async for one in source:
            self.seen.append(one)

    async def has(self, count: int, wait: float = 5.0) -> list[Any]:
        async def enough() -> bool:
            return len(self.seen) >= count

        await until(enough, wait)
        return self.seen

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        while not self._task.done():  # Python 3.11 can lose a cancellation inside `wait_for`
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=0.5)


def keys(entries: list[Any]) -> list[tuple[str, bytes | None] | None]:
    return [None if entry is None else (entry.key, entry.value) for entry in entries]


async def test_a_follower_reads_all_then_says_so_then_the_news(bus: Bus) -> None:
    for number in range(3):
        await bus.publish("events.v1.x", str(number).encode())

    async with Reader(follow(bus, "EVENTS", "events.v1.>", after=1)) as reader:
        await reader.has(3)
        await bus.publish("events.v1.x", b"news")
        seen = await reader.has(4)

    assert [one and one.data for one in seen] == [b"1", b"2", None, b"news"]


async def test_a_follower_of_an_empty_stream_says_at_once_that_this_was_all(bus: Bus) -> None:
    async with Reader(follow(bus, "EVENTS", "events.v1.>")) as reader:
        assert await reader.has(1, wait=1) == [None]


async def test_a_follower_misses_nothing_and_doubles_nothing_through_a_crash(bus: Bus, server: EmbeddedServer) -> None:
    async with Reader(follow(bus, "EVENTS", "events.v1.>")) as reader:
        await reader.has(1)
        await bus.publish("events.v1.x", b"before")
        await reader.has(2)
        server.kill()
        server.start()
        await bus.publish("events.v1.x", b"after", deadline=10)
        stored = time.monotonic()
        seen = await reader.has(3)

    assert time.monotonic() - stored < 3
    assert [one and one.data for one in seen] == [None, b"before", b"after"]


async def test_a_watch_is_current_within_three_seconds_of_a_crash(bus: Bus, server: EmbeddedServer) -> None:
    bucket = Bucket(bus, "config")
    await bucket.put("a", b"1")
    async with Reader(bucket.watch()) as reader:
        await reader.has(2)
        server.kill()
        server.start()
        await bucket.put("a", b"2")
        stored = time.monotonic()
        seen = await reader.has(3)

    assert time.monotonic() - stored < 3
    assert keys(seen) == [("a", b"1"), None, ("a", b"2")]


async def test_a_watch_shows_the_present_then_changes_and_removals(bus: Bus) -> None:
    bucket = Bucket(bus, "config")
    for key, value in (("a", b"old"), ("a", b"new"), ("b.c", b"x"), ("gone", b"y")):
        await bucket.put(key, value)
    await bucket.delete("gone")

    async with Reader(bucket.watch()) as reader:
        await reader.has(4)
        await bucket.delete("a")
        seen = await reader.has(5)

    assert keys(seen) == [("a", b"new"), ("b.c", b"x"), ("gone", None), None, ("a", None)]


async def test_a_watch_of_a_pattern_sees_nothing_else(bus: Bus) -> None:
    bucket = Bucket(bus, "config")
    await bucket.put("servers.a", b"1")
    await bucket.put("settings", b"2")

    async with Reader(bucket.watch("servers.*")) as reader:
        assert keys(await reader.has(2)) == [("servers.a", b"1"), None]


async def test_only_one_of_two_writers_wins(bus: Bus) -> None:
    bucket = Bucket(bus, "config")
    revision = await bucket.update("a", b"1", 0)
    await bucket.update("a", b"2", revision)

    with pytest.raises(Occupied):
        await bucket.update("a", b"3", revision)
    with pytest.raises(Occupied):
        await bucket.update("a", b"4", 0)

    entry = await bucket.get("a")
    assert entry is not None
    assert entry.value == b"2"


async def test_twenty_racing_writers_lose_no_change(bus: Bus) -> None:
    bucket = Bucket(bus, "config")
    await bucket.put("n", b"0")

    async def add() -> None:
        while True:
            entry = await bucket.get("n")
            assert entry is not None
            try:
                await bucket.update("n", str(int(entry.value or b"0") + 1).encode(), entry.revision)
            except Occupied:
                continue
            return

    await asyncio.gather(*(add() for _ in range(20)))

    entry = await bucket.get("n")
    assert entry is not None
    assert entry.value == b"20"


async def test_a_removed_key_can_be_made_again(bus: Bus) -> None:
    bucket = Bucket(bus, "config")
    await bucket.update("a", b"1", 0)
    await bucket.delete("a")

    assert await bucket.get("a") is None
    await bucket.update("a", b"2", 0)

    entry = await bucket.get("a")
    assert entry is not None
    assert entry.value == b"2"


async def test_a_key_that_never_was_is_none(bus: Bus) -> None:
    assert await Bucket(bus, "config").get("nothing") is None


async def test_a_lease_ends_by_itself_and_can_be_taken_again(bus: Bus) -> None:
    bucket = Bucket(bus, "locks")
    first = await bucket.lease("film", "one", 1)
    refused = await bucket.lease("film", "two", 1)
    await asyncio.sleep(1.3)
    second = await bucket.lease("film", "two", 30)

    assert first is not None
    assert refused is None
    assert second is not None
    assert await bucket.lease("film", "one", 1) is None


async def test_a_lease_given_back_is_free_at_once(bus: Bus) -> None:
    bucket = Bucket(bus, "locks")
    revision = await bucket.lease("film", "one", 30)
    assert revision is not None

    await bucket.release("film", revision)

    assert await bucket.lease("film", "two", 30) is not None


async def test_a_lease_that_passed_on_is_not_released_by_its_old_holder(bus: Bus) -> None:
    bucket = Bucket(bus, "locks")
    old = await bucket.lease("film", "one", 1)
    assert old is not None
    await asyncio.sleep(1.3)
    await bucket.lease("film", "two", 30)

    await bucket.release("film", old)

    assert await bucket.lease("film", "three", 30) is None


async def test_a_held_lease_is_renewed_and_let_go_in_the_end(bus: Bus) -> None:
    bucket = Bucket(bus, "locks")
    async with lease(bucket, "film", seconds=1):
        await asyncio.sleep(1.6)
        with pytest.raises(Busy):
            async with lease(bucket, "film"):
                pass

    async with lease(bucket, "film"):
        pass


async def test_a_lease_that_is_let_go_while_it_is_renewed_is_free_at_once(bus: Bus) -> None:
    bucket = Bucket(bus, "locks")
    for _ in range(5):
        async with lease(bucket, "film", seconds=1):
            await asyncio.sleep(0.334)
        async with lease(bucket, "film"):
            pass


async def test_of_two_that_want_a_lease_at_once_one_gets_it(bus: Bus) -> None:
    bucket = Bucket(bus, "locks")

    revisions = await asyncio.gather(*(bucket.lease("film", f"holder{number}", 30) for number in range(10)))

    assert len([revision for revision in revisions if revision is not None]) == 1


async def test_a_key_with_a_time_to_live_ends_unless_it_is_set_again(bus: Bus) -> None:
    bucket = Bucket(bus, "presence")
    await bucket.put("dead", b"1", seconds=1)
    for _ in range(3):
        await bucket.put("alive", b"1", seconds=1)
        await asyncio.sleep(0.5)

    alive, dead = await bucket.get("alive"), await bucket.get("dead")

    assert (alive and alive.value, dead) == (b"1", None)
    assert await bus.count("KV_presence", "$KV.presence.dead") == 0


async def test_the_marker_of_a_removed_key_can_end_too(bus: Bus) -> None:
    bucket = Bucket(bus, "presence")
    await bucket.put("gone", b"1", seconds=30)
    async with Reader(bucket.watch()) as reader:
        await reader.has(2)
        await bucket.delete("gone", seconds=1)
        seen = await reader.has(3)

    assert keys(seen) == [("gone", b"1"), None, ("gone", None)]
    await until(lambda: _is_empty(bus), wait=3)


async def _is_empty(bus: Bus) -> bool:
    return await bus.count("KV_presence") == 0
