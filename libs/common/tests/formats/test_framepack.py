"""Frame packs: nothing is lost on the way, nothing broken is believed, and every slot shows the right picture."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framewright.domain.errors import Reject
from framewright.domain.frames import FileVersion, Picture, slot_count
from framewright.formats.framepack import (
    CLOSE_MS,
    EARLY_MS,
    HARD_PART_LIMIT,
    PART_LIMIT,
    ExtractionReport,
    PackHeader,
    PackManifest,
    build_pack,
    check_part,
    covers,
    decode_manifest,
    encode_manifest,
    pictures,
    slot_frames,
)

HEADER = PackHeader(
    path_id="0" * 32,
    version=FileVersion(size=8_000_000_000, mtime_ns=1_785_000_000_123_456_789),
    width=320,
    height=180,
    picture=Picture(),
    duration_ms=60_000,
    intervals_ms=(10_000,),
    report=ExtractionReport(path="index", slots=6, decoded=6, wall_s=0.25, warnings=("odd header",)),
)
TIMES = st.lists(st.integers(-100, 400_000), min_size=1, max_size=60, unique=True)
INTERVALS = st.sampled_from([1_000, 2_000, 2_500, 5_000, 10_000, 60_000])


def manifest(*times: int, duration_ms: int = 60_000) -> PackManifest:
    header = msgspec.structs.replace(HEADER, duration_ms=duration_ms)
    return build_pack([(time, b"jpeg") for time in times], header)[1]


def shown(pack: PackManifest, interval_ms: int) -> list[int]:
    return [pack.frames[index].pts_ms for index in slot_frames(pack, interval_ms)]


def altered(**changes: object) -> bytes:
    return json.dumps(json.loads(encode_manifest(manifest(0, 10_000))) | changes).encode()


@settings(deadline=None)
@given(
    st.dictionaries(st.integers(-100, 10**8), st.binary(min_size=1, max_size=200), min_size=1, max_size=30),
    st.integers(1, 500),
)
def test_what_is_packed_is_unpacked_in_the_order_of_time(frames: dict[int, bytes], part_limit: int):
    parts, packed = build_pack(frames.items(), HEADER, part_limit)

    received = decode_manifest(encode_manifest(packed))

    assert received == packed
    assert [frame.pts_ms for frame in received.frames] == sorted(frames)
    assert pictures(received, parts) == [frames[time] for time in sorted(frames)]
    assert all(len(part) <= part_limit or part in frames.values() for part in parts)


def test_the_manifest_keeps_what_the_header_says():
    received = decode_manifest(encode_manifest(manifest(0)))

    assert received.version == HEADER.version
    assert received.picture == Picture(quality=4, tonemap="hable")
    assert received.report == HEADER.report
    assert (received.width, received.height, received.partial, received.schema) == (320, 180, False, 1)


def test_parts_fill_up_to_the_limit_and_no_picture_is_split():
    small, large = bytes(2**20), bytes(5 * 2**20)

    parts, packed = build_pack(enumerate([small, small, small, small, large, small]), HEADER)

    assert [len(part) // 2**20 for part in parts] == [3, 1, 5, 1]
    assert [(frame.part, frame.offset) for frame in packed.frames][:4] == [(0, 0), (0, 2**20), (0, 2 * 2**20), (1, 0)]
    assert PART_LIMIT == 3 * 2**20


def test_a_time_given_twice_is_stored_once():
    parts, packed = build_pack([(0, b"a"), (5_000, b"b"), (0, b"a")], HEADER)

    assert parts == [b"ab"]
    assert len(packed.frames) == 2


@pytest.mark.parametrize("frames", [[], [(0, b"")], [(0, b"a"), (1, b"")]])
def test_a_pack_without_pictures_or_with_an_empty_one_is_refused(frames: list[tuple[int, bytes]]):
    with pytest.raises(Reject) as caught:
        build_pack(frames, HEADER)

    assert caught.value.code == "BAD_PACK"


@pytest.mark.parametrize("part_limit", [0, HARD_PART_LIMIT])
def test_a_part_limit_that_a_message_cannot_hold_is_a_mistake_of_the_caller(part_limit: int):
    with pytest.raises(ValueError, match="part_limit"):
        build_pack([(0, b"a")], HEADER, part_limit)


def test_fields_of_a_later_version_are_ignored():
    data = altered(colour_space="new", report={"path": "linear", "watts": 12})

    assert decode_manifest(data).report.path == "linear"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[1]",
        b'{"path_id":"\xff"}',
        b'{"later":' + b"[" * 100_000,
        encode_manifest(manifest(0))[:-1],
        altered(schema=2),
        altered(width="wide"),
        altered(frames=[]),
        altered(intervals_ms=[]),
        altered(intervals_ms=[0]),
        altered(frames=[{"pts_ms": 0, "part": 1, "offset": 0, "size": 4}]),
        altered(frames=[{"pts_ms": 0, "part": 0, "offset": 5, "size": 4}]),
        altered(frames=[{"pts_ms": 0, "part": 0, "offset": -4, "size": 4}]),
        altered(frames=[{"pts_ms": time, "part": 0, "offset": 0, "size": 4} for time in (5, 5)]),
    ],
)
def test_a_manifest_that_cannot_be_believed_is_refused(data: bytes):
    with pytest.raises(Reject) as caught:
        decode_manifest(data)

    assert caught.value.code == "BAD_PACK"


def test_a_part_is_checked_to_the_last_bit():
    (part,), packed = build_pack([(0, b"picture")], HEADER)
    check_part(packed, 0, part)

    for number, data in ((0, b"pictura"), (0, b"pictur"), (1, part), (-1, part)):
        with pytest.raises(Reject) as caught:
            check_part(packed, number, data)
        assert caught.value.code == "BAD_PACK"


def test_pictures_are_not_handed_out_of_an_altered_or_incomplete_pack():
    parts, packed = build_pack([(0, b"one"), (5, b"two")], HEADER, part_limit=3)

    for received in ([parts[0]], [parts[1], parts[0]], [*parts, b""]):
        with pytest.raises(Reject):
            pictures(packed, received)


@pytest.mark.parametrize(
    ("interval_ms", "covered"), [(10_000, True), (30_000, True), (5_000, False), (15_000, False), (0, False)]
)
def test_finer_pictures_serve_coarser_slots(interval_ms: int, covered: bool):
    assert covers(manifest(0), interval_ms) is covered


def test_a_pack_for_two_intervals_covers_the_multiples_of_both():
    pack = msgspec.structs.replace(manifest(0), intervals_ms=(4_000, 10_000))

    assert [covers(pack, interval) for interval in (8_000, 20_000, 6_000)] == [True, True, False]


def test_the_first_picture_inside_a_slot_stands_for_it():
    assert shown(manifest(300, 900, 10_400, 19_990, duration_ms=20_000), 10_000) == [300, 10_400]


def test_a_picture_just_before_its_slot_counts_when_the_slot_has_none():
    assert shown(manifest(0, 9_960, 20_000, 20_500, duration_ms=30_000), 10_000) == [0, 9_960, 20_000]


def test_a_picture_just_before_a_slot_gives_way_to_one_inside():
    assert shown(manifest(0, 9_960, 19_000, duration_ms=20_000), 10_000) == [0, 19_000]


def test_a_hole_repeats_the_picture_nearest_in_time():
    assert shown(manifest(0, 20_000, 40_000, duration_ms=45_000), 5_000) == [0, 0, *[20_000] * 4, *[40_000] * 3]


def test_a_hole_at_the_start_shows_the_first_picture():
    assert shown(manifest(25_000, 31_000, duration_ms=40_000), 10_000) == [25_000, 25_000, 25_000, 31_000]


@pytest.mark.parametrize(
    ("last_ms", "slots"),
    [(50_000, 6), (39_960, 6), (30_000, 6), (29_960, 6), (29_940, 3), (0, 1), (-60, 1), (75_000, 6)],
)
def test_a_short_tail_is_filled_and_a_long_one_left_out(last_ms: int, slots: int):
    pack = manifest(-100, last_ms, duration_ms=60_000)

    assert len(slot_frames(pack, 10_000)) == slots
    assert slot_frames(pack, 10_000)[-1] == 1


@settings(deadline=None)
@given(TIMES, INTERVALS, st.integers(1, 400_000))
def test_every_slot_has_a_picture_and_pictures_never_go_back(times: list[int], interval_ms: int, duration_ms: int):
    pack = manifest(*times, duration_ms=duration_ms)

    chosen = slot_frames(pack, interval_ms)

    assert 1 <= len(chosen) <= slot_count(duration_ms, interval_ms)
    assert all(0 <= index < len(pack.frames) for index in chosen)
    assert chosen == sorted(chosen)


@settings(deadline=None)
@given(TIMES, INTERVALS, st.integers(1, 400_000))
def test_a_slot_with_a_picture_of_its_own_shows_it(times: list[int], interval_ms: int, duration_ms: int):
    for slot, time in enumerate(shown(manifest(*times, duration_ms=duration_ms), interval_ms)):
        start, end = slot * interval_ms, (slot + 1) * interval_ms
        inside = [own for own in times if start <= own < end]
        early = [near for near in times if start - EARLY_MS <= near < start]
        close = [near for near in early if inside and start - near <= min(CLOSE_MS, min(inside) - start)]

        if close:
            assert time == max(close)
        elif inside:
            assert time == min(inside)
        elif early:
            assert time == max(early)


@settings(deadline=None)
@given(TIMES, INTERVALS, st.integers(1, 400_000))
def test_only_a_tail_without_pictures_is_left_out(times: list[int], interval_ms: int, duration_ms: int):
    kept = len(shown(manifest(*times, duration_ms=duration_ms), interval_ms))

    left_out = range(kept, slot_count(duration_ms, interval_ms))

    assert not left_out or len(left_out) > 2
    assert not any(time >= slot * interval_ms - EARLY_MS for slot in left_out for time in times)


@settings(deadline=None)
@given(TIMES, INTERVALS, st.integers(1, 400_000))
def test_no_picture_is_nearer_to_a_hole_than_the_one_shown(times: list[int], interval_ms: int, duration_ms: int):
    for slot, time in enumerate(shown(manifest(*times, duration_ms=duration_ms), interval_ms)):
        start, middle = slot * interval_ms, (slot + 0.5) * interval_ms
        hole = not any(start - EARLY_MS <= near < start + interval_ms for near in times)

        assert not hole or abs(time - middle) == min(abs(other - middle) for other in times)
