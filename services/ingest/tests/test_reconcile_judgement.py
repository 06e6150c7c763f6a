"""What a sender's history means beside the webhooks that came: pure judgement."""

from datetime import UTC, datetime, timedelta

import pytest

from framewright.contracts.facts import EventClassifiedV1
from framewright.contracts.senders import Reconciled, Sender, SenderReport
from framewright.domain.outcome import ChangeKind
from framewright.ingest.domain import reconcile as domain
from framewright.ingest.domain.meaning import debounce_key
from framewright.vendors import PastChange
from framewright.vendors.source import UPGRADE, Change

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SENDER = Sender(id="s", type="sonarr", name="Sonarr", url="http://sonarr:8989")


def entry(number: int, kind: ChangeKind, path: str, *, why: str = "", item: str = "") -> PastChange:
    """The entry `number`, so many minutes after noon."""
    return PastChange(number, NOON + timedelta(minutes=number), Change(kind, path, why=why), item)


def added(number: int, path: str, item: str = "") -> PastChange:
    return entry(number, ChangeKind.ADDED, path, item=item)


def heard(path: str, minute: float) -> dict[str, datetime]:
    return {debounce_key(path): NOON + timedelta(minutes=minute)}


def missed(changes: list[PastChange], journal: dict[str, datetime]) -> list[tuple[ChangeKind, str]]:
    return [(one.change.kind, one.change.path) for one in domain.judged(changes, journal).missed]


def test_an_import_is_known_when_its_webhook_came_with_it_or_later():
    assert missed([added(5, "/tv/a.mkv")], heard("/tv/a.mkv", 5.1)) == []
    assert missed([added(5, "/tv/a.mkv")], heard("/tv/a.mkv", 4.5)) == []


def test_a_second_import_of_a_path_is_not_covered_by_the_webhook_of_the_first():
    changes = [added(0, "/tv/a.mkv"), added(30, "/tv/a.mkv")]

    assert missed(changes, heard("/tv/a.mkv", 0.1)) == [(ChangeKind.ADDED, "/tv/a.mkv")]


def test_a_webhook_about_a_folder_covers_what_lies_in_it():
    renamed = [
        entry(1, ChangeKind.RENAMED, "/tv/Show/Season 1/a.mkv"),
        entry(1, ChangeKind.RENAMED, r"D:\tv\Show\b.mkv"),
    ]

    assert missed(renamed, heard("/tv/Show", 1) | heard(r"D:\tv\Show", 1)) == []
    assert len(missed(renamed, heard("/tv/Sh", 1) | heard("/tv/Show/Season 10", 1))) == 2


def test_what_was_deleted_and_came_again_is_one_upgrade():
    changes = [entry(1, ChangeKind.DELETED, "/tv/a.mkv", why=UPGRADE), added(2, "/tv/a.mkv")]

    assert missed(changes, {}) == [(ChangeKind.UPGRADED, "/tv/a.mkv")]


def test_what_came_and_was_deleted_is_a_deletion():
    assert missed([added(1, "/tv/a.mkv"), entry(2, ChangeKind.DELETED, "/tv/a.mkv")], {}) == [
        (ChangeKind.DELETED, "/tv/a.mkv")
    ]


def test_the_old_file_of_an_upgrade_is_known_with_its_new_one():
    changes = [entry(1, ChangeKind.DELETED, "/tv/old.mkv", why=UPGRADE, item="7"), added(2, "/tv/new.mkv", item="7")]

    assert missed(changes, heard("/tv/new.mkv", 2)) == []
    assert missed(changes, {}) == [(ChangeKind.DELETED, "/tv/old.mkv"), (ChangeKind.ADDED, "/tv/new.mkv")]
    assert [one.change.why for one in domain.judged(changes, {}).missed] == ["replaced", ""]


def test_only_webhooks_that_were_acted_on_count():
    def fact(status: str) -> EventClassifiedV1:
        return EventClassifiedV1(
            event_id="e", at=NOON, source="sonarr", event_type="Download", title="", status=status, paths=("/a",)
        )

    assert [bool(domain.heard(fact(status))) for status in ("queued", "duplicate", "disabled", "quarantined")] == [
        True,
        True,
        False,
        False,
    ]


def test_readings_overlap_and_judge_every_entry_once():
    first = domain.span(Reconciled(), NOON)
    entries = [added(-90, "/a"), added(-30, "/b"), added(-1, "/young")]
    kept = Reconciled(until=first.until, seen=domain.seen(entries, first))

    second = domain.span(kept, NOON + timedelta(hours=1))

    assert (NOON - first.since, NOON - first.until) == (timedelta(hours=24, minutes=2), timedelta(minutes=2))
    assert [one.change.path for one in domain.in_span(entries, first)] == ["/a", "/b"]
    late = added(-45, "/written late")
    late = PastChange(9, late.at, late.change)
    assert [one.change.path for one in domain.in_span([*entries, late], second)] == ["/young", "/written late"]


def test_a_clock_that_went_back_never_makes_the_span_shrink():
    before = Reconciled(until=NOON)

    covered = domain.span(before, NOON - timedelta(hours=5))

    assert covered.until == NOON


@pytest.mark.parametrize(
    ("minutes", "errors", "started", "asked", "due"),
    [
        (59, (), -60, None, False),
        (60, (), -60, None, True),
        (4, ("down",), -60, None, False),
        (5, ("down",), -60, None, True),
        (1, (), 0.5, None, True),
        (1, (), -60, 0.5, True),
        (1, (), -60, -0.5, False),
    ],
)
def test_a_history_is_read_at_start_on_demand_and_when_its_time_has_come(minutes, errors, started, asked, due):
    def after_noon(number: float) -> datetime:
        return NOON + timedelta(minutes=number)

    last = SenderReport(sender_id="s", at=NOON, since=NOON, until=NOON, errors=errors)
    calls = domain.Calls(after_noon(started), None if asked is None else after_noon(asked))

    assert domain.is_due(SENDER, last, calls, after_noon(minutes)) is due


def test_the_same_reading_repeated_names_the_same_job_and_events():
    one = added(1, "/tv/a.mkv")

    job = domain.job(SENDER, [one], NOON)
    again = domain.job(SENDER, [one], NOON + timedelta(hours=1))

    assert (job.job_id, job.title, job.total) == (again.job_id, "Reconciliation of Sonarr", 1)
    assert domain.change(SENDER, one, job.job_id) == domain.change(SENDER, one, again.job_id)
