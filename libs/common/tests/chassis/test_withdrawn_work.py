"""What was taken out of its queue while somebody had it in work leads nowhere; what is tried again comes as it shall be."""

from typing import Any

import msgspec
import pytest

from framewright.chassis.bus import Bus, Puller, held
from framewright.chassis.clock import after, now
from framewright.chassis.delivery import settle
from framewright.chassis.outgoing import Later, Outgoing
from framewright.contracts.base import Lane, decode
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import JobCreatedV1
from framewright.domain.errors import Busy, Retry

pytestmark = pytest.mark.integration


def a_fact(job: str) -> JobCreatedV1:
    return JobCreatedV1(job_id=job, at=now(), kind="webhook", title="", source="radarr", total=1)


def told(*_args: Any) -> list[JobCreatedV1]:
    return [a_fact("failed")]


ENDINGS = {
    "a retry": lambda _request: Retry("gone", code="FILE_MISSING"),
    "somebody else is at it": lambda _request: Busy("held"),
    "it comes again by itself": lambda request: (a_fact("waits"), Later(request, after(60))),
    "other work follows": lambda request: (a_fact("done"), msgspec.structs.replace(request, path_id="other")),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
async def test_what_was_taken_out_meanwhile_leaves_neither_work_nor_words(
    bus: Bus, subscribed: Any, desk: Any, request_for: Any, ending: Any
) -> None:
    async def withdrawn(request: Any, _context: Any) -> Any:
        await bus.delete_message("JOBS", 1)
        return ending(request)

    await Outgoing(bus).send(request_for())
    delivered = await Puller(bus, "JOBS", "extract-hi-any").next(2)

    await settle(bus, subscribed(desk(withdrawn), failed=told), delivered)

    assert await bus.count("JOBS") == 0
    assert await bus.count("EVENTS") == 0


async def test_what_only_tells_facts_tells_them_although_it_was_taken_out(
    bus: Bus, subscribed: Any, desk: Any, request_for: Any
) -> None:
    async def withdrawn(_request: Any, _context: Any) -> Any:
        await bus.delete_message("JOBS", 1)
        return (a_fact("done"),)

    await Outgoing(bus).send(request_for())
    delivered = await Puller(bus, "JOBS", "extract-hi-any").next(2)

    await settle(bus, subscribed(desk(withdrawn)), delivered)

    assert await bus.subjects("EVENTS", ">") == {"events.v1.job-created.done": 1}


@pytest.mark.parametrize("ending", [ENDINGS["a retry"], ENDINGS["it comes again by itself"]])
async def test_what_is_tried_again_waits_as_it_shall_be_then(
    bus: Bus, subscribed: Any, desk: Any, request_for: Any, ending: Any
) -> None:
    request = request_for(lane=Lane.HI)
    await Outgoing(bus).send(request)
    delivered = await Puller(bus, "JOBS", "extract-hi-any").next(2)

    again = subscribed(
        desk(lambda asked, _context: ending(asked)), again=lambda asked: asked.in_lane_of("job1", Lane.LOW)
    )
    await settle(bus, again, delivered)

    waiting = await held(bus, "JOBS", request.waiting_subject())
    assert waiting is not None
    assert decode(ExtractRequestedV1, waiting.data).lane is Lane.LOW
    assert waiting.headers["Nats-Schedule-Target"] == f"jobs.v1.low.any.{request.path_id}"
