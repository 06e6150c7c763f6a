"""Joining on a real broker: an event that comes again, however late, makes no second job."""

import asyncio
from functools import partial

import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.base import decode
from framewright.contracts.catalogue import DUE, LOCKS
from framewright.contracts.media import MediaChangedV1
from framewright.domain.outcome import ChangeKind
from framewright.ingest.adapters.memory import Memory
from framewright.ingest.domain.meaning import debounce_key
from framewright.ingest.domain.merging import Waits
from framewright.ingest.handlers.joining import Moment, Room, join

pytestmark = pytest.mark.integration

FILM = "/films/A.mkv"
WAITS = Waits(quiet=1, longest=30, upgrade=30)


def _change(event, path=FILM, kind=ChangeKind.CHANGED):
    return MediaChangedV1(
        event_id=event, key=debounce_key(path), source="custom", kind=kind, path=path, observed_at=now()
    )


@pytest.fixture
def room(bus):
    async def waiting(change):
        found = await bus.get_last(DUE.name, change.waiting_subject())
        return decode(MediaChangedV1, found[1]) if found else None

    return Room(waiting, Memory(Bucket(bus, LOCKS.name)), Outgoing(bus).send)


async def _until_due(stored, count):
    async def there():
        return len(await stored(MediaChangedV1)) == count

    await until(there)
    return await stored(MediaChangedV1)


async def test_an_event_that_comes_again_after_its_group_went_off_goes_by_the_same_id(room, stored):
    for event in ("first", "second"):
        await join(_change(event), room, Moment(now(), WAITS))
    (together,) = await _until_due(stored, 1)

    await join(_change("second"), room, Moment(now(), WAITS))

    again = (await _until_due(stored, 2))[1]
    assert (together.event_id, together.merged) == ("first", ("second",))
    assert (again.event_id, again.path) == ("first", FILM), "the job is made of this id and the path"


async def test_an_event_that_comes_again_while_its_group_waits_changes_nothing(room, bus):
    at_once = Moment(now(), Waits(quiet=30, longest=60, upgrade=60))
    for event in ("first", "second"):
        await join(_change(event), room, at_once)
    before = await bus.get_last(DUE.name, _change("first").waiting_subject())

    for event in ("first", "second"):
        await join(_change(event), room, Moment(now(), at_once.waits))

    assert await bus.get_last(DUE.name, _change("first").waiting_subject()) == before


async def test_many_at_once_become_one_and_nobody_is_forgotten(room, bus):
    events = [f"e{number}" for number in range(20)]
    wait = Waits(quiet=30, longest=60, upgrade=60)

    await asyncio.gather(*(join(_change(event), room, Moment(now(), wait)) for event in events))

    waiting = await room.waiting(_change("e0"))
    assert {waiting.event_id, *waiting.merged} == set(events)
    assert await bus.count(DUE.name, "wait.due.>") == 1


async def test_whoever_followed_knows_its_leader_even_when_all_came_at_once(room):
    events = [f"e{number}" for number in range(8)]
    joined = partial(join, room=room, moment=Moment(now(), Waits(quiet=30, longest=60, upgrade=60)))

    await asyncio.gather(*(joined(_change(event)) for event in events))

    leader = (await room.waiting(_change("e0"))).event_id
    known = {event: await room.marks.leader(event, debounce_key(FILM)) for event in events}
    assert known == {event: "" if event == leader else leader for event in events}
