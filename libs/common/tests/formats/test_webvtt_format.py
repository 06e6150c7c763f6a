"""WebVTT thumbnails: cues that cover the film and point at real cells."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from framewright.domain.errors import Reject
from framewright.domain.frames import slot_count
from framewright.formats.trickplay import write_sheets
from framewright.formats.webvtt import Cue, SheetLayout, read_vtt, write_vtt

LAYOUT = SheetLayout(columns=2, rows=2, thumb_width=32, thumb_height=16)


def vtt(timing: str = "00:00:00.000 --> 00:00:10.000", target: str = "sprite-0.jpg#xywh=0,0,32,16") -> str:
    return f"WEBVTT\n\n{timing}\n{target}\n"


def test_the_file_is_written_as_players_expect_it():
    text = write_vtt(3, 10_000, 27_250.9, SheetLayout(2, 1, 320, 180))

    assert text == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:10.000\nsprite-0.jpg#xywh=0,0,320,180\n\n"
        "00:00:10.000 --> 00:00:20.000\nsprite-0.jpg#xywh=320,0,320,180\n\n"
        "00:00:20.000 --> 00:00:27.250\nsprite-1.jpg#xywh=0,0,320,180\n"
    )


@settings(deadline=None)
@given(st.floats(1, 50_000_000), st.sampled_from([10_000, 30_000, 60_000, 3_600_000]))
def test_written_cues_are_read_again_and_cover_the_film_without_gaps(duration_ms: float, interval_ms: int):
    count = min(slot_count(duration_ms, interval_ms), 200)

    cues = read_vtt(write_vtt(count, interval_ms, duration_ms, LAYOUT))

    assert [cue.start_ms for cue in cues] == [index * interval_ms for index in range(count)]
    assert [cue.end_ms for cue in cues[:-1]] == [cue.start_ms for cue in cues[1:]]
    assert cues[-1].end_ms == min(int(duration_ms), count * interval_ms)


def test_a_film_whose_tail_is_missing_has_no_cue_there():
    cues = read_vtt(write_vtt(2, 10_000, 90_000, LAYOUT))

    assert cues[-1].end_ms == 20_000


def test_a_cue_points_at_its_own_picture():
    colours = [(40 * index, 250 - 40 * index, 90) for index in range(6)]
    sheets = [Image.open(BytesIO(sheet)) for sheet in write_sheets([_jpeg(colour) for colour in colours], 2, 2)]
    cues = read_vtt(write_vtt(6, 10_000, 60_000, LAYOUT))

    for cue, colour in zip(cues, colours, strict=True):
        sheet = sheets[["sprite-0.jpg", "sprite-1.jpg"].index(cue.sheet)]
        pixel = sheet.getpixel((cue.x + cue.width // 2, cue.y + cue.height // 2))
        assert isinstance(pixel, tuple)
        assert max(abs(got - wanted) for got, wanted in zip(pixel, colour, strict=True)) <= 12


@pytest.mark.parametrize("duration_ms", [0, 10_000])
def test_a_duration_that_ends_before_the_last_picture_does_not_empty_its_cue(duration_ms: int):
    cues = read_vtt(write_vtt(2, 10_000, duration_ms, LAYOUT))

    assert (cues[-1].start_ms, cues[-1].end_ms) == (10_000, 20_000)


def test_hours_are_counted_on():
    (*_, last) = write_vtt(101, 3_600_000, 363_600_000, LAYOUT).split("\n\n")

    assert last.startswith("100:00:00.000 --> 101:00:00.000\n")


def test_windows_line_ends_and_a_byte_order_mark_are_read():
    text = "\ufeff" + vtt().replace("\n", "\r\n")

    assert read_vtt(text) == [Cue(0, 10_000, "sprite-0.jpg", 0, 0, 32, 16)]


def test_no_slots_make_a_file_without_cues():
    assert read_vtt(write_vtt(0, 10_000, 0, LAYOUT)) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not start with WEBVTT"),
        ("1\n" + vtt(), "does not start with WEBVTT"),
        (vtt(timing="00:00:00,000 --> 00:00:10,000"), "block 0 is no cue"),
        (vtt(timing="00:00:61.000 --> 00:01:10.000"), "block 0 is no cue"),
        (vtt(target="sprite-0.jpg"), "block 0 is no cue"),
        (vtt(target="sprite-0.jpg#xywh=0,0,32"), "block 0 is no cue"),
        (vtt(target="sprite-0.jpg#xywh=percent:0,0,32,16"), "block 0 is no cue"),
        (vtt(target="../sprite-0.jpg#xywh=0,0,32,16"), "block 0 is no cue"),
        (vtt(target="sprite-0.jpg#xywh=0,0,32,0"), "empty rectangle"),
        (vtt(timing="00:00:10.000 --> 00:00:10.000"), "cue 0 is not after"),
        (vtt() + "\n" + vtt().removeprefix("WEBVTT\n\n"), "cue 1 is not after"),
        (vtt() + "\ntrailing text\n", "block 1 is no cue"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(text: str, reason: str):
    with pytest.raises(Reject, match=reason) as caught:
        read_vtt(text)

    assert caught.value.code == "BAD_VTT"


def _jpeg(colour: tuple[int, int, int]) -> bytes:
    target = BytesIO()
    Image.new("RGB", (LAYOUT.thumb_width, LAYOUT.thumb_height), colour).save(target, "JPEG", quality=95)
    return target.getvalue()
