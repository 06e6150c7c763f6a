"""When a server is asked again and what follows when it does not know a file: the ladder as pure steps."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from framewright.contracts.publish import ChangedPath, RefreshWantedV1
from framewright.domain.outcome import ChangeKind
from framewright.publisher.domain import refreshing

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FILM = ChangedPath("/m/a.mkv", ChangeKind.ADDED)
WISH = RefreshWantedV1(
    server_type="plex", server_id="s1", place="ab12", library_ids=("1",), changed=(FILM,), first_at=NOON
)


def test_a_server_is_asked_five_times_and_a_slow_one_not_before_it_can_know() -> None:
    assert refreshing.looks(10.0) == (10.0, 30.0, 60.0, 120.0, 300.0)
    assert refreshing.looks(75.0) == (75.0, 120.0, 300.0)


def test_the_ladder_ends_at_the_root_and_each_step_waits_in_a_place_of_its_own() -> None:
    places, wish = [], WISH
    while wish is not None:
        look = refreshing.being_looked_for(wish, wish.changed, NOON)
        places += [wish.place, look.place]
        wish = refreshing.climbed(look, look.changed, 2)

    assert places == ["ab12", "ab12-0-look", "ab12-1", "ab12-1-look", "ab12-2", "ab12-2-look"]


def test_nothing_wider_follows_where_that_is_not_wished() -> None:
    assert refreshing.climbed(msgspec.structs.replace(WISH, climbs=False), (FILM,), 2) is None


def test_the_last_look_is_the_last() -> None:
    look = refreshing.being_looked_for(WISH, (FILM,), NOON)
    due = []
    while look is not None:
        due.append((refreshing.look_due(look, 10.0) - NOON).total_seconds())
        look = refreshing.next_look(look, 10.0)

    assert due == [10.0, 30.0, 60.0, 120.0, 300.0]


@pytest.mark.parametrize("cause", [ChangeKind.DELETED, ChangeKind.CHANGED])
def test_only_files_that_appeared_must_become_known(cause: ChangeKind) -> None:
    changed = (FILM, ChangedPath("/m/gone.mkv", cause), ChangedPath("/m/a.srt", ChangeKind.ADDED))

    assert refreshing.to_be_known(changed) == (FILM,)


def test_a_file_that_joins_a_look_has_its_whole_time() -> None:
    older = msgspec.structs.replace(refreshing.being_looked_for(WISH, (FILM,), NOON), looked=3)
    new = msgspec.structs.replace(WISH, first_at=NOON + timedelta(seconds=90), climbs=False)
    newer = refreshing.being_looked_for(new, (ChangedPath("/m/b.mkv", ChangeKind.ADDED),), NOON + timedelta(seconds=99))

    for both in (refreshing.together(older, newer), refreshing.together(newer, older)):
        assert {one.path for one in both.changed} == {"/m/a.mkv", "/m/b.mkv"}
        assert (both.told_at, both.looked, both.climbs) == (newer.told_at, 0, True)
