"""Fingerprints, pack names, slots, outcomes and errors."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.domain.errors import BadPath, Busy, FramewrightError, NotIndexed, NoVideo, Reject, Retry
from framewright.domain.frames import FileVersion, Picture, Rendition, fingerprint, pack_key, slot_count
from framewright.domain.outcome import Outcome

VERSION = FileVersion(1000, 1_700_000_000_123_456_789)
RENDITION = Rendition(320, 5000)
PICTURE = Picture()


@pytest.mark.parametrize(
    "changed",
    [
        (replace(VERSION, size=1001), RENDITION, PICTURE),
        (replace(VERSION, mtime_ns=VERSION.mtime_ns + 1), RENDITION, PICTURE),
        (VERSION, replace(RENDITION, width=322), PICTURE),
        (VERSION, replace(RENDITION, interval_ms=5001), PICTURE),
        (VERSION, RENDITION, replace(PICTURE, quality=5)),
        (VERSION, RENDITION, replace(PICTURE, tonemap="mobius")),
    ],
)
def test_every_ingredient_changes_the_fingerprint(changed: tuple[FileVersion, Rendition, Picture]) -> None:
    assert fingerprint(*changed) != fingerprint(VERSION, RENDITION, PICTURE)


def test_a_new_format_version_makes_every_output_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(VERSION, RENDITION, PICTURE), pack_key("a" * 32, VERSION, 320, PICTURE)

    monkeypatch.setattr("framewright.domain.frames.FORMAT_VERSION", 99)

    assert fingerprint(VERSION, RENDITION, PICTURE) != before[0]
    assert pack_key("a" * 32, VERSION, 320, PICTURE) != before[1]


def test_fingerprints_of_this_version_never_change() -> None:
    assert fingerprint(VERSION, RENDITION, PICTURE) == "688c17e73ed9dca7a3b61283142bdcc2"
    assert pack_key("a" * 32, VERSION, 320, PICTURE) == "e3d7505d7000a1a9c8288262610aac36.w320-q4-hable-v2"


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_neighbouring_numbers_are_not_run_together(a: int, b: int, c: int, d: int) -> None:
    one = fingerprint(FileVersion(a, b), RENDITION, PICTURE)
    other = fingerprint(FileVersion(c, d), RENDITION, PICTURE)

    assert (one == other) is ((a, b) == (c, d))


@pytest.mark.parametrize(
    ("duration", "interval", "slots"),
    [(0, 5000, 1), (1, 5000, 1), (5000, 5000, 1), (5001, 5000, 2), (10_000.4, 5000, 2)],
)
def test_a_last_short_slot_counts(duration: float, interval: int, slots: int) -> None:
    assert slot_count(duration, interval) == slots


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_running_and_waiting_are_not_settled(outcome: Outcome) -> None:
    assert outcome.settled is (outcome not in {Outcome.RUNNING, Outcome.WAITING})


@pytest.mark.parametrize(
    ("error", "family"), [(Busy, Retry), (NotIndexed, Retry), (BadPath, Reject), (NoVideo, Reject)]
)
def test_every_error_is_an_instruction_with_a_code(error: type[FramewrightError], family: type) -> None:
    raised = error("a sentence")

    assert isinstance(raised, family)
    assert (raised.reason, raised.code, str(raised)) == ("a sentence", error.code, "a sentence")
    assert error("x", code="OTHER").code == "OTHER"
