"""Changes of one path that come together: whatever their order, one meaning and one job."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.contracts.base import Lane
from framewright.contracts.media import RENAMED_AWAY, MediaChangedV1, RawEventV1
from framewright.domain.outcome import ChangeKind
from framewright.ingest.domain.deliveries import deliveries
from framewright.ingest.domain.meaning import debounce_key
from framewright.ingest.domain.merging import MOST_MERGED, Waits, is_parked, led_by, merged, own_id
from framewright.vendors.source import UPGRADE, Change, Status, Understood

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WAITS = Waits(quiet=60, longest=600, upgrade=900)
OLD, NEW = "/tv/Demo/old.mkv", "/tv/Demo/new.mkv"


def _at(seconds):
    return NOON + timedelta(seconds=seconds)


def _change(event, kind, path=NEW, *, at=0.0, **more):
    fields = {"key": debounce_key(path), "source": "sonarr", "observed_at": _at(at), **more}
    return MediaChangedV1(event_id=event, kind=kind, path=path, **fields)


def _said(event, *changes, at=0.0):
    """What one event of Sonarr makes of these changes."""
    raw = RawEventV1(id=event, route="sonarr", received_at=_at(at), body=b"{}")
    return [one.change for one in deliveries(raw, Understood("sonarr", Status.QUEUED, changes=changes))]


def _joined(changes, step=1.0):
    """What waits in the end, by path, when the changes come `step` seconds apart."""
    waiting = {}
    for number, change in enumerate(changes):
        before = waiting.get(change.key)
        planned = merged(change, before.change if before else None, WAITS, _at(number * step))
        waiting[change.key] = planned or before
    return {planned.change.path: planned for planned in waiting.values()}


DELETION = Change(ChangeKind.DELETED, OLD, why=UPGRADE)
IMPORT = Change(ChangeKind.UPGRADED, NEW, replaces=(OLD,), delivery="Sonarr|ABC")
SAME_NAME = Change(ChangeKind.UPGRADED, OLD, replaces=(OLD,), delivery="Sonarr|ABC")


@given(st.permutations([("delete", DELETION), ("import", IMPORT), ("again", IMPORT)]), st.floats(0, 30))
def test_any_order_of_the_halves_gives_one_upgrade_and_one_deletion(order, step):
    changes = [one for number, (event, change) in enumerate(order) for one in _said(event, change, at=number * step)]

    found = _joined(changes, step)

    assert {path: planned.change.kind for path, planned in found.items()} == {
        NEW: ChangeKind.UPGRADED,
        OLD: ChangeKind.DELETED,
    }
    assert not any(is_parked(planned.change) for planned in found.values()), "the import answers the parked half"
    assert all(planned.due <= _at(4 * step + WAITS.quiet) for planned in found.values())


@pytest.mark.parametrize("order", list(permutations([("delete", DELETION), ("import", SAME_NAME)])))
def test_an_upgrade_under_the_same_name_is_one_upgrade(order):
    changes = [one for number, (event, change) in enumerate(order) for one in _said(event, change, at=number)]

    (planned,) = _joined(changes).values()

    assert planned.change.kind is ChangeKind.UPGRADED
    assert planned.change.event_id == order[0][0]
    assert planned.change.merged == (order[1][0],)


def test_half_an_upgrade_waits_for_the_other_and_no_longer_than_it_may():
    first, again = (_change(event, ChangeKind.DELETED, why=UPGRADE) for event in ("a", "b"))

    alone = merged(first, None, WAITS, NOON)
    twice = merged(again, alone.change, WAITS, _at(300))

    assert alone.due == twice.due == _at(WAITS.upgrade)


def test_the_import_has_its_whole_quiet_time_however_long_the_half_was_parked():
    parked = merged(_change("a", ChangeKind.DELETED, why=UPGRADE), None, WAITS, NOON)

    answered = merged(_change("b", ChangeKind.UPGRADED, at=890), parked.change, WAITS, _at(890))

    assert answered.due == _at(890 + WAITS.quiet)


@given(st.lists(st.floats(0, 59), min_size=1, max_size=60))
def test_a_busy_path_is_acted_on_after_the_longest_wait_at_the_latest(gaps):
    moment, planned = 0.0, None
    for number, gap in enumerate(gaps):
        moment += gap
        if planned is not None and planned.due <= _at(moment):
            break  # it went off
        change = _change(f"e{number}", ChangeKind.CHANGED, at=moment)
        planned = merged(change, planned.change if planned else None, WAITS, _at(moment))

    assert planned.due <= _at(gaps[0] + WAITS.longest)
    assert planned.change.event_id == "e0"


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=20), st.sampled_from(list(ChangeKind)))
def test_an_event_that_is_handed_out_again_changes_nothing(events, kind):
    waiting = None
    for number, event in enumerate(dict.fromkeys(events)):
        waiting = merged(_change(event, kind, at=number), waiting, WAITS, _at(number)).change

    again = [merged(_change(event, kind, at=99), waiting, WAITS, _at(99)) for event in events]

    assert again == [None] * len(events)


def test_a_repetition_goes_by_the_id_of_the_group_that_was_acted_on_already():
    follower = led_by("first", _change("second", ChangeKind.CHANGED))

    planned = merged(follower, None, WAITS, NOON)

    assert (planned.change.event_id, planned.change.merged) == ("first", ("second",))
    assert own_id(follower) == "second"


@pytest.mark.parametrize(
    ("older", "newer", "both"),
    [
        (ChangeKind.ADDED, ChangeKind.DELETED, ChangeKind.DELETED),
        (ChangeKind.DELETED, ChangeKind.ADDED, ChangeKind.UPGRADED),
        (ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.ADDED),
        (ChangeKind.CHANGED, ChangeKind.UPGRADED, ChangeKind.UPGRADED),
        (ChangeKind.RENAMED, ChangeKind.CHANGED, ChangeKind.RENAMED),
        (ChangeKind.DELETED, ChangeKind.DELETED, ChangeKind.DELETED),
    ],
)
def test_the_later_word_decides_whether_the_file_is_there_whichever_is_joined_first(older, newer, both):
    first, second = _change("a", older, at=1), _change("b", newer, at=2)

    for one, other in ((first, second), (second, first)):
        planned = merged(other, merged(one, None, WAITS, NOON).change, WAITS, NOON)

        assert planned.change.kind is both
        assert planned.change.event_id == one.event_id


def test_what_either_says_is_kept():
    first = _change("a", ChangeKind.RENAMED, previous_path=OLD, lane=Lane.LOW, title="Demo")
    second = _change("b", ChangeKind.CHANGED, at=1, regenerate=True, lane=Lane.HI)

    both = merged(second, merged(first, None, WAITS, NOON).change, WAITS, NOON).change

    assert (both.previous_path, both.lane, both.regenerate, both.title) == (OLD, Lane.HI, True, "Demo")


def test_a_file_that_was_renamed_and_deleted_says_where_its_outputs_are():
    renamed = _change("a", ChangeKind.RENAMED, previous_path=OLD)
    gone = merged(_change("b", ChangeKind.DELETED, at=1), renamed, WAITS, NOON).change
    back = merged(_change("c", ChangeKind.ADDED, at=2), gone, WAITS, NOON).change

    assert (gone.kind, gone.previous_path) == (ChangeKind.DELETED, OLD)
    assert (back.kind, back.previous_path) == (ChangeKind.RENAMED, OLD)


def test_a_file_that_was_renamed_on_leaves_its_first_name_to_the_last_one():
    renamed = _change("a", ChangeKind.RENAMED, previous_path=OLD)

    gone = merged(_change("b", ChangeKind.DELETED, at=1, why=RENAMED_AWAY), renamed, WAITS, NOON).change

    assert (gone.kind, gone.previous_path) == (ChangeKind.DELETED, "")


def test_a_change_stays_small_however_many_events_it_stands_for():
    waiting = merged(_change("first", ChangeKind.CHANGED), None, WAITS, NOON).change

    for number in range(MOST_MERGED + 100):
        waiting = merged(_change(f"{number:032}", ChangeKind.CHANGED, at=number), waiting, WAITS, NOON).change

    assert (waiting.event_id, len(waiting.merged)) == ("first", MOST_MERGED)
    assert len(msgspec.json.encode(waiting)) < 64 * 1024


def test_several_words_of_one_event_about_one_path_are_one():
    swap = (
        Change(ChangeKind.UPGRADED, "/a.mkv", replaces=("/b.mkv",)),
        Change(ChangeKind.UPGRADED, "/b.mkv", replaces=("/a.mkv",)),
    )

    said = _said("e", *swap)

    assert {one.path: one.kind for one in said} == {"/a.mkv": ChangeKind.UPGRADED, "/b.mkv": ChangeKind.UPGRADED}
    assert len(said) == len(swap)
