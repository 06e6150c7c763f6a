import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from framewright.chassis.testing.media import read_timecode
from framewright.domain.errors import Retry
from framewright.domain.frames import Rendition
from framewright.extractor.adapters.engine import extract
from framewright.extractor.domain.request import Extraction, ExtractionRequest, Mode

NTSC = Fraction(24000, 1001)
B = {"b_frames": 2}
FRAGMENTS = {"container_options": {"movflags": "frag_keyframe+empty_moov"}}
OPEN_GOP = {"options": {"x264-params": "open-gop=1:b-pyramid=normal"}, "b_frames": 3}

INDEXED = {
    "gop-12.mkv": {"gop": 12, "fps": 24, "audio": True, **B},
    "gop-48.mkv": {"gop": 48, "fps": NTSC, **B},
    "gop-250.mkv": {"gop": 250, "fps": NTSC, "scene_keys": True, "seconds": 40, "b_frames": 3},
    "gop-12.mp4": {"gop": 12, "fps": NTSC, **B},
    "gop-48-moov-last.mp4": {"gop": 48, "fps": 24, "audio": True, **B},
    "gop-250.mp4": {"gop": 250, "fps": 24, "scene_keys": True, "seconds": 40, "b_frames": 3},
    "faststart.mp4": {"gop": 48, "fps": 24, "container_options": {"movflags": "faststart"}, **B},
    "open-gop.mp4": {"gop": 72, "fps": NTSC, **OPEN_GOP},
    "open-gop.mkv": {"gop": 72, "fps": NTSC, **OPEN_GOP},
    "hevc.mp4": {
        "gop": 96,
        "codec": "libx265",
        "b_frames": 3,
        "options": {"x265-params": "log-level=none:open-gop=1:bframes=3"},
    },
    "start-7s.mkv": {"start_s": 7, **B},
    "start-7s.mp4": {"start_s": 7, "audio": True, **B},
    "vp9.webm": {"codec": "libvpx-vp9", "gop": 120, "audio": True},
    "mpeg4.avi": {"codec": "mpeg4", "fps": 25, "gop": 100, "audio": True, **B},
    "fragments.mp4": {**FRAGMENTS, **B},
}
LINEAR = {
    "mpeg2.ts": {"codec": "mpeg2video", "fps": 25, "gop": 12, "audio": True, **B},
    "h264-long-gop.ts": {"gop": 240, "fps": 25, **B},
}
ALL = {**INDEXED, **LINEAR}


@pytest.mark.parametrize("interval_ms", [2000, 5000])
@pytest.mark.parametrize("name", ALL)
def test_every_picture_comes_from_its_own_slot(name, interval_ms, film, pull, misplaced) -> None:
    spec = {"seconds": 19, **ALL[name]}

    extraction = pull(film(name, **spec), interval_ms)

    assert misplaced(extraction, spec.get("fps", 24), interval_ms) == []
    assert extraction.report.holes == 0
    assert extraction.report.path == ("index" if name in INDEXED else "linear")
    assert not extraction.partial


def test_a_long_indexed_film_is_read_sparsely(film, pull) -> None:
    path = film("sparse.mkv", seconds=60, width=640, height=360, audio=True, b_frames=2)

    report = pull(path, 10_000).report

    assert report.path == "index"
    assert report.file_bytes == path.stat().st_size
    assert report.bytes_read < report.file_bytes * 0.4


def test_one_decode_serves_several_rhythms(film, pull, misplaced) -> None:
    path = film("gop-48.mkv", seconds=19, **INDEXED["gop-48.mkv"])

    extraction = pull(path, 2000, 5000, 10_000)

    for interval_ms in (2000, 5000, 10_000):
        assert misplaced(extraction, NTSC, interval_ms) == []
    assert extraction.report.slots == 10 + 4 + 2
    times = [time for time, _ in extraction.strips[0].frames]
    assert times == sorted(set(times))


def test_threads_give_the_same_bytes_as_one(film, pull) -> None:
    path = film("gop-48.mkv", seconds=19, **INDEXED["gop-48.mkv"])

    alone, together = pull(path, 2000), pull(path, 2000, threads=3)

    assert alone.strips[0].frames == together.strips[0].frames


def test_fast_mode_decodes_keyframes_only(film, pull) -> None:
    path = film("gop-250.mkv", **INDEXED["gop-250.mkv"])

    fast, window = pull(path, 2000, mode=Mode.FAST), pull(path, 2000)

    assert fast.report.decoded == len(fast.strips[0].frames) < window.report.decoded
    assert fast.report.holes > window.report.holes == 0


def test_a_film_of_one_frame_has_one_picture(film, pull) -> None:
    extraction = pull(film("one.mkv", seconds=0.01))

    assert [read_timecode(jpeg) for _, jpeg in extraction.strips[0].frames] == [0]
    assert (extraction.report.slots, extraction.report.holes) == (1, 0)


def test_a_film_shorter_than_the_interval_has_one_picture(film, pull) -> None:
    extraction = pull(film("short.mp4", seconds=3, **B))

    assert [time for time, _ in extraction.strips[0].frames] == [0]


def _touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def _replace(path: Path) -> None:
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


@pytest.mark.parametrize(
    ("harm", "code"), [(_touch, "FILE_CHANGED"), (_replace, "FILE_CHANGED"), (Path.unlink, "FILE_MISSING")]
)
def test_a_file_that_changes_while_it_is_read_is_tried_again(harm, code, film, tmp_path) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(film("gop-12.mkv", seconds=20, **INDEXED["gop-12.mkv"]).read_bytes())
    harms: list[Callable[[Path], None]] = [harm]

    def progress(_share: float) -> None:
        while harms:
            harms.pop()(path)

    with pytest.raises(Retry) as caught:
        extract(ExtractionRequest(str(path), (Rendition(320, 5000),)), progress, lambda: False)
    assert caught.value.code == code


def test_a_cancelled_extraction_stops_reading(film) -> None:
    path = film("gop-12.mkv", seconds=20, **INDEXED["gop-12.mkv"])
    ticks: list[float] = []

    with pytest.raises(Retry) as caught:
        extract(ExtractionRequest(str(path), (Rendition(320, 5000),)), ticks.append, lambda: len(ticks) >= 5)

    assert caught.value.code == "CANCELLED"
    assert len(ticks) < 10


def test_progress_never_falls_and_ends_with_the_whole(film) -> None:
    path = film("gop-12.mkv", seconds=20, **INDEXED["gop-12.mkv"])
    shares: list[float] = []

    answer: Extraction = extract(
        ExtractionRequest(str(path), (Rendition(320, 2000),), threads=2), shares.append, lambda: False
    )

    assert answer.strips[0].frames
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_one_decode_serves_several_widths_each_with_its_own_rhythm(film, pull) -> None:
    path = film("gop-48.mkv", seconds=19, **INDEXED["gop-48.mkv"])
    wanted = (Rendition(160, 10_000), Rendition(320, 2000))

    both, fine = pull(path, renditions=wanted), pull(path, renditions=wanted[1:])

    assert [(strip.width, strip.height, len(strip.frames)) for strip in both.strips] == [(160, 90, 2), (320, 180, 10)]
    assert both.strip(320).frames == fine.strip(320).frames
    assert both.report.decoded == fine.report.decoded


def test_threads_share_the_decoder_of_a_large_picture(film, pull, misplaced) -> None:
    path = film("large.mp4", seconds=6, fps=4, width=3840, height=1600, gop=7, options={"slices": "4"})

    extraction = pull(path, 1000, threads=2)

    assert (extraction.report.path, extraction.report.holes) == ("index", 0)
    assert misplaced(extraction, 4, 1000) == []
