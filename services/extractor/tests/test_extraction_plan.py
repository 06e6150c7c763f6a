from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.extractor.domain.plan import FilmIndex, Key, believable_duration, index_fault, plan, replan
from framewright.extractor.domain.request import Mode
from framewright.extractor.domain.slots import Coverage, Slot, early_ms, is_sliver

FRAME_MS = 1000 / 24
BYTES_PER_MS = 100


def index_of(times: Sequence[int], duration_ms: int, **fields: object) -> FilmIndex:
    keys = tuple(Key(time, time * BYTES_PER_MS, time) for time in times)
    size = {"file_bytes": duration_ms * BYTES_PER_MS + 1, "frame_ms": FRAME_MS}
    return FilmIndex(keys, duration_ms, **{**size, **fields})


def test_a_keyframe_inside_the_slot_is_taken_and_nothing_is_decoded_forward() -> None:
    drawn = plan(index_of(range(0, 60_000, 2000), 60_000), [5000])

    assert [walk.key.time_ms for walk in drawn.walks] == [
        0,
        6000,
        10_000,
        16_000,
        20_000,
        26_000,
        30_000,
        36_000,
        40_000,
        46_000,
        50_000,
        56_000,
    ]
    assert all(walk.take_key and not walk.targets for walk in drawn.walks)


def test_slots_without_a_keyframe_share_one_walk_from_the_keyframe_before_them() -> None:
    drawn = plan(index_of([0, 20_000, 40_000], 60_000), [5000])

    first = drawn.walks[0]
    assert first.take_key
    assert [slot.start_ms for slot in first.targets] == [5000, 10_000, 15_000]
    assert len(drawn.walks) == 3


def test_fast_mode_takes_the_nearest_keyframe_and_says_so() -> None:
    drawn = plan(index_of([0, 20_000, 40_000], 60_000), [5000], Mode.FAST)

    assert all(not walk.targets for walk in drawn.walks)
    assert drawn.warnings == ("9 slots without a keyframe of their own show the nearest one",)


def test_several_rhythms_merge_into_one_plan_that_takes_each_keyframe_once() -> None:
    drawn = plan(index_of(range(0, 60_000, 1000), 60_000), [10_000, 5000, 2000])

    times = [walk.key.time_ms for walk in drawn.walks]
    assert times == sorted({*range(0, 60_000, 5000), *range(0, 60_000, 2000)})


def test_a_gap_too_long_to_decode_through_accepts_the_nearest_keyframe_with_a_warning() -> None:
    drawn = plan(index_of([0, 300_000, 400_000], 410_000), [60_000])

    assert not any(walk.targets for walk in drawn.walks if walk.key.time_ms == 0)
    assert drawn.warnings == ("4 slots lie too far from a keyframe and show the nearest one",)


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        (index_of([0, 2000], 60_000), "the index ends at 2 s of 60 s"),
        (index_of([], 60_000), "the index lists no keyframe"),
        (index_of(range(0, 60_000, 2000), 60_000, file_bytes=1000), "the file is shorter than its index"),
        (index_of(range(0, 60_000, 2000), 60_000, data_end=10**9), "the file is shorter than its index"),
        (index_of([0, 4000, 2000, 50_000], 60_000), "the index is out of order"),
        (index_of([0], 60_000, fault="the format has no index"), "the format has no index"),
    ],
)
def test_an_index_that_does_not_cover_the_film_gives_its_reason(index: FilmIndex, reason: str) -> None:
    drawn = plan(index, [5000])

    assert drawn.linear == reason
    assert not drawn.walks


def test_ten_hours_claimed_for_a_minute_of_film_are_not_planned() -> None:
    keys = tuple(Key(time, time * BYTES_PER_MS, time) for time in range(0, 47_000, 2000))
    index = FilmIndex(keys, 36_000_000, FRAME_MS, 47_000 * BYTES_PER_MS)

    drawn = plan(index, [5000])

    assert not drawn.linear
    assert drawn.duration_ms < 100_000
    assert any("claims 36000 s" in warning for warning in drawn.warnings)


def test_a_quiet_tail_is_not_cut_off() -> None:
    index = index_of(range(0, 118 * 60_000, 2000), 120 * 60_000)

    assert believable_duration(index) == 120 * 60_000
    assert not index_fault(index, 120 * 60_000)


def test_a_slot_whose_keyframe_was_broken_is_decoded_from_the_one_before() -> None:
    index = index_of(range(0, 60_000, 5000), 60_000)

    walks = replan(index, [Slot(10_000, 15_000)])

    assert [(walk.key.time_ms, walk.take_key, walk.targets) for walk in walks] == [
        (5000, False, (Slot(10_000, 15_000),))
    ]


@given(
    gaps=st.lists(st.integers(1, 20_000), min_size=3, max_size=60),
    intervals=st.lists(st.integers(500, 20_000), min_size=1, max_size=3),
)
def test_every_slot_is_served_or_aimed_at_and_no_keyframe_is_walked_twice(
    gaps: list[int], intervals: list[int]
) -> None:
    times = [sum(gaps[:place]) for place in range(len(gaps))]
    index = index_of(times, times[-1] + 1000)

    drawn = plan(index, intervals)

    coverage = Coverage(FRAME_MS)
    for walk in drawn.walks:
        if walk.take_key:
            coverage.add(walk.key.time_ms)
    aimed = {slot for walk in drawn.walks for slot in walk.targets}
    due = [slot for slot in drawn.slots if not is_sliver(slot, drawn.duration_ms)]
    assert all(coverage.serves(slot) or slot in aimed for slot in due)
    assert not any(coverage.serves(slot) for slot in aimed)
    assert len({walk.key for walk in drawn.walks}) == len(drawn.walks)


@given(gaps=st.lists(st.integers(1, 20_000), min_size=3, max_size=60), interval=st.integers(500, 20_000))
def test_forward_targets_lie_between_their_keyframe_and_the_next(gaps: list[int], interval: int) -> None:
    times = [sum(gaps[:place]) for place in range(len(gaps))]

    drawn = plan(index_of(times, times[-1] + 1000), [interval])

    for walk in drawn.walks:
        following = min((time for time in times if time > walk.key.time_ms), default=10**9)
        for slot in walk.targets:
            assert walk.key.time_ms < slot.start_ms < following
            assert slot.start_ms - walk.key.time_ms > early_ms(FRAME_MS)


@pytest.mark.parametrize(("duration_ms", "forward"), [(30_040, False), (31_000, True)])
def test_nothing_is_decoded_forward_for_a_sliver_of_film(duration_ms, forward) -> None:
    index = index_of([0, 10_000, 20_000, 25_000], duration_ms)

    drawn = plan(index, (10_000,))

    assert any(walk.targets for walk in drawn.walks) is forward
    assert not any(walk.targets for walk in replan(index, [Slot(30_000, 40_000)])) or forward
