"""What the extractor makes of an operator's order for its next try, and of places where outputs were made before."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bucket, Bus, held
from framewright.chassis.job_controls import JobControls
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.base import Lane, decode
from framewright.contracts.catalogue import JOB_STATE, JOBS
from framewright.contracts.extract import ExtractRequestedV1
from framewright.extractor.domain.work import as_ordered
from framewright.extractor.settings import ExtractorSettings
from framewright.extractor.wiring import build

pytestmark = pytest.mark.integration

Ask = Callable[..., ExtractRequestedV1]


async def test_what_failed_waits_in_the_lane_that_its_job_was_given_meanwhile(
    bus: Bus, server: EmbeddedServer, asked: Ask, tmp_path: Path
) -> None:
    request = asked(tmp_path / "gone.mkv", lane=Lane.LOW)
    await JobControls(Bucket(bus, JOB_STATE.name)).move("job", Lane.HI)
    settings = ExtractorSettings(nats_url=server.url, config_dir=str(tmp_path), extractor_workers=1)
    stopping = asyncio.Event()
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(build(settings, bus))
        running = [asyncio.create_task(task(stopping)) for task in service.tasks]
        await Outgoing(bus).send(request)
        await until(lambda: _waits(bus, request), 20)
        stopping.set()
        await asyncio.wait_for(asyncio.gather(*running), 20)

    waiting = await held(bus, JOBS.name, request.waiting_subject())
    assert waiting is not None
    assert decode(ExtractRequestedV1, waiting.data).lane is Lane.HI
    assert waiting.headers["Nats-Schedule-Target"] == f"jobs.v1.hi.any.{request.path_id}"


async def _waits(bus: Bus, request: ExtractRequestedV1) -> bool:
    return await held(bus, JOBS.name, request.waiting_subject()) is not None


@pytest.mark.parametrize(
    ("given", "lane"),
    [
        ({}, Lane.MID),
        ({"a": Lane.HI}, Lane.HI),
        ({"a": Lane.LOW}, Lane.MID),
        ({"a": Lane.LOW, "b": Lane.HI}, Lane.HI),
    ],
)
def test_the_most_urgent_of_several_jobs_says_where_a_request_waits(
    asked: Ask, tmp_path: Path, given: dict[str, Lane], lane: Lane
) -> None:
    request = msgspec.structs.replace(asked(tmp_path / "film.mkv", lane=Lane.MID), job_ids=("a", "b"))

    assert as_ordered(request, given.get).lane is lane


async def test_each_server_is_asked_to_move_what_it_has_from_where_it_is(bench: Any, asked: Ask, film: Any) -> None:
    request = asked(film(seconds=12), 5, 10, previous_path="/m/old.mkv")
    moved = request.targets[1].coming_from("/m/oldest.mkv", usual="/m/old.mkv")
    request = msgspec.structs.replace(request, targets=(request.targets[0], moved))

    _, *wishes = await bench.handle(request)

    assert {one.target.server_id: one.previous_path for one in wishes} == {"s5": "/m/old.mkv", "s10": "/m/oldest.mkv"}
    assert {one.target.previous_path for one in wishes} == {""}
