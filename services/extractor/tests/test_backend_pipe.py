"""The real pipe from end to end: an ffmpeg child that decodes in software, compared with the decoder in this process."""

import io
from contextlib import closing
from fractions import Fraction
from itertools import pairwise

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from framewright.chassis.testing.media import read_timecode
from framewright.extractor.adapters.backends.cpu import Cpu
from framewright.extractor.adapters.backends.pipe import Pipe
from framewright.extractor.adapters.container import Film
from framewright.extractor.adapters.picture import Look
from framewright.extractor.adapters.reader import MediaFile, Reader
from framewright.extractor.adapters.walk import Gallery, Walker
from framewright.extractor.domain.acceleration import FFMPEG, Acceleration
from framewright.extractor.domain.plan import plan
from framewright.extractor.domain.request import Mode, Tonemap
from framewright.extractor.domain.slots import Coverage, Slot

OPEN = {"preset": "veryfast", "x264-params": "open-gop=1:scenecut=0:bframes=3"}
OPEN_HEVC = {"preset": "ultrafast", "x265-params": "log-level=none:open-gop=1:bframes=4:b-adapt=0"}

FILMS = {
    "closed groups with B-frames": ("film.mkv", {"seconds": 40, "b_frames": 2}),
    "closed groups in MP4": ("film.mp4", {"seconds": 40, "b_frames": 2}),
    "open groups": ("film.mkv", {"seconds": 40, "b_frames": 3, "gop": 30, "options": OPEN}),
    "open groups in MP4": ("film.mp4", {"seconds": 40, "b_frames": 3, "gop": 30, "options": OPEN}),
    "a group of 20 s": ("film.mkv", {"seconds": 41, "b_frames": 2, "gop": 480}),
    "open HEVC, HDR": ("film.mkv", {"seconds": 20, "codec": "libx265", "hdr": "pq", "gop": 48, "options": OPEN_HEVC}),
    "open HEVC in MP4": (
        "film.mp4",
        {"seconds": 20, "codec": "libx265", "hdr": "hlg", "gop": 48, "options": OPEN_HEVC},
    ),
    "VP9": ("film.webm", {"seconds": 20, "codec": "libvpx-vp9"}),
    "MPEG-2": ("film.mkv", {"seconds": 20, "codec": "mpeg2video", "gop": 12, "b_frames": 2}),
    "a late start": ("film.mkv", {"seconds": 20, "b_frames": 2, "start_s": 7.0, "audio": True}),
    "an odd rate": ("film.mp4", {"seconds": 20, "b_frames": 2, "fps": Fraction(30000, 1001)}),
}


@pytest.fixture(autouse=True)
def program(monkeypatch):
    monkeypatch.setenv("FFMPEG_PATH", imageio_ffmpeg.get_ffmpeg_exe())


def numbers(extraction) -> list[int]:
    return [read_timecode(jpeg) for _, jpeg in extraction.strips[0].frames]


def image(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), np.int16)


@pytest.mark.parametrize("name", FILMS)
def test_each_picture_is_that_of_its_time_in_its_slot(name, film, pull, misplaced) -> None:
    file, fields = FILMS[name]
    path, fps = film(file, **fields), fields.get("fps", 24)

    cpu = pull(path, 2000)
    piped = pull(path, 2000, device=FFMPEG)

    assert (piped.report.device, piped.report.refused, piped.report.warnings) == (FFMPEG, "", cpu.report.warnings)
    assert misplaced(piped, fps, 2000) == []
    assert (piped.report.holes, piped.report.slots) == (cpu.report.holes, cpu.report.slots)
    for (time_ms, _), number in zip(piped.strips[0].frames, numbers(piped), strict=True):
        assert abs(time_ms - number * 1000 / fps) <= 2


@pytest.mark.parametrize("name", ["closed groups with B-frames", "open groups in MP4", "open HEVC, HDR", "VP9"])
def test_keyframes_are_the_very_same_pictures(name, film, pull) -> None:
    path = film(FILMS[name][0], **FILMS[name][1])

    cpu = pull(path, 5000, mode=Mode.FAST)
    piped = pull(path, 5000, mode=Mode.FAST, device=FFMPEG, threads=3, device_threads=1)

    assert [time for time, _ in piped.strips[0].frames] == [time for time, _ in cpu.strips[0].frames]
    assert numbers(piped) == numbers(cpu)


def test_a_closer_rhythm_than_keyframes_is_served_by_several_children(film, pull, misplaced) -> None:
    path = film(*FILMS["open groups"][:1], **FILMS["open groups"][1])

    piped = pull(path, 400, device=FFMPEG, threads=3)

    assert misplaced(piped, 24, 400) == []
    assert piped.report.holes == 0
    assert piped.report.device == FFMPEG


@pytest.mark.parametrize(
    "fields",
    [
        {"rotation": 90},
        {"rotation": 180},
        {"sar": Fraction(64, 45), "width": 360, "height": 288},
        {"width": 426, "height": 238},
        {"codec": "libx265", "hdr": "pq", "width": 640, "height": 360},
        {"codec": "libx265", "hdr": "hlg", "width": 640, "height": 360},
        {"width": 1280, "height": 720},
    ],
    ids=["turned", "upside down", "anamorphic", "uneven", "PQ", "HLG", "HD without tags"],
)
def test_shape_orientation_and_light_are_those_of_the_cpu(fields, film, pull) -> None:
    path = film("film.mp4", seconds=6, **fields)

    cpu = pull(path, 2000, widths=(160, 320))
    piped = pull(path, 2000, widths=(160, 320), device=FFMPEG)

    assert piped.report.device == FFMPEG
    for ours, theirs in zip(piped.strips, cpu.strips, strict=True):
        assert (ours.width, ours.height) == (theirs.width, theirs.height)
        for (_, left), (_, right) in zip(ours.frames, theirs.frames, strict=True):
            assert np.abs(image(left) - image(right)).mean() < 2.5


def test_no_more_of_the_file_is_read_than_by_the_cpu_but_for_the_sample(film, pull) -> None:
    path = film("film.mkv", seconds=40, b_frames=2, gop=48)

    cpu, piped = pull(path, 1000), pull(path, 1000, device=FFMPEG)

    assert piped.report.bytes_read < cpu.report.bytes_read * 1.15


def walked(path, interval_ms: int, backend) -> tuple[list[Slot], Walker]:
    """The slots that stay unserved by one walker's pass over the index, and the walker."""
    with MediaFile(str(path)) as media, closing(Film(Reader(media, lambda: False, lambda: None), str(path))) as opened:
        index, gallery = opened.index(), Gallery(Coverage(opened.frame_ms), lambda: None)
        drawn = plan(index, (interval_ms,))
        with closing(backend.employ(opened, gallery, Look((320,), 4, Tonemap.HABLE))) as walker:
            for walk in drawn.walks:
                walker.go(walk, dict(pairwise(index.keys)).get(walk.key))
            walker.finish()
    return gallery.missing(drawn.slots), walker


@pytest.mark.parametrize("interval_ms", [5000, 400])
@pytest.mark.parametrize("name", ["open groups", "open groups in MP4", "open HEVC, HDR", "open HEVC in MP4"])
def test_the_cpu_beside_the_child_has_nothing_to_mend(name, interval_ms, film) -> None:
    path = film(FILMS[name][0], **FILMS[name][1])

    missing, walker = walked(path, interval_ms, Pipe(FFMPEG, Acceleration.NONE, imageio_ffmpeg.get_ffmpeg_exe()))

    assert missing == walked(path, interval_ms, Cpu("cpu"))[0]
    assert walker._mender.projector.shown == 0
