"""Reading many keys of a bucket in one request."""

import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.bus.buckets import MOST_AT_ONCE
from framewright.contracts.catalogue import FILES
from framewright.domain.errors import Retry

pytestmark = pytest.mark.integration


async def test_only_keys_that_have_a_value_are_answered(bus):
    bucket = Bucket(bus, FILES.name)
    await bucket.put("a.plex", b"old")
    await bucket.put("a.plex", b"new")
    await bucket.put("b.plex", b"")
    await bucket.put("c.plex", b"gone")
    await bucket.delete("c.plex")

    found = await bucket.get_many(["a.plex", "b.plex", "c.plex", "never.plex"])

    assert found == {"a.plex": b"new", "b.plex": b""}


async def test_no_keys_and_unknown_keys_are_no_values(bus):
    bucket = Bucket(bus, FILES.name)

    assert await bucket.get_many([]) == {}
    assert await bucket.get_many(["never", "ever"]) == {}


async def test_more_keys_than_one_request_may_hold_are_all_found(bus):
    bucket = Bucket(bus, FILES.name)
    keys = [f"k{number}" for number in range(MOST_AT_ONCE + 30)]
    for key in keys:
        await bucket.put(key, key.encode())

    assert await bucket.get_many(keys) == {key: key.encode() for key in keys}


async def test_a_pattern_stands_for_its_keys(bus):
    bucket = Bucket(bus, FILES.name)
    await bucket.put("one.a", b"1")
    await bucket.put("two.a", b"2")

    assert await bucket.get_many(["one.>"]) == {"one.a": b"1"}


async def test_a_broker_that_is_gone_is_for_later(server, bus):
    server.kill()

    with pytest.raises(Retry):
        await Bucket(bus, FILES.name).get_many(["a.plex"])
