"""Films whose time is not what it seems: starts, gaps, wraps, uneven frames, long groups of pictures."""

from fractions import Fraction
from pathlib import Path

import av

from .films import FPS, Studio
from .row import Row, Shown, steady
from .surgery import wrapping


def _uneven(number: int) -> float:
    """When each frame of the film with a variable rate shows: every tenth second has a third of its frames."""
    return number * 1000 / FPS + 2000 * (number // 72)


def _variable_rate(studio: Studio) -> Path:
    """The usual film, with two seconds of standstill after every third."""
    path = studio.folder / "film.mkv"
    with (
        av.open(str(studio.film("closed.mkv", audio=False, b_frames=0, seconds=8))) as source,
        av.open(str(path), "w") as target,
    ):
        video = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.pts is None:
                continue
            number = round(packet.pts * packet.time_base * FPS)
            packet.pts = packet.dts = round(_uneven(number) / 1000 / packet.time_base)
            packet.stream = video
            target.mux(packet)
    return path


def _shifted(studio: Studio, name: str, seconds: float) -> Path:
    return studio.ffmpeg(
        name, "-itsoffset", str(seconds), "-i", studio.film("seed.mkv"), "-c", "copy", "-avoid_negative_ts", "disabled"
    )


def _late_video(studio: Studio, name: str, seconds: float) -> Path:
    seed = studio.film("seed.mkv")
    return studio.ffmpeg(
        name, "-i", seed, "-itsoffset", str(seconds), "-i", seed, "-map", "0:a", "-map", "1:v", "-c", "copy"
    )


def _edited(studio: Studio) -> Path:
    """Cut out of a film without encoding: the edit list hides what lies before the wanted second."""
    return studio.ffmpeg("film.mp4", "-ss", "3.25", "-i", studio.film("seed.mkv"), "-c", "copy", "-t", "7")


def _wrapping(studio: Studio) -> Path:
    return studio.write("film.ts", wrapping(studio.remux("plain.ts").read_bytes(), 90_000 * 6))


def _joined(studio: Studio) -> Path:
    return studio.write("film.ts", _half(studio, 0) + _half(studio, 6))


def _joined_later(studio: Studio) -> Path:
    return studio.write("film.ts", _half(studio, 0) + _half(studio, 6, "-output_ts_offset", "3600"))


def _seamed(number: int) -> float:
    """When each frame of the joined film shows: frames are cut in the order of decoding, which leaves a gap of 104 ms."""
    return number * 1000 / FPS + (104 if number >= 6 * FPS else 0)


def _half(studio: Studio, first: int, *arguments: str) -> bytes:
    """Six seconds of the film from the keyframe there on, stamped from zero."""
    place = first + 0.3 if first else 0
    seed = studio.film("seed.mkv")
    path = studio.ffmpeg(f"from-{first}.ts", "-ss", str(place), "-t", "6", "-i", seed, "-c", "copy", *arguments)
    return path.read_bytes()


ROWS = (
    Row("starts at 7 s, MKV", "time stamps moved", lambda studio: _shifted(studio, "film.mkv", 7), Shown()),
    Row("starts at 7 s, MP4", "time stamps moved", lambda studio: studio.film("late.mp4", start_s=7), Shown(slots=7)),
    Row("starts at 1 h, MKV", "time stamps moved", lambda studio: _shifted(studio, "film.mkv", 3600), Shown()),
    Row(
        "starts at 1 h, TS",
        "time stamps moved",
        lambda studio: _shifted(studio, "film.ts", 3600),
        Shown("linear", slots=7),
    ),
    Row(
        "starts at -1 s, MKV",
        "negative time stamps",
        lambda studio: _shifted(studio, "film.mkv", -1),
        Shown(slots=7, holes=1),
        "Matroska gives no time stamps before zero",
    ),
    Row(
        "starts at -1 s, MP4",
        "negative time stamps",
        lambda studio: _shifted(studio, "film.mp4", -1),
        Shown(clock=steady(-1000)),
    ),
    Row(
        "video starts 1.5 s after the sound, MKV",
        "video delayed",
        lambda studio: _late_video(studio, "film.mkv", 1.5),
        Shown(slots=7, clock=steady(1500)),
    ),
    Row(
        "video starts 1.5 s after the sound, MP4",
        "video delayed, an empty edit",
        lambda studio: _late_video(studio, "film.mp4", 1.5),
        Shown(slots=7, clock=steady(1500)),
    ),
    Row(
        "video starts 1.5 s after the sound, TS",
        "video delayed",
        lambda studio: _late_video(studio, "film.ts", 1.5),
        Shown("linear", slots=7, clock=steady(1500)),
    ),
    Row("edit list with pre-roll", "MP4 cut at 3.25 s without encoding", _edited, Shown(slots=4, clock=steady(-3250))),
    Row("variable frame rate", "two seconds of standstill after every three", _variable_rate, Shown(clock=_uneven)),
    Row(
        "60 frames a second",
        "NTSC, 59.94",
        lambda studio: studio.film("fast.mp4", fps=Fraction(60000, 1001), gop=120),
        Shown(clock=steady(fps=60000 / 1001)),
    ),
    Row("one frame", "MKV", lambda studio: studio.film("one.mkv", seconds=0.01, audio=False), Shown("linear", slots=1)),
    Row("one frame, MP4", "MP4", lambda studio: studio.film("one.mp4", seconds=0.01, audio=False), Shown(slots=1)),
    Row("shorter than the interval", "one second", lambda studio: studio.film("short.mp4", seconds=1), Shown(slots=1)),
    Row("one keyframe in 12 s, MKV", "GOP of 288", lambda studio: studio.film("long.mkv", gop=288), Shown("linear")),
    Row("one keyframe in 12 s, MP4", "GOP of 288", lambda studio: studio.film("long.mp4", gop=288), Shown("linear")),
    Row(
        "one keyframe in 12 s, TS",
        "GOP of 288",
        lambda studio: studio.film("long.ts", gop=288),
        Shown("linear", slots=7),
    ),
    Row("time stamps wrap, TS", "33-bit clock passes its end after 6 s", _wrapping, Shown("linear", slots=7)),
    Row(
        "two recordings joined, TS",
        "6 s twice, the clock starts again",
        _joined,
        Shown("linear", slots=7, clock=_seamed),
    ),
    Row(
        "two recordings joined, an hour apart, TS",
        "6 s, then 6 s stamped one hour later",
        _joined_later,
        Shown("linear", slots=7, clock=_seamed),
    ),
)
