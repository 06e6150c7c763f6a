"""What waits can be changed and taken out where it waits, also around the moment at which its time comes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec
import pytest

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bus, Held, Puller, held, rewrite, sweep, take_out
from framewright.chassis.clock import after, now
from framewright.chassis.outgoing import ATTEMPT, FIRST, Joined, Later, Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.base import Lane, decode, encode
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.media import MediaChangedV1
from framewright.domain.errors import Retry
from framewright.domain.outcome import ChangeKind

pytestmark = pytest.mark.integration

Requests = Callable[..., ExtractRequestedV1]
MANY = 200


async def seen(bus: Bus, request: ExtractRequestedV1) -> Held:
    found = await held(bus, "JOBS", request.waiting_subject())
    assert found is not None
    return found


def hurried(request: ExtractRequestedV1) -> ExtractRequestedV1:
    return msgspec.structs.replace(request, lane=Lane.HI)


async def test_what_waits_gets_another_lane_and_keeps_its_time_and_its_attempts(
    bus: Bus, request_for: Requests
) -> None:
    request, due, first = request_for(lane=Lane.LOW), after(1.2), now() - timedelta(minutes=5)
    await Outgoing(bus).send(Later(request, due, attempt=3, first=first))

    changed = await rewrite(bus, await seen(bus, request), encode(hurried(request)), hurried(request).subject())

    assert changed
    assert (await seen(bus, request)).due == due
    delivered = await Puller(bus, "JOBS", "extract-hi-any").next(3)
    assert delivered is not None
    assert decode(ExtractRequestedV1, delivered.data).lane is Lane.HI
    assert delivered.headers[ATTEMPT] == "3"
    assert datetime.fromisoformat(delivered.headers[FIRST]) == first
    assert await bus.count("JOBS") == 1


async def test_what_waits_can_be_changed_again_and_again(bus: Bus, request_for: Requests) -> None:
    request = request_for(lane=Lane.LOW)
    await Outgoing(bus).send(Later(request, after(60)))

    for lane in (Lane.HI, Lane.MID, Lane.LOW):
        moved = msgspec.structs.replace(request, lane=lane)
        assert await rewrite(bus, await seen(bus, request), encode(moved), moved.subject())

    (one,) = [stored.sequence async for stored in sweep(bus, "JOBS", "wait.jobs.>")]
    assert (await seen(bus, request)).sequence == one == 4
    assert await bus.fire_now("JOBS", request.waiting_subject())


async def test_what_is_taken_out_never_comes(bus: Bus, request_for: Requests) -> None:
    request = request_for()
    await Outgoing(bus).send(Later(request, after(0.8)))

    assert await take_out(bus, await seen(bus, request))

    await asyncio.sleep(1.5)
    assert await bus.count("JOBS") == 0


async def test_what_is_not_as_it_was_seen_is_left_alone(bus: Bus, request_for: Requests) -> None:
    request = request_for()
    await Outgoing(bus).send(Later(request, after(60)))
    before = await seen(bus, request)
    await Outgoing(bus).send(Later(request, after(90), attempt=2))

    assert not await rewrite(bus, before, b"{}", "jobs.v1.low.any.x")
    assert not await take_out(bus, before)

    assert decode(ExtractRequestedV1, (await seen(bus, request)).data) == request


async def test_in_its_last_moment_a_message_is_left_alone(bus: Bus, request_for: Requests) -> None:
    request = request_for()
    await Outgoing(bus).send(Later(request, after(0.15)))
    leaving = await seen(bus, request)

    assert leaving.leaving
    assert not await rewrite(bus, leaving, b"{}", "jobs.v1.low.any.x")
    assert not await take_out(bus, leaving)

    assert await Puller(bus, "JOBS", "extract-hi-any").next(3) is not None


@pytest.mark.parametrize(("seconds", "leaving"), [(0.3, False), (0.1, True), (-5.0, True), (-11.0, False)])
def test_a_message_leaves_around_its_time_and_one_long_overdue_is_stuck(seconds: float, leaving: bool) -> None:
    assert Held("JOBS", "wait.jobs.x.y", 1, b"", after(seconds), {}).leaving is leaving


Act = Callable[[ExtractRequestedV1], Awaitable[bool]]


async def around_their_time(bus: Bus, requests: list[ExtractRequestedV1], act: Act) -> set[str]:
    """Let all of them wait for one moment and act on each around it; answers the paths where the act counted."""
    due = after(2.0)
    await asyncio.gather(*(Outgoing(bus).send(Later(request, due)) for request in requests))
    await asyncio.sleep((due - now()).total_seconds() - 0.45)
    counted: set[str] = set()
    for request in requests:
        if await held(bus, "JOBS", request.waiting_subject()) and await act(request):
            counted.add(request.path_id)
        await asyncio.sleep(0.004)
    await asyncio.sleep(1.5)
    return counted


async def stored(bus: Bus) -> list[tuple[str, str]]:
    """Lane and path of every message that is queued, and `waits` for those that wait."""
    _, last = await bus.stream_state("JOBS")
    found = [await bus.get_sequence("JOBS", number) for number in range(1, last + 1)]
    subjects = [str(one.subject).split(".") for one in found if one is not None]
    return [("waits", one[2]) if one[0] == "wait" else (one[2], one[4]) for one in subjects]


async def test_what_is_changed_around_its_time_comes_once_and_as_the_answer_said(
    bus: Bus, request_for: Requests
) -> None:
    requests = [request_for(f"film{number}", lane=Lane.LOW) for number in range(MANY)]

    async def hurry(request: ExtractRequestedV1) -> bool:
        found = await held(bus, "JOBS", request.waiting_subject())
        return found is not None and await rewrite(bus, found, encode(hurried(request)), hurried(request).subject())

    changed = await around_their_time(bus, requests, hurry)

    expected = [("hi" if one.path_id in changed else "low", one.path_id) for one in requests]
    assert sorted(await stored(bus)) == sorted(expected)
    assert 0 < len(changed) < MANY


async def test_what_is_taken_out_around_its_time_never_comes_and_the_rest_comes_once(
    bus: Bus, request_for: Requests
) -> None:
    requests = [request_for(f"film{number}") for number in range(MANY)]

    async def strike(request: ExtractRequestedV1) -> bool:
        found = await held(bus, "JOBS", request.waiting_subject())
        return found is not None and await take_out(bus, found)

    gone = await around_their_time(bus, requests, strike)

    assert sorted(await stored(bus)) == sorted(("hi", one.path_id) for one in requests if one.path_id not in gone)
    assert 0 < len(gone) < MANY


@pytest.mark.parametrize("ahead", [0.05, 0.02, 0.0])
async def test_what_joins_around_the_time_of_another_is_not_swept_away_with_it(bus: Bus, ahead: float) -> None:
    due = after(2.0)
    places = [f"k{number}" for number in range(600)]
    await asyncio.gather(*(Outgoing(bus).send(Later(a_change("first", key), due)) for key in places))
    await asyncio.sleep((due - now()).total_seconds() - ahead)

    # From the end: the broker has read them all when it lets the first one go.
    for begin in range(580, -1, -20):
        part = places[begin : begin + 20]
        await asyncio.gather(*(Outgoing(bus).send(joining(a_change("second", key))) for key in part))

    await asyncio.sleep(0.5)
    waiting = await asyncio.gather(*(bus.get_last("DUE", f"wait.due.{key}") for key in places))
    assert [key for key, found in zip(places, waiting, strict=True) if found is None] == []


async def test_what_was_changed_survives_a_crash_of_the_broker(
    bus: Bus, server: EmbeddedServer, request_for: Requests
) -> None:
    request = request_for(lane=Lane.LOW)
    await Outgoing(bus).send(Later(request, after(2.0)))
    await rewrite(bus, await seen(bus, request), encode(hurried(request)), hurried(request).subject())

    server.kill()
    server.start()

    async def came() -> bool:
        try:
            return await stored(bus) == [("hi", request.path_id)]
        except Retry:  # asked while the broker was away
            return False

    await until(came)


def a_change(event_id: str, key: str) -> MediaChangedV1:
    return MediaChangedV1(
        event_id=event_id, key=key, source="radarr", kind=ChangeKind.ADDED, path="/data/a.mkv", observed_at=now()
    )


def joining(change: MediaChangedV1) -> Joined[MediaChangedV1]:
    def merge(waiting: MediaChangedV1 | None) -> Later:
        return Later(change.united(waiting) if waiting else change, after(60))

    return Joined(change, merge)
