"""What goes into a child and how it is found again: stamps, and keyframes made into beginnings."""

from fractions import Fraction

import pytest

from framewright.extractor.adapters.backends.passages import Passages
from framewright.extractor.adapters.backends.restart import Restart
from framewright.extractor.domain.plan import Key, Walk

AVCC = bytes((1, 100, 0, 30, 0xFF))
HVCC = bytes((1, *[0] * 20, 0xFF))


def counted(*units: bytes) -> bytes:
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def started(*units: bytes) -> bytes:
    return b"".join(b"\0\0\0\1" + unit for unit in units)


def walk(pts: int) -> Walk:
    return Walk(Key(pts, 0, pts))


@pytest.mark.parametrize("base", [Fraction(1, 1000), Fraction(1, 90_000), Fraction(1, 24)])
def test_a_stamp_leads_back_to_its_walk_and_true_time_even_where_walks_overlap(base) -> None:
    passages = Passages(base)
    sent = []
    for start in (0, 480, 240, 240):
        passage = passages.open(walk(start), None, start)
        sent += [(passages.stamps(passage, pts), passage, pts) for pts in (start, start + 300, start + 100, start - 2)]

    found = [passages.find(stamps[0]) for stamps, _, _ in sent]

    assert found == [(passage, pts) for _, passage, pts in sent]


def test_decode_stamps_only_grow_and_never_pass_those_of_showing() -> None:
    passages = Passages(Fraction(1, 24))
    stamps = []
    for start in (480, 0):
        passage = passages.open(walk(start), None, start)
        reset = passages.reset_stamp()
        stamps += [(reset, reset), *(passages.stamps(passage, start + place) for place in range(2000))]

    decoded = [dts for _, dts in stamps]

    assert decoded == sorted(set(decoded))
    assert all(dts <= pts for pts, dts in stamps)


def test_a_picture_that_only_reset_the_decoder_lies_before_its_walks_keyframe() -> None:
    passages = Passages(Fraction(1, 1000))
    passage = passages.open(walk(5000), None, 5000)

    found = passages.find(passages.reset_stamp())

    assert found is not None
    assert found[0] is passage
    assert found[1] < 5000 - 1000


def test_negative_and_huge_times_survive() -> None:
    passages = Passages(Fraction(1, 90_000))
    for start in (-900, 2**40):
        passage = passages.open(walk(start), None, start)

        pts, dts = passages.stamps(passage, start)

        assert dts >= 0
        assert passages.find(pts) == (passage, start)


@pytest.mark.parametrize("form", [counted, started])
def test_an_open_h264_group_needs_a_reset_and_a_closed_one_is_kept_for_it(form) -> None:
    restart = Restart("h264", AVCC if form is counted else b"")
    closed, opened = form(b"\x06sei", b"\x65slice"), form(b"\x06sei", b"\x41slice")

    restart.offer(opened)
    assert restart.reset == b""
    restart.offer(closed)

    assert restart.reset == closed
    assert restart.reset_needed(opened)
    assert not restart.reset_needed(closed)
    assert restart.fresh(opened) == opened


@pytest.mark.parametrize("form", [counted, started])
def test_an_open_hevc_group_becomes_one_with_a_broken_link_and_nothing_else_changes(form) -> None:
    restart = Restart("hevc", HVCC if form is counted else b"")
    opened = form(b"\x4e\x01sei", b"\x2a\x01slice", b"\x2a\x01slice")

    fresh = restart.fresh(opened)

    assert fresh == form(b"\x4e\x01sei", b"\x20\x01slice", b"\x20\x01slice")
    assert restart.unit_types(fresh) == [39, 16, 16]
    assert not restart.reset_needed(opened)


def test_a_closed_hevc_group_and_other_codecs_are_left_alone() -> None:
    idr = counted(b"\x28\x01slice")

    assert Restart("hevc", HVCC).fresh(idr) == idr
    assert Restart("vp9", b"").fresh(b"anything") == b"anything"
    assert not Restart("vp9", b"").reset_needed(b"anything")


@pytest.mark.parametrize("damaged", [b"", b"\0", b"\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\1", b"\0\0\0\1\x65"])
@pytest.mark.parametrize("extradata", [AVCC, b""])
def test_damaged_packets_are_looked_at_without_harm(damaged, extradata) -> None:
    restart = Restart("h264", extradata)

    assert len(restart.unit_types(damaged)) <= 1
