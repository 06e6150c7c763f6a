"""Path B: broadcasts have no index, yet only a part of them must be read."""

from collections.abc import Sequence
from pathlib import Path

import av
import pytest

from framewright.chassis.testing.media import read_timecode
from framewright.extractor.adapters.output import reel_of
from framewright.extractor.domain.plan import FilmIndex
from framewright.extractor.domain.request import Mode
from framewright.extractor.domain.seeking import PROBATION, Tally, searched_slots, time_walks
from framewright.extractor.domain.slots import Slot

PAL = 25


@pytest.fixture
def broadcast(film):
    """90 seconds of a recording with a keyframe about every half second."""

    def make(name: str = "broadcast.ts", **fields: object):
        given = {"seconds": 89, "fps": PAL, "codec": "mpeg2video", "gop": 12, "b_frames": 2}
        return film(name, **{**given, "width": 640, "height": 360, **fields})

    return make


@pytest.mark.parametrize("name", ["broadcast.ts", "disc.m2ts"])
def test_a_recording_is_searched_by_time_and_read_in_part(broadcast, pull, misplaced, name) -> None:
    extraction = pull(broadcast(name), 5000)

    report = extraction.report
    assert (report.path, report.slots, report.holes) == ("timestamp", 18, 0)
    assert misplaced(extraction, PAL) == []
    assert report.decoded == 18


def test_threads_share_the_search(broadcast, pull) -> None:
    alone, together = pull(broadcast(), 5000), pull(broadcast(), 5000, threads=2)

    assert together.report.path == "timestamp"
    assert alone.strips[0].frames == together.strips[0].frames


def test_a_slot_without_a_keyframe_is_decoded_forward(broadcast, pull, tmp_path) -> None:
    often, seldom = broadcast("often.ts", seconds=40), broadcast("seldom.ts", seconds=12, gop=1000)
    path = joined(tmp_path / "slow.ts", [(often, 0), (seldom, 40), (often, 52)])

    window, fast = pull(path, 5000), pull(path, 5000, mode=Mode.FAST)

    assert (window.report.path, window.report.holes) == ("timestamp", 0)
    assert (fast.report.path, fast.report.holes) == ("timestamp", 1)
    assert 125 <= read_timecode(reel_of(window, "film", 5000).frames[9]) < 250
    assert fast.report.decoded < window.report.decoded


def test_keyframes_far_apart_are_not_searched_for(broadcast, pull, misplaced) -> None:
    extraction = pull(broadcast("far.ts", codec="libx264", gop=500), 5000)

    assert (extraction.report.path, extraction.report.holes) == ("linear", 0)
    assert misplaced(extraction, PAL) == []


def test_two_recordings_in_one_file_are_read_from_end_to_end(broadcast, pull, tmp_path) -> None:
    whole = broadcast().read_bytes()
    path = tmp_path / "joined.ts"
    path.write_bytes(whole + whole)

    extraction = pull(path, 5000)

    assert extraction.report.path == "linear"
    assert "begin again" in extraction.report.warnings[0]
    assert len(extraction.strips[0].frames) >= 35


def joined(path: Path, parts: Sequence[tuple[Path, int]]) -> Path:
    """One film from several, each shown from its second on."""
    with av.open(str(path), "w") as target:
        stream = None
        for part, second in parts:
            with av.open(str(part)) as source:
                video = source.streams.video[0]
                stream = stream or target.add_stream_from_template(video)
                shift = int(second / video.time_base) - video.start_time
                for packet in source.demux(video):
                    if packet.dts is not None:
                        packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                        target.mux(packet)
    return path


def slots(count: int) -> list[Slot]:
    return [Slot(number * 5000, number * 5000 + 5000) for number in range(count)]


def test_a_cheap_search_goes_on() -> None:
    tally = Tally(bytes_per_slot=1_000_000)

    for slot in slots(50):
        tally.note(slot, slot.start_ms + 100, 200_000)

    assert tally.verdict == ""


@pytest.mark.parametrize(
    ("found_after_ms", "cost", "verdict"),
    [
        (100, 700_000, "costs as much"),
        (7000, 200_000, "too far apart"),
        (None, 200_000, "too far apart"),
        (40_000, 200_000, "jump"),
    ],
)
def test_a_search_that_does_not_pay_is_given_up(found_after_ms, cost, verdict) -> None:
    tally = Tally(bytes_per_slot=1_000_000)

    for slot in slots(PROBATION):
        assert tally.verdict == ""
        tally.note(slot, None if found_after_ms is None else slot.start_ms + found_after_ms, cost)

    assert verdict in tally.verdict


@pytest.mark.parametrize(
    ("seconds", "container", "searched"),
    [
        (90, "mpegts", True),
        (90, "mpeg", True),
        (90, "matroska,webm", False),
        (30, "mpegts", False),
        (0, "mpegts", False),
    ],
)
def test_only_long_films_of_searchable_formats_are_searched(seconds, container, searched) -> None:
    index = FilmIndex((), seconds * 1000, 40.0, 10_000_000)

    walks = time_walks(index, searched_slots(index, (5000,)), container)

    assert [walk.targets[0].start_ms for walk in walks] == ([slot.start_ms for slot in slots(18)] if searched else [])


def test_a_device_that_is_not_used_is_named_with_the_reason(broadcast, pull) -> None:
    report = pull(broadcast(), 5000, device="cuda:0").report

    assert (report.device, report.refused) == ("cpu", "")
    assert "cuda:0 was not used" in report.warnings[0]
