"""Films of unusual pictures, codings, containers and streams."""

from fractions import Fraction
from pathlib import Path

from .films import FPS, Studio
from .row import Refused, Row, Shown, steady

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "48", "-sc_threshold", "0")


def _again(studio: Studio, name: str, *arguments: str) -> Path:
    """The usual film encoded anew, without sound."""
    return studio.ffmpeg(name, "-i", studio.film("seed.mkv"), "-map", "0:v", *arguments)


def _pixels(studio: Studio, pixels: str) -> Path:
    return _again(studio, "film.mkv", *H264, "-pix_fmt", pixels)


def _huge(studio: Studio) -> Path:
    return _again(studio, "film.mkv", "-vf", "scale=8192:4608", "-c:v", "mjpeg", "-q:v", "20", "-frames:v", "1")


def _programmes(studio: Studio) -> Path:
    """Two programmes: a small one first, then the usual film."""
    return studio.ffmpeg(
        "film.ts", "-i", studio.film("small.mkv", width=160, height=90, audio=False), "-i", studio.film("seed.mkv"),
        "-map", "0:v", "-map", "1:v", "-map", "1:a", "-c", "copy", "-program", "title=small:st=0",
        "-program", "title=large:st=1:st=2",
    )  # fmt: skip


def _several_tracks(studio: Studio) -> Path:
    return studio.ffmpeg(
        "film.mkv", "-i", studio.film("small.mkv", width=160, height=90, audio=False), "-i", studio.film("seed.mkv"),
        "-map", "0:v", "-map", "1:v", "-map", "1:a", "-c", "copy",
    )  # fmt: skip


def _hevc(studio: Studio) -> Path:
    return _again(
        studio, "film.mp4", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
        "log-level=none:open-gop=1:bframes=3:keyint=48:pools=none:frame-threads=1",
    )  # fmt: skip


def _open(studio: Studio, name: str) -> Path:
    return _again(studio, name, *H264, "-x264-params", "open-gop=1:bframes=3:b-pyramid=normal:keyint=72")


def _growing(studio: Studio) -> Path:
    first = _again(studio, "first.ts", *H264, "-t", "6")
    second = studio.ffmpeg(
        "second.ts", "-ss", "6", "-i", studio.film("seed.mkv"), "-map", "0:v", *H264, "-vf", "scale=640:360",
        "-output_ts_offset", "6",
    )  # fmt: skip
    return studio.write("film.ts", first.read_bytes() + second.read_bytes())


def _broadcast(studio: Studio) -> Path:
    """Stuffed with empty packets, as broadcasts are."""
    film = studio.film("broadcast.ts", seconds=66, codec="mpeg2video", gop=12, audio=False)
    return studio.remux("film.ts", "-muxrate", "2M", source=film)


FORMATS = (
    Row("MP4", "index at the end", lambda studio: studio.remux("film.mp4"), Shown()),
    Row("MP4, faststart", "index in front", lambda studio: studio.remux("film.mp4", "-movflags", "faststart"), Shown()),
    Row(
        "MP4, fragmented",
        "one fragment per keyframe",
        lambda studio: studio.remux("film.mp4", "-movflags", "frag_keyframe+empty_moov"),
        Shown(slots=7, clock=steady(83)),
    ),
    Row("MOV", "QuickTime", lambda studio: studio.remux("film.mov"), Shown()),
    Row("3GP", "MP4 of phones", lambda studio: studio.remux("film.3gp"), Shown()),
    Row("MKV", "cues at the end", lambda studio: studio.remux("film.mkv"), Shown()),
    Row(
        "WebM",
        "VP9 and Opus",
        lambda studio: studio.ffmpeg(
            "film.webm",
            "-i",
            studio.film("seed.mkv"),
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-b:v",
            "300k",
            "-g",
            "48",
            "-c:a",
            "libopus",
        ),
        Shown(),
    ),
    Row("TS", "H.264", lambda studio: studio.remux("film.ts"), Shown("linear", slots=7)),
    Row(
        "TS, longer than a minute",
        "MPEG-2, a keyframe every half second",
        _broadcast,
        Shown("timestamp", slots=33),
    ),
    Row("M2TS (BDMV)", "192-byte packets", lambda studio: studio.remux("film.m2ts"), Shown("linear", slots=7)),
    Row(
        "VOB (DVD)",
        "MPEG-2 programme stream",
        lambda studio: _again(studio, "film.vob", "-c:v", "mpeg2video", "-g", "15", "-bf", "2"),
        Shown("linear"),
    ),
    Row(
        "MPG",
        "MPEG-1 programme stream",
        lambda studio: _again(studio, "film.mpg", "-c:v", "mpeg1video", "-g", "15"),
        Shown("linear"),
    ),
    Row("AVI", "MPEG-4 ASP", lambda studio: _again(studio, "film.avi", "-c:v", "mpeg4", "-g", "48"), Shown()),
    Row(
        "AVI, packed B-frames",
        "Xvid",
        lambda studio: _again(studio, "film.avi", "-c:v", "libxvid", "-b:v", "400k", "-g", "48", "-bf", "2"),
        Shown(clock=steady(104)),
    ),
    Row("WMV", "ASF index", lambda studio: _again(studio, "film.wmv", "-c:v", "wmv2", "-g", "48"), Shown("linear")),
    Row(
        "WMV, long GOP",
        "a keyframe every 8 s",
        lambda studio: _again(studio, "film.wmv", "-c:v", "wmv2", "-g", "192"),
        Shown("linear"),
    ),
    Row("FLV", "no index", lambda studio: studio.remux("film.flv"), Shown("linear", slots=7)),
    Row(
        "FLV, with index",
        "keyframe index in its metadata",
        lambda studio: studio.remux("film.flv", "-flvflags", "add_keyframe_index"),
        Shown(slots=7),
    ),
    Row("OGV", "Theora", lambda studio: _again(studio, "film.ogv", "-c:v", "libtheora", "-g", "48"), Shown("linear")),
    Row(
        "RealMedia",
        "RV20",
        lambda studio: _again(studio, "film.rm", "-c:v", "rv20", "-g", "48"),
        Shown("linear"),
    ),
    Row(
        "raw H.264",
        "no container",
        lambda studio: _again(studio, "film.h264", "-c", "copy"),
        Refused("NO_PICTURE"),
        "nothing says when a picture shows",
    ),
    Row("HEVC in MP4", "x265, open GOP", _hevc, Shown()),
    Row(
        "AV1 in MKV",
        "SVT-AV1",
        lambda studio: _again(studio, "film.mkv", "-c:v", "libsvtav1", "-preset", "12", "-g", "48"),
        Shown(),
    ),
)
PICTURES = (
    Row(
        "rotated by 90°",
        "display matrix",
        lambda studio: studio.film("turned-90.mp4", rotation=90),
        Shown(size=(320, 568)),
    ),
    Row("rotated by 180°", "display matrix", lambda studio: studio.film("turned-180.mp4", rotation=180), Shown()),
    Row(
        "rotated by 270°",
        "display matrix",
        lambda studio: studio.film("turned-270.mp4", rotation=270),
        Shown(size=(320, 568)),
    ),
    Row(
        "anamorphic",
        "720x576, sample aspect 64:45",
        lambda studio: studio.film("wide.mkv", seconds=4, width=720, height=576, sar=Fraction(64, 45)),
        Shown("linear", slots=2),
    ),
    Row(
        "odd size, 4:4:4",
        "853x357, yuv444p",
        lambda studio: _again(studio, "film.mkv", *H264, "-vf", "scale=853:357,setsar=1", "-pix_fmt", "yuv444p"),
        Shown(size=(320, 134)),
    ),
    Row("4:2:2", "yuv422p", lambda studio: _pixels(studio, "yuv422p"), Shown()),
    Row("10 bit, not HDR", "yuv420p10le", lambda studio: _pixels(studio, "yuv420p10le"), Shown()),
    Row("grey", "gray", lambda studio: _pixels(studio, "gray"), Shown()),
    Row(
        "RGB",
        "libx264rgb",
        lambda studio: _again(studio, "film.mkv", "-c:v", "libx264rgb", "-preset", "ultrafast", "-g", "48"),
        Shown(),
    ),
    Row(
        "interlaced, MPEG-2 TS",
        "two fields a picture",
        lambda studio: _again(
            studio, "film.ts", "-c:v", "mpeg2video", "-g", "12", "-bf", "2", "-flags", "+ildct+ilme", "-b:v", "2M"
        ),
        Shown("linear"),
    ),
    Row(
        "interlaced, H.264 MKV",
        "fields coded in turn (MBAFF)",
        lambda studio: _again(studio, "film.mkv", *H264, "-x264-params", "interlaced=1:bframes=2"),
        Shown(),
    ),
    Row("open GOP, MKV", "x264, leading B-frames", lambda studio: _open(studio, "film.mkv"), Shown()),
    Row("open GOP, MP4", "x264, leading B-frames", lambda studio: _open(studio, "film.mp4"), Shown()),
    Row("open GOP, TS", "x264, leading B-frames", lambda studio: _open(studio, "film.ts"), Shown("linear")),
    Row(
        "intra refresh",
        "x264, no keyframe but the first",
        lambda studio: _again(studio, "film.mkv", *H264, "-x264-params", "intra-refresh=1"),
        Shown("linear", holes=5),
        "its keyframes need the pictures before them",
    ),
    Row("8K", "8192x4608, one frame", _huge, Shown("linear", slots=1)),
    Row(
        "2x2",
        "two pixels wide",
        lambda studio: _again(studio, "film.mkv", *H264, "-vf", "scale=2:2,setsar=1", "-t", "4"),
        Shown("linear", slots=2, clock=None, size=(320, 320)),
    ),
    Row(
        "1x1",
        "one pixel, FFV1",
        lambda studio: _again(studio, "film.mkv", "-c:v", "ffv1", "-vf", "scale=1:1", "-pix_fmt", "gray", "-t", "4"),
        Shown(slots=2, clock=None, size=(320, 320)),
    ),
    Row(
        "very wide",
        "2048x16",
        lambda studio: _again(studio, "film.mkv", *H264, "-vf", "scale=2048:16,setsar=1", "-t", "4"),
        Shown("linear", slots=2, clock=None, size=(320, 2)),
    ),
    Row(
        "very tall",
        "16x2048",
        lambda studio: _again(studio, "film.mkv", *H264, "-vf", "scale=16:2048,setsar=1", "-t", "4"),
        Shown("linear", slots=2, clock=None, size=(320, 2560)),
    ),
    Row("size changes on the way", "TS: 320x180, then 640x360", _growing, Shown("linear")),
)


def _late_clock(number: int) -> float:
    """When each frame of that film shows: the halves are muxed apart, and differ in how far decoding runs ahead."""
    return number * 1000 / FPS - (83 if number >= 6 * FPS else 0)


def _late_sound(studio: Studio) -> Path:
    silent = studio.ffmpeg("silent.ts", "-i", studio.film("seed.mkv"), "-map", "0:v", "-c", "copy", "-t", "6")
    rest = studio.ffmpeg("rest.ts", "-ss", "6.3", "-i", studio.film("seed.mkv"), "-c", "copy", "-copyts")
    return studio.write("film.ts", silent.read_bytes() + rest.read_bytes())


STREAMS = (
    Row(
        "sound begins half-way, TS",
        "a stream that is not there at the start",
        _late_sound,
        Shown("linear", clock=_late_clock),
    ),
    Row(
        "two programmes, TS",
        "a small one and a large one",
        _programmes,
        Shown("linear", slots=7),
        "the largest is the film",
    ),
    Row("two video tracks, MKV", "the small one first", _several_tracks, Shown(), "the largest is the film"),
)
ROWS = FORMATS + PICTURES + STREAMS
