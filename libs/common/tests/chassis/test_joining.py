"""Messages that wait in one place become one, however many writers there are; and one that waits can be let go early."""

import asyncio

import msgspec

from framewright.chassis.bus import Bus, Puller
from framewright.chassis.clock import after, now
from framewright.chassis.outgoing import Joined, Later, Outgoing
from framewright.contracts.base import decode
from framewright.contracts.catalogue import DUE
from framewright.contracts.media import MediaChangedV1
from framewright.domain.outcome import ChangeKind


def change(event_id: str) -> MediaChangedV1:
    return MediaChangedV1(
        event_id=event_id, key="k", source="radarr", kind=ChangeKind.ADDED, path="/data/a.mkv", observed_at=now()
    )


def joining(event: MediaChangedV1) -> Joined[MediaChangedV1]:
    def merge(waiting: MediaChangedV1 | None) -> Later:
        merged = (*waiting.merged, waiting.event_id) if waiting else ()
        return Later(msgspec.structs.replace(event, merged=merged), after(60))

    return Joined(event, merge)


async def test_writers_of_one_place_lose_nothing(bus: Bus) -> None:
    events = [change(f"e{number}") for number in range(20)]

    await asyncio.gather(*(Outgoing(bus).send(joining(event)) for event in events))

    found = await bus.get_last(DUE.name, events[0].waiting_subject())
    assert found is not None
    waiting = decode(MediaChangedV1, found[1])
    assert {waiting.event_id, *waiting.merged} == {event.event_id for event in events}


async def test_a_merge_may_leave_what_waits_as_it_is(bus: Bus) -> None:
    await Outgoing(bus).send(joining(change("first")))

    await Outgoing(bus).send(Joined(change("second"), lambda _waiting: None))

    found = await bus.get_last(DUE.name, change("first").waiting_subject())
    assert found is not None
    assert decode(MediaChangedV1, found[1]).event_id == "first"


async def test_what_waits_is_let_go_early_and_once(bus: Bus) -> None:
    await Outgoing(bus).send(joining(change("e")))
    place = change("e").waiting_subject()

    answers = [await bus.fire_now(DUE.name, place), await bus.fire_now(DUE.name, place)]

    puller = Puller(bus, DUE.name, "router")
    first, second = await puller.next(2), await puller.next(0.5)
    assert answers == [True, False]
    assert first is not None
    assert decode(MediaChangedV1, first.data).event_id == "e"
    assert second is None


async def test_what_goes_at_its_own_time_does_not_go_twice(bus: Bus) -> None:
    """However close its time is when somebody lets it go early."""
    due = after(0.8)
    events = [msgspec.structs.replace(change(f"e{number}"), key=f"k{number}") for number in range(300)]
    for event in events:
        await Outgoing(bus).send(Later(event, due))
    await asyncio.sleep((due - now()).total_seconds() - 0.02)

    for event in events:
        await bus.fire_now(DUE.name, event.waiting_subject())
    await asyncio.sleep(1.0)

    left = [await bus.count(DUE.name, "wait.due.>"), await bus.count(DUE.name, "due.v1.>")]
    assert left == [0, len(events)]
