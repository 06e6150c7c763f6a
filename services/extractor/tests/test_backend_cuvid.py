"""The walker for NVIDIA with decoders of the CPU in the place of those on the card: all but the card itself is real."""

from contextlib import closing, contextmanager
from fractions import Fraction

import pytest

from framewright.chassis.testing.media import read_timecode
from framewright.extractor.adapters.backends.cuvid import Cuvid
from framewright.extractor.adapters.container import Film
from framewright.extractor.adapters.picture import Look
from framewright.extractor.adapters.reader import MediaFile, Reader
from framewright.extractor.adapters.walk import DeviceFailedError, Gallery
from framewright.extractor.domain.plan import plan
from framewright.extractor.domain.request import Tonemap
from framewright.extractor.domain.slots import Coverage

HERE = {"h264": "h264", "hevc": "hevc", "vp9": "vp9"}


@contextmanager
def opened(path):
    with MediaFile(str(path)) as media, closing(Film(Reader(media, lambda: False, lambda: None), str(path))) as film:
        yield film


def walked(path, interval_ms: int, decoders, width: int = 320) -> Gallery:
    with opened(path) as film:
        index = film.index()
        gallery = Gallery(Coverage(film.frame_ms), lambda: None)
        walker = Cuvid("cuda:0", decoders).employ(film, gallery, Look((width,), 4, Tonemap.HABLE))
        for walk in plan(index, (interval_ms,)).walks:
            walker.go(walk, None)
        walker.finish()
        walker.close()
    return gallery


@pytest.mark.parametrize(
    "fields",
    [
        {"b_frames": 2},
        {"codec": "libx265", "hdr": "pq"},
        {"codec": "libvpx-vp9"},
        {"rotation": 90},
        {"sar": Fraction(64, 45), "width": 360, "height": 288},
    ],
    ids=["H.264", "HEVC, HDR", "VP9", "turned", "anamorphic"],
)
@pytest.mark.parametrize("interval_ms", [2000, 500])
def test_keyframes_and_pictures_between_them_are_shown_as_the_cpu_shows_them(fields, interval_ms, film, pull) -> None:
    path = film("film.mp4", seconds=10, **fields)
    cpu = pull(path, interval_ms).strips[0]

    gallery = walked(path, interval_ms, HERE)

    assert sorted(gallery.pictures) == [time_ms for time_ms, _ in cpu.frames]
    assert {pictures[0].height for pictures in gallery.pictures.values()} == {cpu.height}
    for time_ms, jpeg in cpu.frames:
        assert read_timecode(gallery.pictures[time_ms][0].jpeg) == read_timecode(jpeg)


def test_a_decoder_that_gives_nothing_for_a_good_keyframe_is_a_failed_device(film) -> None:
    with pytest.raises(DeviceFailedError, match=r"no picture came out|the decoder failed"):
        walked(film("film.mp4", seconds=10, b_frames=2), 2000, {"h264": "mpeg2video"})


def test_a_codec_that_no_card_decodes_is_named(film) -> None:
    with pytest.raises(DeviceFailedError, match="NVIDIA decodes no h264"):
        walked(film("film.mp4", seconds=10, b_frames=2), 2000, {"hevc": "hevc"})


def test_a_decoder_that_is_not_in_the_wheel_is_named(film) -> None:
    with pytest.raises(DeviceFailedError, match="h264_toaster"):
        walked(film("film.mp4", seconds=10, b_frames=2), 2000, {"h264": "h264_toaster"})
