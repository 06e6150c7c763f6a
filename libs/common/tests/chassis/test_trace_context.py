"""One trace leads from the publisher through the bus to the handler and on."""

from typing import Any

import pytest
from opentelemetry import trace

from framewright.chassis import telemetry
from framewright.chassis.bus import Bus
from framewright.chassis.clock import after
from framewright.chassis.outgoing import Later, Outgoing

pytestmark = pytest.mark.integration

TRACE = 0x0AF7651916CD43DD8448EB211C80319C
CONTEXT = trace.SpanContext(TRACE, 0xB7AD6B7169203331, is_remote=False, trace_flags=trace.TraceFlags(1))


@pytest.mark.parametrize("wait", [0.0, 0.2], ids=["at once", "scheduled"])
async def test_a_handler_continues_the_trace_of_the_publisher(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any, wait: float
) -> None:
    traces: list[str] = []
    handler = desk(lambda _m, _c: traces.append(telemetry.trace_id()))
    with trace.use_span(trace.NonRecordingSpan(CONTEXT)):
        await Outgoing(bus).send(Later(request_for(), after(wait)) if wait else request_for())

    async with serving(subscribed(handler)):
        await handler.saw(1)
        await emptied("JOBS")

    assert traces == [f"{TRACE:032x}"]


async def test_answers_carry_the_trace_on(
    bus: Bus, serving: Any, subscribed: Any, desk: Any, request_for: Any, emptied: Any
) -> None:
    traces: list[str] = []

    def answer(message: Any, _context: Any) -> tuple[Any, ...]:
        traces.append(telemetry.trace_id())
        return (request_for("next"),) if "film" in message.path else ()

    with trace.use_span(trace.NonRecordingSpan(CONTEXT)):
        await Outgoing(bus).send(request_for())
    async with serving(subscribed(handler := desk(answer))):
        await handler.saw(2)
        await emptied("JOBS")

    assert traces == [f"{TRACE:032x}"] * 2


def test_outside_of_a_span_there_is_no_trace_id() -> None:
    assert telemetry.trace_id() == ""
