"""Arbitrary indexes for the planner, mutated files for the decoder: nothing hangs, nothing crashes the service."""

import asyncio
import io
import os
import signal
import time
from collections import Counter
from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from framewright.chassis.testing.media import MediaSpec, make_video
from framewright.domain.errors import FramewrightError, Retry
from framewright.domain.frames import Rendition
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.domain.plan import FilmIndex, Key, index_fault, plan, replan
from framewright.extractor.domain.request import Extraction, ExtractionRequest, Mode
from framewright.extractor.domain.slots import Coverage

from .nasty.films import Studio
from .nasty.mutation import mutated

LONG = 10**7
MUTANTS = 24
"""Per seed film; FUZZ_SECONDS in the environment goes on with further ones for so long."""

MOST_BYTES = 600 << 20
CODES = {"NOT_MEDIA", "NO_VIDEO", "NO_PICTURE", "ENCRYPTED", "DECODER_CRASHED"}
PATHS = {"index", "timestamp", "linear"}
WIDTH, INTERVAL_MS = 160, 500

keys = st.lists(
    st.builds(
        Key,
        pts=st.integers(-LONG, LONG),
        pos=st.integers(-1, LONG),
        time_ms=st.integers(-LONG, LONG),
        size=st.integers(0, LONG),
    ),
    max_size=40,
)
ordered = keys.map(lambda found: sorted(found, key=lambda key: key.time_ms))
indexes = st.builds(
    FilmIndex,
    keys=st.one_of(keys, ordered).map(tuple),
    duration_ms=st.integers(0, LONG),
    frame_ms=st.floats(0.1, 10_000),
    file_bytes=st.integers(0, LONG),
    data_end=st.integers(0, LONG),
    fault=st.sampled_from(["", "", "", "no index"]),
)
intervals = st.lists(st.integers(100, 60_000), min_size=1, max_size=3)


@given(indexes, intervals, st.sampled_from(Mode))
@settings(deadline=2000)
def test_any_index_gives_a_bounded_plan_inside_the_file_or_a_reason_against_it(index, wanted, mode) -> None:
    drawn = plan(index, wanted, mode)

    if drawn.linear:
        assert not drawn.walks
        assert index_fault(index, drawn.duration_ms) or index.duration_ms
        return
    assert 0 < len(drawn.walks) <= len(index.keys)
    assert {walk.key for walk in drawn.walks} <= set(index.keys)
    assert all(walk.key.pos < index.file_bytes for walk in drawn.walks)
    assert drawn.duration_ms <= index.duration_ms


@given(indexes, intervals)
@settings(deadline=2000)
def test_every_slot_of_any_plan_is_served_aimed_at_or_told_about(index, wanted) -> None:
    drawn = plan(index, wanted)

    coverage = Coverage(index.frame_ms)
    for walk in drawn.walks:
        if walk.take_key:
            coverage.add(walk.key.time_ms)
    aimed = {slot for walk in drawn.walks for slot in walk.targets}
    left = [slot for slot in coverage.missing(drawn.slots) if slot not in aimed]
    assert not left or any("nearest" in warning for warning in drawn.warnings)


@given(indexes, intervals)
@settings(deadline=2000)
def test_slots_whose_keyframes_failed_are_walked_again_from_keyframes_that_exist(index, wanted) -> None:
    drawn = plan(index, wanted)

    walks = replan(index, drawn.slots)

    assert len(walks) <= len(index.keys)
    assert {walk.key for walk in walks} <= set(index.keys)


def seeds(studio: Studio) -> dict[str, bytes]:
    """A film of three seconds in every container."""
    spec = MediaSpec(seconds=3, width=160, height=90, gop=24, b_frames=2, audio=True, options={"threads": "1"})
    seed = make_video(studio.folder / "seed.mkv", spec)
    copied = {
        "mkv": (), "mp4": ("-movflags", "faststart"), "mov": (), "ts": (), "m2ts": (),
        "flv": ("-flvflags", "add_keyframe_index"),
    }  # fmt: skip
    coded = {
        "avi": ("-c:v", "mpeg4", "-c:a", "mp3"), "wmv": ("-c:v", "wmv2", "-c:a", "wmav2"),
        "vob": ("-c:v", "mpeg2video", "-c:a", "mp2"),
        "webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
    }  # fmt: skip
    films = [studio.remux(f"film.{suffix}", *options, source=seed) for suffix, options in copied.items()]
    films += [studio.ffmpeg(f"film.{suffix}", "-i", seed, "-g", "24", *options) for suffix, options in coded.items()]
    return {path.suffix: path.read_bytes() for path in films}


def peak_bytes(pid: int) -> int:
    """The most memory that a process ever held; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) << 10 if lines else 0


def check_sane(extraction: Extraction) -> None:
    report, strip = extraction.report, extraction.strips[0]
    times = [time_ms for time_ms, _ in strip.frames]
    assert all(sooner < later for sooner, later in pairwise(times))
    assert times[0] >= 0
    assert extraction.duration_ms > 0
    assert 0 <= report.holes <= report.slots
    assert len(times) <= report.decoded
    for _, jpeg in strip.frames:
        with Image.open(io.BytesIO(jpeg)) as image:
            image.load()
            assert image.size == (strip.width, strip.height)


async def ending(pool: WorkerPool, path: Path) -> str:
    """The path taken, or the error's code."""
    try:
        extraction = await pool.extract(ExtractionRequest(str(path), (Rendition(WIDTH, INTERVAL_MS),)))
    except FramewrightError as error:
        # A signal is the decoder's fault, an exit code that of this project.
        return error.code if "exit code" not in error.reason else "OUR_FAULT"
    check_sane(extraction)
    return extraction.report.path


@pytest.mark.timeout(float(os.environ.get("FUZZ_SECONDS", "0")) + 120)
async def test_mutated_films_end_as_sane_pictures_or_as_a_named_error(tmp_path) -> None:
    films = seeds(Studio(tmp_path, tmp_path))
    until = time.monotonic() + float(os.environ.get("FUZZ_SECONDS", "0"))
    ends: Counter[str] = Counter()
    peak = 0

    async with WorkerPool(2, stall_timeout=10) as pool:

        async def run(suffix: str, number: int) -> None:
            path = tmp_path / f"mutant-{number}{suffix}"
            path.write_bytes(mutated(films[suffix], number))
            ends[await ending(pool, path)] += 1
            path.unlink()

        for number in count():
            if number >= MUTANTS and time.monotonic() >= until:
                break
            await asyncio.gather(*(run(suffix, number) for suffix in films))
            peak = max(peak, *map(peak_bytes, pool.pids))

    assert peak <= MOST_BYTES
    assert set(ends) <= {*CODES, *PATHS}
    assert sum(ends.values()) >= MUTANTS * len(films)
    assert min(ends[usual] for usual in ("index", "linear", "NOT_MEDIA")) > 0


@pytest.mark.parametrize("end", [signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE])
async def test_a_decoder_that_crashes_is_told_by_its_signal(end, film) -> None:
    path = film("pool.mkv", seconds=40, width=640, height=360, gop=480, b_frames=2)
    request = ExtractionRequest(str(path), (Rendition(1280, 100),))

    async with WorkerPool(1) as pool:
        with pytest.raises(Retry, match=end.name) as caught:
            await pool.extract(request, lambda _share: [os.kill(pid, end) for pid in pool.pids])

    assert caught.value.code == "DECODER_CRASHED"
