"""Names that lead back to what they stand for, and tell nobody else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.chassis.opaque import OpaqueNames, new_naming_key

KEY = new_naming_key()
NAMES = OpaqueNames(KEY)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.text("ab", max_size=3))
def test_a_name_leads_back_and_is_always_the_same(text: str, realm: str):
    name = NAMES.name(text, realm)

    assert re.fullmatch(r"[A-Za-z0-9_-]+", name)
    assert OpaqueNames(KEY).name(text, realm) == name
    assert NAMES.text(name, realm) == text


def test_a_name_does_not_show_what_it_stands_for():
    name = NAMES.name("/media/films/The Film.mkv")

    assert "film" not in name.lower()
    assert NAMES.name("/media/films/The Film.mkw")[:16] != name[:16]


def test_a_name_is_good_in_its_realm_and_for_its_key_only():
    name = NAMES.name("/media", "pictures")

    assert NAMES.text(name) is None
    assert NAMES.text(name, "others") is None
    assert OpaqueNames(new_naming_key()).text(name, "pictures") is None


@pytest.mark.parametrize("name", ["", "x", "../../etc/passwd", "a" * 22, "a" * 9000, "é" * 30, "a b" * 10])
def test_what_nobody_named_leads_nowhere(name: str):
    assert NAMES.text(name) is None


@given(st.integers(0, 29), st.sampled_from("AQgw_-"))
def test_a_name_that_was_touched_leads_nowhere_else(place: int, letter: str):
    name = NAMES.name("/media/films")

    touched = name[:place] + letter + name[place + 1 :]

    assert NAMES.text(touched) in {None, "/media/films"}
