import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from framewright.domain.errors import NoVideo, Reject, Retry
from framewright.domain.frames import Rendition
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.domain.request import ExtractionRequest

PARENT = """
import asyncio, sys
from framewright.domain.frames import Rendition
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.domain.request import ExtractionRequest

async def main():
    async with WorkerPool(1) as pool:
        await pool.extract(ExtractionRequest(sys.argv[1], (Rendition(320, 5000),)))
        print(*pool.pids, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def request_for(film):
    def make(**fields: object) -> ExtractionRequest:
        path = film("pool.mkv", seconds=40, width=640, height=360, gop=480, b_frames=2)
        return ExtractionRequest(path=str(path), **{"renditions": (Rendition(320, 5000),), **fields})

    return make


def long_request(request_for) -> ExtractionRequest:
    """A job of about a second: nearly every frame of the film is wanted."""
    return request_for(renditions=(Rendition(1280, 100),))


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # the latter when it goes between opening and reading
        return False
    return state != "Z"


async def until_gone(pid: int) -> None:
    await asyncio.to_thread(wait_until_gone, pid)


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.02)


async def test_a_warm_child_serves_one_job_after_the_other(request_for) -> None:
    shares: list[float] = []

    async with WorkerPool(2) as pool:
        first = await pool.extract(request_for(), shares.append)
        pids = pool.pids
        second = await pool.extract(request_for())

        assert pool.pids == pids
        assert first.strips[0].frames == second.strips[0].frames
    assert shares
    assert all(0 <= share <= 1 for share in shares)
    await until_gone(pids[0])


async def test_jobs_beyond_the_size_wait_for_a_child(request_for) -> None:
    async with WorkerPool(2) as pool:
        answers = await asyncio.gather(*(pool.extract(request_for()) for _ in range(5)))

        assert len(pool.pids) == 2
    assert len({answer.strips[0].frames for answer in answers}) == 1


async def test_a_pool_grows_for_those_who_wait(request_for) -> None:
    async with WorkerPool(0) as pool:
        jobs = [asyncio.ensure_future(pool.extract(request_for())) for _ in range(3)]
        await asyncio.sleep(0.1)
        assert (pool.busy, pool.pids) == (0, ())

        pool.resize(2)
        await asyncio.gather(*jobs)

        assert (pool.busy, len(pool.pids)) == (0, 2)


async def test_a_pool_that_shrinks_finishes_what_runs(request_for) -> None:
    running: list[int] = []

    async with WorkerPool(2, changed=lambda: running.append(pool.busy)) as pool:
        jobs = [asyncio.ensure_future(pool.extract(request_for())) for _ in range(4)]
        await asyncio.sleep(0.1)
        pool.resize(1)
        await asyncio.gather(*jobs)

    assert running == [1, 2, 1, 0, 1, 0, 1, 0]


async def test_one_who_gives_up_waiting_keeps_nobody_from_the_place(request_for) -> None:
    async with WorkerPool(1) as pool:
        jobs = [asyncio.ensure_future(pool.extract(request_for())) for _ in range(3)]
        await asyncio.sleep(0.1)

        jobs[1].cancel()

        assert (await jobs[2]).strips[0].frames
        assert jobs[0].done()


async def test_an_idle_child_is_let_go(request_for) -> None:
    async with WorkerPool(1, idle_seconds=0.1) as pool:
        await pool.extract(request_for())
        pid = pool.pids[0]

        await until_gone(pid)

        assert pool.pids == ()
        assert (await pool.extract(request_for())).strips[0].frames


async def test_a_killed_child_costs_its_file_a_retry_and_nobody_else_anything(request_for) -> None:
    async with WorkerPool(1) as pool:
        with pytest.raises(Retry, match="SIGKILL") as caught:
            await pool.extract(long_request(request_for), lambda _share: os.kill(pool.pids[0], signal.SIGKILL))

        assert caught.value.code == "DECODER_CRASHED"
        assert (await pool.extract(request_for())).strips[0].frames


async def test_a_child_killed_while_idle_is_replaced_unnoticed(request_for) -> None:
    async with WorkerPool(1) as pool:
        await pool.extract(request_for())
        pid = pool.pids[0]
        os.kill(pid, signal.SIGKILL)
        await until_gone(pid)
        await asyncio.sleep(0.1)

        assert (await pool.extract(request_for())).strips[0].frames
        assert pid not in pool.pids


async def test_a_stalled_child_is_killed(request_for) -> None:
    pids: list[int] = []

    async with WorkerPool(1, stall_timeout=1.5) as pool:

        def stop(_share: float) -> None:
            pids.extend(pool.pids)
            os.kill(pool.pids[0], signal.SIGSTOP)

        with pytest.raises(Retry) as caught:
            await pool.extract(long_request(request_for), stop)

    assert caught.value.code == "DECODER_STALLED"
    await until_gone(pids[0])


async def test_a_long_job_that_makes_progress_is_no_stall(request_for) -> None:
    async with WorkerPool(1, stall_timeout=5) as pool:
        await pool.extract(request_for())
        pool._stall_timeout = 0.6
        started = time.monotonic()

        answer = await pool.extract(long_request(request_for))

    assert len(answer.strips[0].frames) > 390
    assert time.monotonic() - started > 0.6


async def test_a_cancelled_job_takes_its_child_with_it(request_for) -> None:
    under_way = asyncio.Event()

    async with WorkerPool(1) as pool:
        job = asyncio.ensure_future(pool.extract(long_request(request_for), lambda _share: under_way.set()))
        await under_way.wait()
        pid = pool.pids[0]
        job.cancel()

        with pytest.raises(asyncio.CancelledError):
            await job
        await until_gone(pid)
        assert (await pool.extract(request_for())).strips[0].frames


async def test_errors_of_the_engine_arrive_as_they_were_raised(film, tmp_path) -> None:
    song = film("song.m4a", seconds=3, codec=None)
    (tmp_path / "text.mkv").write_text("text" * 100)

    async with WorkerPool(1) as pool:
        with pytest.raises(NoVideo):
            await pool.extract(ExtractionRequest(str(song), (Rendition(320, 5000),)))
        with pytest.raises(Reject) as refused:
            await pool.extract(ExtractionRequest(str(tmp_path / "text.mkv"), (Rendition(320, 5000),)))
        with pytest.raises(Retry) as missing:
            await pool.extract(ExtractionRequest(str(tmp_path / "missing.mkv"), (Rendition(320, 5000),)))

        assert (refused.value.code, missing.value.code) == ("NOT_MEDIA", "FILE_MISSING")
        assert len(pool.pids) == 1


async def test_a_child_dies_with_its_parent(request_for) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, request_for().path, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert is_alive(child)

    parent.kill()
    await parent.communicate()

    await until_gone(child)


def test_the_parent_loads_no_decoder() -> None:
    program = (
        "import sys, framewright.extractor.wiring, framewright.extractor.adapters.command;"
        "print(*(name for name in ('av', 'numpy') if name in sys.modules))"
    )

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == ""
