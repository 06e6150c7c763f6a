"""Films that are cut off, spoilt in the middle, or say what is not so."""

import struct
from pathlib import Path

from .films import Studio
from .row import Refused, Row, Shown, steady
from .surgery import cut, spoil, swap

NO_CLAIM = "the format does not say how long the film should be"
LOST = "what follows the damage refers to it, up to the next keyframe"


def _fast_start(studio: Studio) -> Path:
    return studio.remux("whole.mp4", "-movflags", "faststart")


def _mpeg4(studio: Studio) -> Path:
    return studio.ffmpeg("whole.avi", "-i", studio.film("seed.mkv"), "-c:v", "mpeg4", "-g", "48", "-c:a", "mp3")


def _live(studio: Studio) -> Path:
    return studio.remux("live.mkv", "-live", "1")


def _claiming(studio: Studio, duration_ms: float) -> Path:
    data = bytearray(studio.film("seed.mkv").read_bytes())
    at = data.index(bytes.fromhex("448988"))
    data[at + 3 : at + 11] = struct.pack(">d", duration_ms)
    return studio.write("liar.mkv", bytes(data))


def _ten_hours_mp4(studio: Studio) -> Path:
    """`mvhd` and `mdhd` of the film, version 0: time scale, then duration, after two times of 4 bytes each."""
    data = bytearray(_fast_start(studio).read_bytes())
    for box in (b"mvhd", b"mdhd"):
        at = data.index(box) + 4 + 12
        scale = int.from_bytes(data[at : at + 4], "big")
        data[at + 4 : at + 8] = (36_000 * scale).to_bytes(4, "big")
    return studio.write("liar.mp4", bytes(data))


def _hole_in_mp4(studio: Studio) -> Path:
    """As an unfinished download looks: of the right length, but zeros in the middle."""
    data = bytearray(_fast_start(studio).read_bytes())
    start, end = len(data) * 2 // 5, len(data) * 3 // 5
    data[start:end] = bytes(end - start)
    return studio.write("film.mp4", bytes(data))


def _cut_ts(studio: Studio) -> Path:
    return studio.write("film.ts", cut(studio.remux("whole.ts"), 7))


def _windows_media(studio: Studio) -> Path:
    return studio.ffmpeg("whole.wmv", "-i", studio.film("seed.mkv"), "-c:v", "wmv2", "-g", "48", "-c:a", "wmav2")


ROWS = (
    Row(
        "MKV cut off, index at its end lost",
        "the first 7 of 12 s",
        lambda studio: studio.write("film.mkv", cut(studio.film("seed.mkv"), 7)),
        Shown("linear", holes=2, partial=True),
    ),
    Row(
        "MKV cut off, index in front",
        "cues before the clusters, the first 7 of 12 s",
        lambda studio: studio.write("film.mkv", cut(studio.remux("whole.mkv", "-cues_to_front", "1"), 7)),
        Shown("linear", holes=2, partial=True),
    ),
    Row(
        "MP4 cut off, index in front",
        "faststart, the first 7 of 12 s",
        lambda studio: studio.write("film.mp4", cut(_fast_start(studio), 7)),
        Shown("linear", holes=2, partial=True),
    ),
    Row(
        "MP4 cut off, index at its end lost",
        "the first 7 of 12 s, no moov",
        lambda studio: studio.write("film.mp4", cut(studio.remux("whole.mp4"), 7)),
        Refused("NOT_MEDIA"),
        "nothing in the file says where a picture is",
    ),
    Row("TS cut off", "the first 7 of 12 s", _cut_ts, Shown("linear", slots=4), NO_CLAIM),
    Row(
        "AVI cut off, index at its end lost",
        "the first 7 of 12 s",
        lambda studio: studio.write("film.avi", cut(_mpeg4(studio), 7)),
        Shown("linear", slots=7, holes=3, partial=True),
    ),
    Row(
        "FLV cut off",
        "the first 7 of 12 s",
        lambda studio: studio.write("film.flv", cut(studio.remux("whole.flv"), 7)),
        Shown("linear", slots=7, holes=3, partial=True),
    ),
    Row(
        "WMV cut off, index at its end lost",
        "the first 7 of 12 s",
        lambda studio: studio.write("film.wmv", cut(_windows_media(studio), 7)),
        Shown("linear", slots=4, clock=steady(43)),
        NO_CLAIM,
    ),
    Row(
        "fragmented MP4 cut off",
        "the first 7 of 12 s",
        lambda studio: studio.write(
            "film.mp4", cut(studio.remux("whole.mp4", "-movflags", "frag_keyframe+empty_moov"), 7)
        ),
        Shown("linear", slots=5, partial=True, clock=steady(83)),
        "its last fragment is incomplete",
    ),
    Row(
        "MKV spoilt in the middle",
        "noise from 5 s to 7 s",
        lambda studio: studio.write("film.mkv", spoil(studio.film("seed.mkv"), 5, 7)),
        Shown(holes=1),
        LOST,
    ),
    Row(
        "MP4 spoilt in the middle",
        "noise from 5 s to 7 s",
        lambda studio: studio.write("film.mp4", spoil(_fast_start(studio), 5, 7)),
        Shown(holes=1),
        LOST,
    ),
    Row(
        "TS spoilt in the middle",
        "noise from 5 s to 7 s",
        lambda studio: studio.write("film.ts", spoil(studio.remux("whole.ts"), 5, 7)),
        Shown("linear", slots=7, holes=1),
        LOST,
    ),
    Row(
        "AVI spoilt in the middle",
        "noise from 5 s to 7 s",
        lambda studio: studio.write("film.avi", spoil(_mpeg4(studio), 5, 7)),
        Shown(slots=7, guessed=1),
        "the decoder hides damage instead of reporting it: one picture is its guess",
    ),
    Row("MP4 half downloaded", "zeros from 40 % to 60 %", _hole_in_mp4, Shown(holes=1), LOST),
    Row("no index, MKV", "a live recording: no cues, no duration", _live, Shown("linear"), NO_CLAIM),
    Row(
        "no index, MKV cut off",
        "the first 7 s of a live recording",
        lambda studio: studio.write("film.mkv", cut(_live(studio), 7)),
        Shown("linear", slots=4),
        NO_CLAIM,
    ),
    Row(
        "no index, AVI",
        "index chunk renamed",
        lambda studio: studio.write("film.avi", swap(_mpeg4(studio).read_bytes(), "69647831", "4a554e4b")),
        Shown("linear", slots=7),
    ),
    Row("header claims 10 hours, MKV", "duration overwritten", lambda studio: _claiming(studio, 36e6), Shown()),
    Row("header claims 10 hours, MP4", "durations overwritten", _ten_hours_mp4, Shown()),
    Row(
        "wrong extension",
        "an MKV called .avi",
        lambda studio: studio.write("film.avi", studio.film("seed.mkv").read_bytes()),
        Shown(),
    ),
    Row(
        "rubbish after the end",
        "an MP4 with 1 MB of zeros behind it",
        lambda studio: studio.write("film.mp4", _fast_start(studio).read_bytes() + bytes(1 << 20)),
        Shown(),
    ),
    Row(
        "TS that begins in the middle of a packet",
        "the first 50 kB and a bit left out",
        lambda studio: studio.write("film.ts", studio.remux("whole.ts").read_bytes()[50_077:]),
        Shown("linear", slots=6, clock=None),
    ),
    Row(
        "header claims 3 seconds, MKV",
        "duration overwritten",
        lambda studio: _claiming(studio, 3_000.0),
        Shown("linear"),
    ),
)
