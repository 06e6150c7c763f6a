"""Wishes that a server looks at a folder: which place they are, how they become one, when they are due."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from framewright.chassis.refreshes import joined_refresh
from framewright.contracts.extract import Target
from framewright.contracts.publish import MOST_CHANGED, ChangedPath, refresh_folder
from framewright.contracts.refreshing import refresh_due, refresh_place, refresh_wanted
from framewright.contracts.settings import Refresh
from framewright.domain.frames import Rendition
from framewright.domain.outcome import ChangeKind

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PLEX = Target(server_id="s1", server_type="plex", library_ids=("2", "1"), rendition=Rendition(320, 5000))


def wanted(path, cause=ChangeKind.ADDED, seconds=0, previous="", **fields):
    return refresh_wanted(PLEX, ChangedPath(path, cause, previous), NOON + timedelta(seconds=seconds), **fields)


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("/tv/Show/e1.mkv", "/tv/Show"),
        ("/tv/Show", "/tv/Show"),
        ("D:\\TV\\e1.mkv", "D:\\TV"),
        ("/tv/Mr. Robot", "/tv/Mr. Robot"),
    ],
)
def test_a_video_stands_for_its_folder_and_a_folder_for_itself(path, folder):
    assert refresh_folder(path) == folder


def test_every_spelling_of_a_folder_is_one_place_and_no_other_folder_is():
    assert refresh_place(("1", "2"), "d:\\tv\\Show\\") == refresh_place(("2", "1"), "D:/TV/show")
    others = {refresh_place(ids, folder) for ids in (("1",), ("1", "2")) for folder in ("/tv", "/tv/Show", "/TV")}
    assert len(others) == 6


def test_wishes_for_one_folder_have_one_place_whoever_made_them():
    assert wanted("/tv/e1.mkv").waiting_subject() == wanted("/tv/e2.mkv", ChangeKind.DELETED, 5).waiting_subject()


def test_united_wishes_are_the_same_in_every_order():
    wishes = [
        wanted("/tv/e1.mkv"),
        wanted("/tv/e1.mkv", ChangeKind.DELETED, 1),
        wanted("/tv/e2.mkv", seconds=2, level=1),
    ]

    results = {frozenset(first.united(second).united(third).changed) for first, second, third in permutations(wishes)}

    assert results == {
        frozenset({ChangedPath("/tv/e1.mkv", ChangeKind.DELETED), ChangedPath("/tv/e2.mkv", ChangeKind.ADDED)})
    }
    assert wishes[2].united(wishes[0]).first_at == NOON
    assert wishes[0].united(wishes[2]).level == 1


def test_a_mere_change_does_not_hide_how_a_file_came():
    renamed = wanted("/tv/e1.mkv", ChangeKind.RENAMED, previous="/tv/old.mkv")

    (one,) = wanted("/tv/e1.mkv", ChangeKind.CHANGED, 5).united(renamed).changed

    assert one == ChangedPath("/tv/e1.mkv", ChangeKind.RENAMED, "/tv/old.mkv")


def test_a_crowded_folder_is_named_alone():
    wish = wanted("/tv/e0.mkv")
    for number in range(1, MOST_CHANGED + 1):
        wish = wanted(f"/tv/e{number}.mkv", seconds=number).united(wish)

    assert wish.changed == (ChangedPath("/tv", ChangeKind.CHANGED),)


def test_a_wish_is_due_after_the_quiet_time_and_never_later_than_the_cap():
    settings = Refresh(quiet_seconds=20, longest_wait_seconds=60)

    due = [refresh_due(NOON, settings, NOON + timedelta(seconds=now)) for now in (0, 30, 50, 90)]

    assert [(one - NOON).total_seconds() for one in due] == [20, 50, 60, 60]


def test_a_joined_wish_keeps_the_time_of_the_first():
    waiting = wanted("/tv/e1.mkv")

    later = joined_refresh(wanted("/tv/e2.mkv", seconds=10), Refresh(), NOON + timedelta(seconds=10)).merge(waiting)

    assert (later.first, later.due) == (NOON, NOON + timedelta(seconds=30))
    assert [one.path for one in later.message.changed] == ["/tv/e1.mkv", "/tv/e2.mkv"]
