"""Sealed records in a bucket."""

import asyncio

import msgspec
import pytest
from cryptography.fernet import Fernet

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.sealing import Sealer
from framewright.chassis.strongbox import Strongbox

pytestmark = pytest.mark.integration

KEY = Fernet.generate_key().decode()


class Note(msgspec.Struct, frozen=True):
    secret: str


def box(bus: Bus, key: str = KEY, bucket: str = "config") -> Strongbox:
    return Strongbox(Bucket(bus, bucket), Sealer(key))


async def test_a_record_comes_back_and_rests_sealed(bus: Bus) -> None:
    await box(bus).write("note", Note("hush"))

    entry = await Bucket(bus, "config").get("note")

    assert await box(bus).read("note", Note) == Note("hush")
    assert entry is not None
    assert entry.value is not None
    assert b"hush" not in entry.value


async def test_a_record_that_another_key_sealed_counts_as_none(bus: Bus) -> None:
    await box(bus).write("note", Note("hush"))
    other = Fernet.generate_key().decode()

    assert await box(bus, other).read("note", Note) is None
    assert await box(bus, other).once("note", Note, lambda: Note("new")) == Note("new")


async def test_of_many_first_writers_one_wins_for_all(bus: Bus) -> None:
    made = [box(bus).once("note", Note, lambda number=number: Note(str(number))) for number in range(8)]

    assert len(set(await asyncio.gather(*made))) == 1


async def test_a_forgotten_record_is_gone_and_may_come_again(bus: Bus) -> None:
    await box(bus).write("note", Note("hush"))
    await box(bus).forget("note")

    assert await box(bus).read("note", Note) is None
    assert await box(bus).once("note", Note, lambda: Note("again")) == Note("again")


async def test_a_passing_record_goes_by_itself(bus: Bus) -> None:
    await box(bus, bucket="locks").write("note", Note("hush"), seconds=1)
    before = await box(bus, bucket="locks").read("note", Note)

    await asyncio.sleep(1.6)

    assert before == Note("hush")
    assert await box(bus, bucket="locks").read("note", Note) is None
