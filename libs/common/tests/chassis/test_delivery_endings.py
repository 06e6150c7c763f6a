"""How a delivery can end, each as documented: answers stored, retries scheduled, dead letters with their reason."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from framewright.chassis.bus import Bus, delete_consumer, provision
from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, Failure, RetryPolicy
from framewright.chassis.outgoing import Later, Outgoing
from framewright.contracts.base import Message
from framewright.contracts.catalogue import INGEST, Topology
from framewright.contracts.facts import DeadLetteredV1, JobCreatedV1
from framewright.contracts.media import RawEventV1
from framewright.domain.errors import Busy, NoVideo, Reject, Retry

pytestmark = pytest.mark.integration


def a_fact(job: str = "job1", title: str = "") -> JobCreatedV1:
    return JobCreatedV1(job_id=job, at=now(), kind="webhook", title=title, source="radarr", total=1)


def told(_message: Message, context: Context, failure: Failure) -> list[Message]:
    when = "later" if failure.next_try else "never"
    return [a_fact(f"{failure.error.code}-{context.attempt}-{when}")]


async def facts(bus: Bus) -> list[str]:
    """Subjects of the facts stored so far."""
    last = (await bus.stream_state("EVENTS"))[1]
    found = [await bus.get_sequence("EVENTS", number) for number in range(1, last + 1)]
    return [str(one.subject).removeprefix("events.v1.") for one in found if one is not None]


async def dead(bus: Bus, number: int = 1) -> tuple[str, dict[str, str], bytes]:
    found = await bus.get_sequence("DEAD", number)
    assert found is not None
    return str(found.subject), dict(found.headers or {}), found.data or b""


async def test_done_stores_the_answers_and_removes_the_message(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    handler = desk(lambda _m, _c: (a_fact("a"), a_fact("b")))
    async with serving(subscribed(handler)):
        await Outgoing(bus).send(request_for())
        await emptied("JOBS")

    assert await facts(bus) == ["job-created.a", "job-created.b"]
    assert handler.seen[0][0] == request_for()
    assert (handler.seen[0][1].attempt, handler.seen[0][1].delivery) == (1, 1)


async def test_a_retry_comes_back_later_with_its_attempt_and_tells_so(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    handler = desk(lambda _m, context: Retry("not yet", after=0.3) if context.attempt < 3 else ())
    async with serving(subscribed(handler, failed=told)):
        await Outgoing(bus).send(request_for())
        await handler.saw(3)
        await emptied("JOBS")

    assert [context.attempt for _, context in handler.seen] == [1, 2, 3]
    assert [context.delivery for _, context in handler.seen] == [1, 1, 1]
    second, third = (context.first for _, context in handler.seen[1:])
    assert abs(third - second) < timedelta(seconds=1)
    assert await facts(bus) == ["job-created.RETRY-1-later", "job-created.RETRY-2-later"]


async def test_an_exhausted_retry_becomes_a_dead_letter(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    handler = desk(lambda _m, _c: Retry("still away", code="SERVER_DOWN"))
    async with serving(subscribed(handler, failed=told, retry=lambda: RetryPolicy(delays=(0.2,)))):
        await Outgoing(bus).send(request_for())
        await emptied("DEAD", 1)
        await emptied("JOBS")

    subject, headers, body = await dead(bus)
    assert subject == "dead.JOBS.extract-hi-any"
    assert (headers["Framewright-Code"], headers["Framewright-Reason"]) == ("SERVER_DOWN", "still away")
    assert msgspec.json.decode(body, type=type(request_for())) == request_for()
    expected = ["job-created.SERVER_DOWN-1-later", "job-created.SERVER_DOWN-2-never", "dead.JOBS.extract-hi-any"]
    assert await facts(bus) == expected


async def test_time_for_which_nobody_took_the_message_uses_up_no_patience(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    handler = desk(lambda _m, context: Retry("still away") if context.attempt < 3 else ())
    await Outgoing(bus).send(Later(request_for(), now(), attempt=2, first=now()))
    await asyncio.sleep(2)

    async with serving(subscribed(handler, retry=lambda: RetryPolicy(delays=(0.2,), patience=1.5))):
        await emptied("JOBS")

    (_, second), (_, third) = handler.seen
    assert second.idle > timedelta(seconds=1)
    assert third.attempt == 3
    assert await bus.count("DEAD") == 0


async def test_a_rejected_message_becomes_a_dead_letter_at_once(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    handler = desk(lambda _m, _c: NoVideo("only\nmusic — ♫"))
    async with serving(subscribed(handler, failed=told)):
        await Outgoing(bus).send(request_for())
        await emptied("DEAD", 1)
        await emptied("JOBS")

    _, headers, _ = await dead(bus)
    assert headers["Framewright-Code"] == "NO_VIDEO"
    assert headers["Framewright-Reason"].startswith("only music")
    assert headers["Framewright-Subject"] == request_for().subject()
    assert await facts(bus) == ["job-created.NO_VIDEO-1-never", "dead.JOBS.extract-hi-any"]


async def test_the_fact_of_a_dead_letter_says_where_it_stood(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    async with serving(subscribed(desk(lambda _m, _c: Reject("no")))):
        await Outgoing(bus).send(request_for())
        await emptied("JOBS")

    stored = await bus.get_last("EVENTS", "events.v1.dead.JOBS.extract-hi-any")
    assert stored is not None
    fact = msgspec.json.decode(stored[1], type=DeadLetteredV1)
    assert (fact.sequence, fact.subject_was, fact.code, fact.reason) == (1, request_for().subject(), "REJECTED", "no")


async def test_undecodable_bytes_become_a_dead_letter_without_a_handler(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, emptied: Any
) -> None:
    handler = desk()
    async with serving(subscribed(handler, failed=told)):
        await bus.publish("jobs.v1.hi.any.x", b"\xffnot json")
        await emptied("DEAD", 1)
        await emptied("JOBS")

    _, headers, body = await dead(bus)
    assert (headers["Framewright-Code"], body) == ("UNDECODABLE", b"\xffnot json")
    assert handler.seen == []


async def test_a_bug_is_given_back_with_a_delay_and_buried_in_the_end(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    handler = desk(lambda _m, _c: ZeroDivisionError("a bug"))
    async with serving(subscribed(handler, max_bugs=2)):
        await Outgoing(bus).send(request_for())
        await handler.saw(1)
        await asyncio.sleep(1)
        early = len(handler.seen)
        await emptied("JOBS")

    assert early == 1
    assert [context.delivery for _, context in handler.seen] == [1, 2]
    assert (await dead(bus))[1]["Framewright-Code"] == "BUG"


async def test_waiting_for_somebody_else_is_no_attempt(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    handler = desk(lambda _m, _c: Busy("locked", after=0.2) if len(handler.seen) < 4 else ())
    async with serving(subscribed(handler, failed=told, retry=lambda: RetryPolicy(delays=(0.1,)))):
        await Outgoing(bus).send(request_for())
        await handler.saw(4)
        await emptied("JOBS")

    assert [context.attempt for _, context in handler.seen] == [1, 1, 1, 1]
    assert await facts(bus) == []
    assert await bus.count("DEAD") == 0


async def test_a_message_is_kept_until_its_answers_are_stored(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    await bus.js.delete_stream("EVENTS")
    handler = desk(lambda _m, _c: (a_fact(),))
    async with serving(subscribed(handler)):
        await Outgoing(bus).send(request_for())
        await handler.saw(1)
        await asyncio.sleep(0.5)
        kept = await bus.count("JOBS")
        await provision(bus)
        await emptied("JOBS")

    assert kept == 1
    assert len(handler.seen) == 1
    assert await facts(bus) == ["job-created.job1"]


async def test_a_refused_answer_leaves_the_message_where_it_is(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any
) -> None:
    handler = desk(lambda _m, _c: (request_for("taken"),))
    await Outgoing(bus).send(request_for("taken"))
    await Outgoing(bus).send(request_for("asking"))
    async with serving(subscribed(handler)):
        await handler.saw(2)
        await asyncio.sleep(0.2)

    assert await bus.count("JOBS") == 2
    assert await bus.count("DEAD") == 0


async def test_an_answer_that_can_never_be_stored_is_a_dead_letter_with_that_reason(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    handler = desk(lambda _m, _c: (a_fact(title="x" * 9_000_000),))
    async with serving(subscribed(handler, failed=told)):
        await Outgoing(bus).send(request_for())
        await emptied("JOBS")

    assert (await dead(bus))[1]["Framewright-Code"] == "TOO_LARGE"
    assert (await facts(bus))[0] == "job-created.TOO_LARGE-1-never"


async def test_where_nothing_can_be_scheduled_every_delivery_is_an_attempt(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, emptied: Any
) -> None:
    event = RawEventV1(id="e1", route="radarr", received_at=now(), body=b"{}")
    handler = desk(lambda _m, _c: Retry("not yet", code="AWAY"))
    limits = {"stream": INGEST, "consumers": ("ingest",), "message": RawEventV1}
    async with serving(subscribed(handler, **limits, retry=lambda: RetryPolicy(delays=(0.2, 0.2)))):
        await Outgoing(bus).send(event)
        await emptied("DEAD", 1)

    assert [context.attempt for _, context in handler.seen] == [1, 2, 3]
    assert (await dead(bus))[1]["Framewright-Code"] == "AWAY"
    assert await bus.count("INGEST") == 1


async def test_a_fact_told_on_the_way_is_stored_before_the_end(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    async def telling(_message: Message, context: Context) -> list[Message]:
        await context.tell(a_fact("early"))
        assert await facts(bus) == ["job-created.early"]
        return [a_fact("late")]

    async with serving(subscribed(desk(telling))):
        await Outgoing(bus).send(request_for())
        await emptied("JOBS")

    assert await facts(bus) == ["job-created.early", "job-created.late"]


async def test_what_is_held_until_settled_is_let_go_after_the_ack(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    left: list[int] = []

    async def note() -> None:
        left.append(await bus.count("JOBS"))

    handler = desk(lambda _m, context: context.until_settled.push_async_callback(note) and ())
    async with serving(subscribed(handler)):
        await Outgoing(bus).send(request_for())
        await emptied("JOBS")

    assert left == [0]


async def test_a_missing_consumer_is_waited_for(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    await delete_consumer(bus, "JOBS", "extract-hi-any")
    await Outgoing(bus).send(request_for())
    async with serving(subscribed(desk())):
        await asyncio.sleep(0.3)
        await provision(bus, Topology())
        await emptied("JOBS")


@pytest.mark.parametrize(
    ("policy", "attempt", "age", "wish", "delay"),
    [
        (RetryPolicy((5, 30)), 1, 0, None, 5),
        (RetryPolicy((5, 30)), 2, 0, None, 30),
        (RetryPolicy((5, 30)), 3, 0, None, None),
        (RetryPolicy((5, 30)), 1, 0, 7.5, 7.5),
        (RetryPolicy((5, 30)), 3, 0, 7.5, None),
        (RetryPolicy((5, 30), patience=100), 3, 99, None, 30),
        (RetryPolicy((5, 30), patience=100), 9, 99, None, 30),
        (RetryPolicy((5, 30), patience=100), 3, 100, None, None),
        (RetryPolicy((5, 30), patience=100), 1, 500, None, 5),
        (RetryPolicy(()), 1, 0, None, None),
        (RetryPolicy((), patience=100), 1, 0, None, 60),
    ],
)
def test_the_next_delay(policy: RetryPolicy, attempt: int, age: float, wish: float | None, delay: float | None) -> None:
    assert policy.next_delay(attempt, age, wish) == delay
