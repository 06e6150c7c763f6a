"""Exclude patterns: in linear time whatever the pattern, and refusals in words."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framewright.contracts.server import parse_server
from framewright.domain.errors import Reject
from framewright.domain.patterns import LONGEST, BadPattern, LinearPattern, linear_pattern


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        (r"(?i)\bSAMPLE\b", "/data/a sample.mkv", True),
        (r"\.ts$", "/data/film.ts", True),
        (r"\.ts$", "/data/film.ts.mkv", False),
        (r"/(Extras|Featurettes)/", "/data/Film/Extras/a.mkv", True),
        (r"^/data/tv/", "/mnt/data/tv/a.mkv", False),
        (r"/\pL+\.mkv$", "/data/été.mkv", True),
        (r"S\d{2}E\d{2}", "/tv/Show/S01E02.mkv", True),
        (r"[^a-z/.]", "/data/film.mkv", False),
    ],
)
def test_a_pattern_is_searched_for_anywhere_in_the_path(pattern: str, path: str, matches: bool) -> None:
    assert LinearPattern(pattern).search(path) is matches


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_a_pattern_or_is_refused_in_words(text: str) -> None:
    try:
        reason = "none" if LinearPattern(text) else ""
    except BadPattern as refusal:
        reason = str(refusal)

    assert reason


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a)\1", "invalid escape sequence"),
        (r"(?=a)b", "invalid perl operator"),
        (r"^(?!.*\.mkv$)", "invalid perl operator"),
        (r"(?<=/)a", "invalid perl operator|invalid named capture"),
        (r"a**", "bad repetition operator"),
        (r"*a", "no argument for repetition"),
        (r"a{9999}", "invalid repetition size"),
        (r"((a{99}){99}){99}", "invalid repetition size|too large"),
        (r"(a", "missing"),
        (r"a)", "unexpected"),
        (r"[a", "missing"),
        (r"[z-a]", "invalid character class range"),
        ("a\\", "trailing"),
        ("\ud800", "surrogates"),
        ("a" * (LONGEST + 1), "more than 500"),
    ],
)
def test_what_cannot_be_matched_in_linear_time_is_refused_with_its_reason(pattern: str, reason: str) -> None:
    with pytest.raises(BadPattern, match=reason):
        LinearPattern(pattern)


@pytest.mark.parametrize(
    "pattern", [r"(a+)+$", r"(a|a)*b", r"(a|aa)+$", r".*.*.*.*.*x", r"(.*/)*z", r"([a-z]+)*\d", r"(?:a?){150}a{50}b"]
)
def test_a_hostile_path_costs_linear_time(pattern: str) -> None:
    began = time.perf_counter()

    found = LinearPattern(pattern).search("a" * 4000 + "!")

    assert not found
    assert time.perf_counter() - began < 5


def test_a_pattern_is_compiled_once() -> None:
    assert linear_pattern(r"\.ts$") is linear_pattern(r"\.ts$")


@pytest.mark.parametrize("pattern", [r"(?!x)", r"(a)\1", r"((a{99}){99}){99}", "("])
def test_a_server_is_not_saved_with_a_pattern_that_cannot_be_used(pattern: str) -> None:
    with pytest.raises(Reject, match=r"^exclude_paths\[0\].value is not a regular expression that can be used: "):
        parse_server({"id": "s", "type": "folder", "exclude_paths": [{"value": pattern, "type": "regex"}]})
