"""What a slot tells its device's decoders, what is remembered of a refusal, and who does the file when a driver crashes."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from framewright.domain.errors import Reject, Retry
from framewright.domain.frames import Rendition
from framewright.extractor.adapters.device_pools import DevicePools
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.domain.request import Extraction, ExtractionRequest
from framewright.formats.framepack import ExtractionReport

REQUEST = ExtractionRequest("/film.mkv", (Rendition(320, 5000),))


class Refusing(WorkerPool):
    """A pool whose device cannot decode HEVC in ten bits."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked: list[ExtractionRequest] = []

    async def extract(self, request: ExtractionRequest, on_progress: object = None) -> Extraction:
        self.asked.append(request)
        new = request.device != "cpu" and "hevc/Main 10" not in request.refused
        return Extraction((), 0, partial=False, report=ExtractionReport(refused="hevc/Main 10" if new else ""))


def threads_of(device: str) -> int:
    return 2 if device == "cuda:0" else 0


@pytest.fixture
def pool() -> Refusing:
    return Refusing()


@pytest.fixture
def pools(pool: Refusing) -> DevicePools:
    made = DevicePools(lambda _changed: pool, threads_of)
    for device in ("cpu", "cuda:0", "cuda:1"):
        made.resize(device, 1)
    return made


async def test_the_decoders_are_told_the_device_and_its_threads(pools: DevicePools, pool: Refusing) -> None:
    await pools.extract("cuda:0", REQUEST, lambda _share: None)
    await pools.extract("cpu", REQUEST, lambda _share: None)

    assert [(asked.device, asked.device_threads) for asked in pool.asked] == [("cuda:0", 2), ("cpu", 0)]


async def test_a_refusal_is_remembered_for_its_device_until_it_is_forgotten(pools: DevicePools, pool: Refusing) -> None:
    for device in ("cuda:0", "cuda:0", "cuda:1"):
        await pools.extract(device, REQUEST, lambda _share: None)
    pools.refusals.forget()
    await pools.extract("cuda:0", REQUEST, lambda _share: None)

    assert [asked.refused for asked in pool.asked] == [(), ("hevc/Main 10",), (), ()]


@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="there is an NVIDIA card")
async def test_a_card_that_decodes_nothing_is_asked_once_and_the_cpu_does_every_file(film) -> None:
    asked = ExtractionRequest(str(film(seconds=12)), REQUEST.renditions)

    async with DevicePools(lambda changed: WorkerPool(0, changed=changed), threads_of) as pools:
        pools.resize("cuda:0", 1)
        first = await pools.extract("cuda:0", asked, lambda _share: None)
        second = await pools.extract("cuda:0", asked, lambda _share: None)

    assert first.report.refused.startswith("h264/")
    assert (first.report.device, second.report.device, second.report.refused) == ("cpu", "cpu", "")
    assert "could not decode" in second.report.warnings[0]
    assert first.strips == second.strips


async def killed_while_decoding(path: Path, device: str, times: int) -> Extraction:
    """A film on a device whose process dies so many times as soon as it makes progress."""
    made: list[WorkerPool] = []
    kills = [signal.SIGKILL] * times

    def make_pool(changed: Callable[[], None]) -> WorkerPool:
        made.append(WorkerPool(0, changed=changed))
        return made[0]

    def kill(_share: float) -> None:
        if kills:
            os.kill(made[0].pids[0], kills.pop())

    async with DevicePools(make_pool, threads_of) as pools:
        pools.resize(device, 1)
        return await pools.extract(device, ExtractionRequest(str(path), (Rendition(1280, 100),)), kill)


async def test_a_driver_that_crashes_costs_the_gpu_its_file_and_says_so(film) -> None:
    extraction = await killed_while_decoding(film("pool.mkv", seconds=20, gop=480), "cuda:0", times=1)

    assert extraction.strips[0].frames
    assert extraction.report.device == "cpu"
    assert "cuda:0 failed, the CPU did: the decoder crashed" in extraction.report.warnings[0]


@pytest.mark.parametrize(("device", "times"), [("cpu", 1), ("cuda:0", 2)])
async def test_a_film_that_crashes_the_cpu_is_tried_again_later(film, device: str, times: int) -> None:
    with pytest.raises(Retry) as crashed:
        await killed_while_decoding(film("pool.mkv", seconds=20, gop=480), device, times)

    assert crashed.value.code == "DECODER_CRASHED"


async def test_a_bad_file_is_not_the_fault_of_the_gpu(tmp_path: Path) -> None:
    (tmp_path / "text.mkv").write_text("text" * 100)
    asked = ExtractionRequest(str(tmp_path / "text.mkv"), REQUEST.renditions)

    async with DevicePools(lambda changed: WorkerPool(0, changed=changed), threads_of) as pools:
        pools.resize("cuda:0", 1)
        with pytest.raises(Reject) as refused:
            await pools.extract("cuda:0", asked, lambda _share: None)

    assert refused.value.code == "NOT_MEDIA"


async def test_everyone_hears_when_work_begins_and_ends(film) -> None:
    heard: list[int] = []

    async with DevicePools(lambda changed: WorkerPool(0, changed=changed), threads_of) as pools:
        pools.on_change(lambda: heard.append(pools.busy["cpu"]))
        pools.resize("cpu", 2)
        await pools.extract("cpu", ExtractionRequest(str(film(seconds=2)), REQUEST.renditions), lambda _share: None)

    assert heard == [1, 0]
