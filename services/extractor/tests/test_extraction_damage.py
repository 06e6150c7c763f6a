import os
import random
import struct
from fractions import Fraction
from pathlib import Path

import pytest

from framewright.domain.errors import NoVideo, Reject, Retry
from framewright.extractor.adapters.output import reel_of
from framewright.extractor.domain.ending import Ending
from framewright.extractor.domain.joining import Joins

LONG = {"seconds": 40, "b_frames": 2, "audio": True}


def cut(source: Path, target: Path, share: float) -> Path:
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    return target


@pytest.mark.parametrize("share", [0.05, 0.6, 0.97])
@pytest.mark.parametrize(("name", "options"), [("whole.mkv", {}), ("whole.mp4", {"movflags": "faststart"})])
def test_a_truncated_file_shows_what_is_real_and_no_invented_tail(
    name, options, share, film, pull, misplaced, tmp_path
) -> None:
    whole = film(name, **LONG, container_options=options)

    extraction = pull(cut(whole, tmp_path / name, share))

    assert extraction.partial
    assert extraction.report.path == "linear"
    assert misplaced(extraction, 24) == []
    slots = len(reel_of(extraction, "film", 5000).frames)
    assert slots == -(-extraction.duration_ms // 5000)
    assert extraction.report.holes == extraction.report.slots - slots


def test_an_mp4_whose_index_was_cut_off_is_no_media(film, pull, tmp_path) -> None:
    with pytest.raises(Reject, match="is not a media file") as caught:
        pull(cut(film("last.mp4", seconds=6), tmp_path / "film.mp4", 0.6))
    assert caught.value.code == "NOT_MEDIA"


@pytest.mark.parametrize("name", ["whole.mkv", "whole.mp4", "hurt.ts"])
def test_random_bytes_in_the_middle_cost_no_more_than_a_few_pictures(name, film, pull, misplaced, tmp_path) -> None:
    data = bytearray(film(name, **LONG, fps=24).read_bytes())
    start, count = len(data) // 3, len(data) // 20
    data[start : start + count] = random.Random(7).randbytes(count)
    path = tmp_path / name
    path.write_bytes(data)

    extraction = pull(path)

    assert len(extraction.strips[0].frames) >= 7
    assert extraction.report.holes <= 1
    assert len(misplaced(extraction, 24)) <= 1


def test_a_header_that_claims_ten_hours_is_not_believed(film, pull, tmp_path) -> None:
    data = bytearray(film("whole.mkv", **LONG).read_bytes())
    at = data.index(bytes.fromhex("448988"))
    data[at + 3 : at + 11] = struct.pack(">d", 36_000_000.0)
    path = tmp_path / "liar.mkv"
    path.write_bytes(data)

    extraction = pull(path)

    assert extraction.report.slots <= 9
    assert extraction.duration_ms <= 41_000
    assert not extraction.partial


@pytest.mark.parametrize(
    "content",
    [
        b"",
        random.Random(1).randbytes(200_000),
        bytes(100_000),
        b"some text\n" * 1000,
        b"#EXTM3U\n#EXTINF:10,\n/etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    ],
    ids=["empty", "random", "zeros", "text", "playlist", "concat"],
)
def test_what_is_no_film_is_refused_for_good(content, pull, tmp_path) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(content)

    with pytest.raises(Reject) as caught:
        pull(path)
    assert caught.value.code == "NOT_MEDIA"


def test_a_playlist_cannot_lead_to_another_file(film, pull, tmp_path) -> None:
    path = tmp_path / "film.mkv"
    path.write_text(f"ffconcat version 1.0\nfile '{film('whole.mkv', **LONG)}'\n")

    with pytest.raises(Reject):
        pull(path)


def test_sound_alone_is_no_video(film, pull) -> None:
    with pytest.raises(NoVideo):
        pull(film("song.m4a", seconds=3, codec=None))


def test_folders_pipes_devices_and_symlink_loops_are_refused_without_being_read(pull, tmp_path) -> None:
    (tmp_path / "folder.mkv").mkdir()
    os.mkfifo(tmp_path / "pipe.mkv")
    (tmp_path / "device.mkv").symlink_to("/dev/zero")
    (tmp_path / "loop.mkv").symlink_to("loop.mkv")

    for name in ("folder", "pipe", "device", "loop"):
        with pytest.raises(Reject) as caught:
            pull(tmp_path / f"{name}.mkv")
        assert caught.value.code == "NOT_A_FILE"


def test_a_file_that_is_not_there_may_come_back(pull, tmp_path) -> None:
    (tmp_path / "dangling.mkv").symlink_to("nowhere.mkv")

    for path in (tmp_path / "missing.mkv", tmp_path / "dangling.mkv", tmp_path / "missing" / "film.mkv"):
        with pytest.raises(Retry) as caught:
            pull(path)
        assert caught.value.code == "FILE_MISSING"


def test_a_film_whose_frames_last_for_decades_does_not_fill_the_memory_with_slots(film, pull, tmp_path) -> None:
    data = bytearray(film("whole.mp4", **LONG, container_options={"movflags": "faststart"}).read_bytes())
    for place in places(data, b"mvhd") + places(data, b"mdhd"):
        # Ticks per second, then the duration in ticks.
        data[place + 16 : place + 24] = struct.pack(">II", 1, 0x7FFFFFFF)
    for place in places(data, b"stts"):
        data[place + 16 : place + 20] = struct.pack(">I", 0x7FFFFFFF)
    path = tmp_path / "centuries.mp4"
    path.write_bytes(data)

    extraction = pull(path)

    assert extraction.report.slots < 10_000
    assert len(extraction.strips[0].frames) == 1


def places(data: bytes, name: bytes) -> list[int]:
    return [place for place in range(len(data)) if data.startswith(name, place)]


def test_a_film_longer_than_its_container_claims_is_as_long_as_its_stream_says() -> None:
    ending = Ending(claimed_ms=10_000, believed_ms=10_000, video_ms=20_000, seen_ms=20_021)

    assert ending.duration_ms == 20_021
    assert not ending.partial(5000)


def test_one_damaged_time_stamp_does_not_make_a_film_longer() -> None:
    ending = Ending(claimed_ms=10_000, believed_ms=10_000, video_ms=10_000, seen_ms=65_000)

    assert ending.duration_ms == 10_000


@pytest.mark.parametrize("jump", [-50_000, 2_000_000])
def test_a_recording_joined_to_another_goes_on_where_that_one_ended(jump) -> None:
    joins = Joins(Fraction(1, 1000))

    shown = [stamp + joins.shift(stamp, 40) for stamp in (100_000, 100_040, 100_000 + jump, 100_040 + jump)]

    assert shown == [100_000, 100_040, 100_080, 100_120]


def test_frames_out_of_order_and_short_gaps_are_no_joins() -> None:
    joins = Joins(Fraction(1, 1000))

    assert [joins.shift(stamp, 40) for stamp in (0, 80, 40, 9000)] == [0, 0, 0, 0]
