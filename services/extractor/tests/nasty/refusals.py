"""Files that hold no film."""

import random
from pathlib import Path

from .films import Studio
from .row import Refused, Row, Shown
from .surgery import scrambled

NOT_MEDIA, NO_VIDEO = Refused("NOT_MEDIA"), Refused("NO_VIDEO")


def _cover(studio: Studio) -> Path:
    return studio.ffmpeg("cover.png", "-i", studio.film("seed.mkv"), "-frames:v", "1")


def _song_with_cover(studio: Studio) -> Path:
    song = studio.film("song.m4a", seconds=3, codec=None)
    return studio.ffmpeg(
        "song.mp3", "-i", song, "-i", _cover(studio), "-map", "0:a", "-map", "1:v", "-c:v", "copy",
        "-disposition:v", "attached_pic",
    )  # fmt: skip


def _cover_track_first(studio: Studio) -> Path:
    return studio.ffmpeg(
        "film.mkv", "-i", _cover(studio), "-i", studio.film("seed.mkv"), "-map", "0:v", "-map", "1:v", "-map", "1:a",
        "-c", "copy", "-disposition:v:0", "0",
    )  # fmt: skip


def _disc_image(studio: Studio) -> Path:
    """ISO 9660: sixteen empty sectors, the volume descriptor, its end, then a film as the disc would hold it."""
    vob = studio.ffmpeg("film.vob", "-i", studio.film("seed.mkv"), "-c:v", "mpeg2video", "-c:a", "mp2", "-t", "4")
    descriptors = b"\x01CD001\x01".ljust(2048, b"\0") + b"\xffCD001\x01".ljust(2048, b"\0")
    return studio.write("disc.iso", bytes(32768) + descriptors + vob.read_bytes())


def _sequence(studio: Studio) -> Path:
    folder = studio.folder / "frames.mkv"
    folder.mkdir()
    studio.ffmpeg("frames.mkv/%03d.png", "-i", studio.film("seed.mkv"), "-frames:v", "3")
    return folder


def _encrypted(studio: Studio) -> Path:
    return studio.remux(
        "film.mp4", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "00" * 15 + "01", "-encryption_kid",
        "00" * 15 + "02",
    )  # fmt: skip


def _scrambled(studio: Studio) -> Path:
    return studio.write("film.ts", scrambled(studio.remux("clear.ts").read_bytes(), 0x100))


def _subtitles(studio: Studio) -> Path:
    text = studio.write("words.srt", b"1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    return studio.ffmpeg("film.mkv", "-i", text, "-c", "copy")


def _sound_of(studio: Studio, name: str) -> Path:
    return studio.ffmpeg(name, "-i", studio.film("seed.mkv"), "-map", "0:a", "-c", "copy")


def _gif(studio: Studio) -> Path:
    return studio.ffmpeg("film.gif", "-i", studio.film("seed.mkv"), "-t", "2", "-r", "5")


ROWS = (
    Row("zero bytes", "an empty file", lambda studio: studio.write("film.mkv", b""), NOT_MEDIA),
    Row(
        "random bytes",
        "200 kB of noise",
        lambda studio: studio.write("film.mkv", random.Random(1).randbytes(200_000)),
        NOT_MEDIA,
    ),
    Row("zeros", "100 kB of zeros", lambda studio: studio.write("film.mp4", bytes(100_000)), NOT_MEDIA),
    Row("text", "1000 lines of text", lambda studio: studio.write("film.avi", b"some text\n" * 1000), NOT_MEDIA),
    Row(
        "playlist",
        "an M3U8 that names another file",
        lambda studio: studio.write("film.mkv", b"#EXTM3U\n#EXTINF:10,\n/etc/passwd\n#EXT-X-ENDLIST\n"),
        NOT_MEDIA,
        "never followed",
    ),
    Row(
        "concat script",
        "an ffconcat script that names a film",
        lambda studio: studio.write("film.mkv", f"ffconcat version 1.0\nfile '{studio.film('seed.mkv')}'\n".encode()),
        NOT_MEDIA,
        "never followed",
    ),
    Row("disc image (ISO)", "ISO 9660 head, a VOB inside", _disc_image, NOT_MEDIA, "unpack it: the files inside work"),
    Row("subtitles only", "an SRT in MKV", _subtitles, NO_VIDEO),
    Row("sound only, M4A", "AAC", lambda studio: studio.film("song.m4a", seconds=3, codec=None), NO_VIDEO),
    Row("sound only, MKV", "the film's sound alone", lambda studio: _sound_of(studio, "song.mkv"), NO_VIDEO),
    Row("MP3 with cover art", "a PNG as attached picture", _song_with_cover, NO_VIDEO),
    Row("cover as first track", "MKV: PNG track before the film, no disposition", _cover_track_first, Shown()),
    Row("single image, PNG", "one frame", _cover, NOT_MEDIA),
    Row(
        "single image, JPEG",
        "one frame",
        lambda studio: studio.ffmpeg("film.jpg", "-i", studio.film("seed.mkv"), "-frames:v", "1"),
        NOT_MEDIA,
    ),
    Row("animated GIF", "two seconds", _gif, NOT_MEDIA),
    Row("image sequence", "a folder of PNGs", _sequence, Refused("NOT_A_FILE")),
    Row("encrypted, MP4", "CENC, key withheld", _encrypted, Refused("ENCRYPTED")),
    Row("encrypted, TS", "video packets scrambled", _scrambled, NO_VIDEO),
    Row(
        "motion JPEG",
        "AVI of an old camera",
        lambda studio: studio.ffmpeg("film.avi", "-i", studio.film("seed.mkv"), "-c:v", "mjpeg", "-an"),
        Shown(),
    ),
)
