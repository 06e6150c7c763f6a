import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.extractor.domain.ending import Ending
from framewright.extractor.domain.promise import promised_bytes
from framewright.extractor.domain.slots import Coverage, Slot, choose, count_slots, is_sliver, slots_between


def test_slots_of_several_rhythms_come_by_start_and_equal_ones_once() -> None:
    slots = slots_between(0, 10_001, [10_000, 5000, 5000])

    assert slots == [Slot(0, 5000), Slot(0, 10_000), Slot(5000, 10_000), Slot(10_000, 15_000), Slot(10_000, 20_000)]


def test_the_first_picture_inside_a_slot_is_chosen_and_later_ones_are_not_decoded() -> None:
    seen: list[int] = []

    def pictures() -> object:
        for time in range(0, 60_000, 40):
            seen.append(time)
            yield time, time

    chosen = list(choose(pictures(), [Slot(5000, 10_000), Slot(10_000, 15_000)], 40))

    assert chosen == [(5000, 5000), (10_000, 10_000)]
    assert seen[-1] == 10_000


def test_the_last_frame_of_the_film_stands_for_a_slot_that_begins_while_it_shows() -> None:
    assert list(choose([(0, "a"), (9980, "z")], [Slot(10_000, 15_000)], 41)) == [(9980, "z")]
    assert list(choose([(0, "a"), (9950, "z")], [Slot(10_000, 15_000)], 41)) == []


def test_a_slot_that_all_pictures_jump_over_stays_empty() -> None:
    assert list(choose([(0, "a"), (20_000, "b")], [Slot(5000, 10_000), Slot(20_000, 25_000)], 41)) == [(20_000, "b")]


@given(
    times=st.lists(st.integers(0, 100_000), max_size=50),
    interval=st.integers(100, 20_000),
    duration=st.integers(1, 100_000),
)
def test_holes_are_the_slots_that_no_picture_serves(times: list[int], interval: int, duration: int) -> None:
    coverage = Coverage(40)
    for time in times:
        coverage.add(time)

    slots = slots_between(0, duration, [interval]) or [Slot(0, interval)]

    missing = coverage.missing(slots)
    spared = len(slots) > 1 and is_sliver(slots[-1], duration) and missing[-2:] == slots[-1:]
    assert coverage.holes(duration, [interval]) == len(missing) - spared
    assert count_slots(duration, [interval]) == len(slots)


def test_a_film_that_ends_early_is_partial_and_owes_its_tail() -> None:
    ending = Ending(claimed_ms=60_000, believed_ms=60_000, video_ms=None, seen_ms=36_000)

    assert ending.partial(5000)
    assert (ending.duration_ms, ending.owed_ms(5000)) == (36_000, 60_000)


def test_sound_that_outlasts_the_picture_is_no_missing_tail() -> None:
    ending = Ending(claimed_ms=60_000, believed_ms=60_000, video_ms=50_000, seen_ms=50_000)

    assert not ending.partial(5000)
    assert ending.owed_ms(5000) == 50_000


def test_a_file_shorter_than_it_announces_is_partial_however_short_the_missing_tail() -> None:
    assert Ending(60_000, 60_000, None, 59_900, cut_off=True).partial(5000)


def test_the_announced_length_of_matroska_and_avi_is_read_from_their_first_bytes() -> None:
    matroska = bytes.fromhex("1A45DFA3 84 42868101 18538067 0100000000000400")
    live = bytes.fromhex("1A45DFA3 84 42868101 18538067 01FFFFFFFFFFFFFF")

    assert promised_bytes(matroska) == len(matroska) + 0x400
    assert promised_bytes(live) == 0
    assert promised_bytes(b"RIFF\x00\x10\x00\x00AVI LIST") == 8 + 0x1000


@given(st.binary(max_size=64))
def test_any_first_bytes_are_read_without_complaint(rest: bytes) -> None:
    assert promised_bytes(bytes.fromhex("1A45DFA3") + rest) >= 0


@pytest.mark.parametrize(
    ("duration_ms", "times", "holes"),
    [(10_020, [0, 5000], 0), (10_020, [0, 5000, 10_010], 0), (10_600, [0, 5000], 1), (10_020, [0], 2), (20, [], 1)],
)
def test_a_sliver_at_the_end_is_no_hole(duration_ms, times, holes) -> None:
    coverage = Coverage(frame_ms=40.0)
    for time_ms in times:
        coverage.add(time_ms)

    assert coverage.holes(duration_ms, (5000,)) == holes
