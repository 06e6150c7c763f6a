"""Messages that become due: server-side schedules with their attempt, replacing each other."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bus, Delivered, Puller
from framewright.chassis.clock import after, now
from framewright.chassis.outgoing import ATTEMPT, FIRST, Later, Outgoing
from framewright.contracts.base import decode
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.media import MediaChangedV1
from framewright.domain.outcome import ChangeKind

pytestmark = pytest.mark.integration

Requests = Callable[..., ExtractRequestedV1]


def a_change(event: str, path: str = "/data/x.mkv") -> MediaChangedV1:
    return MediaChangedV1(
        event_id=event, key="k" * 32, source="radarr", kind=ChangeKind.ADDED, path=path, observed_at=now()
    )


async def pulled(bus: Bus, stream: str, consumer: str, wait: float = 3.0) -> Delivered | None:
    puller = Puller(bus, stream, consumer)
    try:
        return await puller.next(wait)
    finally:
        await puller.close()


async def test_a_later_message_comes_at_its_time_with_its_attempt(bus: Bus, request_for: Requests) -> None:
    first, due = now() - timedelta(minutes=5), after(0.8)

    await Outgoing(bus).send(Later(request_for(), due, attempt=3, first=first))
    early = await pulled(bus, "JOBS", "extract-hi-any", 0.3)
    delivered = await pulled(bus, "JOBS", "extract-hi-any")

    assert early is None
    assert delivered is not None
    assert timedelta(0) <= now() - due < timedelta(seconds=1)
    assert delivered.headers[ATTEMPT] == "3"
    assert delivered.headers[FIRST].startswith(first.strftime("%Y-%m-%dT%H:%M:%S"))
    assert decode(ExtractRequestedV1, delivered.data) == request_for()


async def test_the_newest_replaces_the_one_that_waits(bus: Bus) -> None:
    outgoing = Outgoing(bus)
    for event in ("first", "second", "third"):
        await outgoing.send(Later(a_change(event), after(0.6)))

    waiting = await bus.count("DUE", "wait.>")
    delivered = await pulled(bus, "DUE", "router")

    assert waiting == 1
    assert delivered is not None
    assert decode(MediaChangedV1, delivered.data).event_id == "third"
    await delivered.ack()
    assert await bus.count("DUE") == 0


async def test_two_jobs_that_wait_for_one_path_both_come(bus: Bus, request_for: Requests) -> None:
    outgoing = Outgoing(bus)
    for job in ("a", "b"):
        await outgoing.send(Later(request_for(job=job), after(0.3)))

    came = [await pulled(bus, "JOBS", "extract-hi-any") for _ in range(2)]

    assert {decode(ExtractRequestedV1, one.data).job_ids for one in came if one} == {("a",), ("b",)}


async def test_what_waits_survives_a_crash_of_the_broker(bus: Bus, server: EmbeddedServer) -> None:
    await Outgoing(bus).send(Later(a_change("e"), after(0.5)))
    server.kill()
    await asyncio.sleep(0.7)
    server.start()

    delivered = await pulled(bus, "DUE", "router") or await pulled(bus, "DUE", "router")

    assert delivered is not None
    assert decode(MediaChangedV1, delivered.data).event_id == "e"


async def test_a_thousand_waiting_retries_block_nobody(bus: Bus, request_for: Requests) -> None:
    outgoing = Outgoing(bus)
    await asyncio.gather(*(outgoing.send(Later(request_for(f"w{n}"), after(600), attempt=2)) for n in range(1100)))

    await outgoing.send(request_for("fresh"))
    began = time.monotonic()
    delivered = await pulled(bus, "JOBS", "extract-hi-any")

    assert await bus.count("JOBS", "wait.>") == 1100
    assert delivered is not None
    assert decode(ExtractRequestedV1, delivered.data).path == "/data/fresh.mkv"
    assert time.monotonic() - began < 0.5


async def test_a_retry_with_delay_never_comes_back_at_once(bus: Bus, request_for: Requests) -> None:
    await Outgoing(bus).send(request_for())
    delivered = await pulled(bus, "JOBS", "extract-hi-any")
    assert delivered is not None

    await delivered.give_back(0.8)
    at_once = await pulled(bus, "JOBS", "extract-hi-any", 0.4)
    again = await pulled(bus, "JOBS", "extract-hi-any")

    assert at_once is None
    assert again is not None
    assert again.count == 2
