"""A change that is tried again may find a newer one of its path waiting: neither may be lost."""

from datetime import UTC, datetime, timedelta

import msgspec

from framewright.contracts.media import RENAMED_AWAY, MediaChangedV1
from framewright.domain.outcome import ChangeKind

EARLIER = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def change(event_id: str, kind: ChangeKind, previous_path: str = "", minutes: int = 0) -> MediaChangedV1:
    return MediaChangedV1(
        event_id=event_id,
        key="k",
        source="radarr",
        kind=kind,
        path="/data/b.mkv",
        previous_path=previous_path,
        observed_at=EARLIER + timedelta(minutes=minutes),
    )


def test_the_newer_meaning_is_acted_on_under_the_older_id() -> None:
    both = change("first", ChangeKind.ADDED).united(change("second", ChangeKind.UPGRADED, minutes=1))

    assert (both.event_id, both.kind, both.merged) == ("first", ChangeKind.UPGRADED, ("second",))


def test_a_rename_keeps_the_name_that_it_came_from() -> None:
    both = change("first", ChangeKind.RENAMED, "/data/a.mkv").united(change("second", ChangeKind.CHANGED, minutes=1))

    assert (both.kind, both.previous_path) == (ChangeKind.RENAMED, "/data/a.mkv")


def test_what_is_gone_after_a_rename_still_says_where_its_outputs_are() -> None:
    gone = change("first", ChangeKind.RENAMED, "/data/a.mkv").united(change("second", ChangeKind.DELETED, minutes=1))
    back = gone.united(change("third", ChangeKind.ADDED, minutes=2))

    assert (gone.kind, gone.previous_path) == (ChangeKind.DELETED, "/data/a.mkv")
    assert (back.kind, back.previous_path) == (ChangeKind.RENAMED, "/data/a.mkv")


def test_what_went_on_to_a_third_name_leaves_its_first_one_to_that() -> None:
    away = msgspec.structs.replace(change("second", ChangeKind.DELETED, minutes=1), why=RENAMED_AWAY)

    both = change("first", ChangeKind.RENAMED, "/data/a.mkv").united(away)

    assert (both.kind, both.previous_path) == (ChangeKind.DELETED, "")


def test_the_same_change_again_is_no_other() -> None:
    one = change("first", ChangeKind.ADDED)

    assert one.united(one) == one
