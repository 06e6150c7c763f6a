"""Frames are decoded once: for every width, for every server, over every machine; and again when that is needed."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from framewright.chassis.bus import Bus
from framewright.chassis.clock import now
from framewright.chassis.frame_store import FolderFrameStore
from framewright.chassis.metrics import DECODED, MEDIA_BYTES
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.base import Lane
from framewright.contracts.catalogue import FRAMES
from framewright.contracts.facts import ExtractionStartedV1, FileSettledV1, FramesExtractedV1
from framewright.contracts.record import PublishRecord, Stage
from framewright.domain.errors import Retry
from framewright.domain.outcome import Outcome
from framewright.formats.framepack import decode_manifest, pictures

pytestmark = pytest.mark.integration


@pytest.fixture
def copied(film: Any, tmp_path: Path) -> Callable[[str], Path]:
    """A film of the test's own, that it may change."""

    def copy(name: str = "film.mkv") -> Path:
        return Path(shutil.copy(film(seconds=12), tmp_path / name))

    return copy


def extracted(answers: list[Any]) -> list[FramesExtractedV1]:
    return [answer for answer in answers if isinstance(answer, FramesExtractedV1)]


async def pack(bench: Any, key: str) -> tuple[Any, list[bytes]]:
    manifest = decode_manifest(await bench.store.manifest(key) or b"")
    parts = [await bench.store.part(key, number) for number in range(len(manifest.parts))]
    return manifest, pictures(manifest, parts)


async def test_every_width_comes_from_one_decode(bench: Any, asked: Any, film: Any) -> None:
    facts = extracted(await bench.handle(asked(film(seconds=12), (320, 5), (160, 2), (480, 10))))

    assert bench.decodes == [{(160, 2000), (320, 5000), (480, 10_000)}]
    assert [type(fact) for fact in bench.told].count(ExtractionStartedV1) == 1
    for fact, (width, count) in zip(facts, [(160, 6), (320, 3), (480, 2)], strict=True):
        manifest, frames = await pack(bench, fact.pack)
        assert (manifest.width, manifest.height, len(frames)) == (width, width * 9 // 16, count)


async def test_the_costs_of_one_decode_are_counted_once(bench: Any, asked: Any, film: Any) -> None:
    before = DECODED._value.get(), MEDIA_BYTES._value.get()

    facts = extracted(await bench.handle(asked(film(seconds=12), (320, 5), (160, 5))))

    report = facts[0].report
    assert [fact.report for fact in facts] == [report, report]
    assert [fact.shares_decode for fact in facts] == [False, True]
    grown = DECODED._value.get() - before[0], MEDIA_BYTES._value.get() - before[1]
    assert grown == (report.decoded, report.bytes_read)


async def test_only_the_width_that_is_not_there_is_decoded(bench: Any, asked: Any, film: Any) -> None:
    await bench.handle(asked(film(seconds=12), (320, 5)))

    facts = extracted(await bench.handle(asked(film(seconds=12), (160, 5), (320, 5), (240, 5))))

    assert bench.decodes[1:] == [{(160, 5000), (240, 5000)}]
    assert [(fact.reused, fact.shares_decode) for fact in facts] == [(True, False), (False, False), (False, True)]


async def test_a_width_that_its_server_has_already_is_left_out(bench: Any, asked: Any, film: Any) -> None:
    bench.reuse = False
    [_, wish] = await bench.handle(asked(film(seconds=12), (160, 5)))
    bench.records["w160-s5"] = PublishRecord(
        fingerprint=wish.fingerprint, requested_at=now(), outputs=("/x",), stage=Stage.TOLD, at=now()
    )

    answers = await bench.handle(asked(film(seconds=12), (160, 5), (320, 5)))

    assert bench.decodes[1:] == [{(320, 5000)}]
    assert [fact.pack.split(".")[1][:4] for fact in extracted(answers)] == ["w320"]


async def test_finer_frames_serve_coarser_requests_and_not_the_other_way(bench: Any, asked: Any, film: Any) -> None:
    await bench.handle(asked(film(seconds=12), 2))

    coarser = extracted(await bench.handle(asked(film(seconds=12), 10, 4)))
    finer = extracted(await bench.handle(asked(film(seconds=12), 1)))

    assert [fact.reused for fact in (*coarser, *finer)] == [True, False]
    assert bench.decodes[1:] == [{(320, 1000)}]


@pytest_asyncio.fixture(params=["bus", "folder"])
async def kept_in(request: Any, machine: Any, tmp_path: Path, bus: Bus) -> AsyncGenerator[tuple[Any, Any]]:
    """A machine for each kind of store, and a hand that takes a part of a pack away."""
    frames = tmp_path / "frames"
    frames.mkdir()

    async def evict(key: str) -> None:
        if request.param == "bus":
            await bus.purge(FRAMES.name, f"frames.v1.{key}.p0")
        else:
            (frames / key / "p0").unlink()

    async with machine(None if request.param == "bus" else FolderFrameStore(frames)) as bench:
        yield bench, evict


async def test_a_pack_that_lost_a_part_is_decoded_again(kept_in: Any, asked: Any, film: Any) -> None:
    bench, evict = kept_in
    [fact, _] = await bench.handle(asked(film(seconds=12)))
    await evict(fact.pack)

    [again, _] = await bench.handle(asked(film(seconds=12)))
    [third, _] = await bench.handle(asked(film(seconds=12)))

    assert [again.reused, third.reused] == [False, True]
    assert len((await pack(bench, fact.pack))[1]) == 3


async def test_another_version_of_the_file_is_another_pack(bench: Any, asked: Any, copied: Any) -> None:
    path = copied()
    [first, _] = await bench.handle(asked(path))
    path.write_bytes(path.read_bytes() + bytes(1000))

    [second, _] = await bench.handle(asked(path))

    assert first.pack != second.pack
    assert not second.reused


async def test_two_requests_on_two_machines_cost_one_decode(
    machine: Any, bus: Bus, asked: Any, film: Any, facts: Any
) -> None:
    outgoing, path = Outgoing(bus), film(seconds=12)
    await outgoing.send(asked(path, 5, job_ids=("one",)))
    await outgoing.send_beside(asked(path, 10, job_ids=("two",), lane=Lane.LOW), 1)

    async def both() -> bool:
        return len(await facts(FramesExtractedV1)) == 2

    async with AsyncExitStack() as stack:
        here, there = [await stack.enter_async_context(machine()) for _ in range(2)]
        for bench in (here, there):
            await stack.enter_async_context(bench.serving())
        await until(both, 20)

    assert len([*here.decodes, *there.decodes]) == 1
    assert [fact.reused for fact in await facts(FramesExtractedV1)] == [False, True]
    assert await facts(FileSettledV1) == []  # to wait for the other one is no failure


async def test_machines_that_share_a_folder_share_its_packs(
    machine: Any, asked: Any, film: Any, tmp_path: Path
) -> None:
    async with machine(FolderFrameStore(tmp_path)) as here, machine(FolderFrameStore(tmp_path)) as there:
        await here.handle(asked(film(seconds=12), 2))

        [fact, _] = await there.handle(asked(film(seconds=12), 10))

    assert fact.reused
    assert there.decodes == []


async def test_a_file_replaced_while_it_is_read_is_read_again_as_it_is_now(
    bench: Any, bus: Bus, asked: Any, copied: Any, film: Any, facts: Any
) -> None:
    path, longer = copied(), film(seconds=17)
    bench.disturb = lambda: shutil.copy(longer, path.with_name("new")) and path.with_name("new").replace(path)
    await Outgoing(bus).send(asked(path))

    async def done() -> bool:
        return bool(await facts(FramesExtractedV1))

    async with bench.serving():
        await until(done, 20)

    [waited] = await facts(FileSettledV1)
    assert (waited.outcome, waited.code) == (Outcome.WAITING, "FILE_CHANGED")
    [fact] = await facts(FramesExtractedV1)
    assert fact.version.size == longer.stat().st_size
    assert len((await pack(bench, fact.pack))[1]) == 4


async def test_a_file_replaced_before_it_is_opened_gets_no_pack_under_its_old_name(
    bench: Any, bus: Bus, asked: Any, copied: Any
) -> None:
    path = copied()
    real = bench.pool.extract

    async def late(request: Any, progress: Any) -> Any:
        path.write_bytes(path.read_bytes() + bytes(1000))
        return await real(request, progress)

    bench.pool.extract = late
    with pytest.raises(Retry) as caught:
        await bench.handle(asked(path))

    assert caught.value.code == "FILE_CHANGED"
    assert await bus.count(FRAMES.name) == 0


async def test_a_second_request_of_one_machine_waits_for_the_first_too(bench: Any, asked: Any, film: Any) -> None:
    path = film(seconds=12)

    ended = await asyncio.gather(bench.handle(asked(path)), bench.handle(asked(path)), return_exceptions=True)

    assert sorted(getattr(end, "code", "done") for end in ended) == ["BUSY", "done"]
    assert len(bench.decodes) == 1
