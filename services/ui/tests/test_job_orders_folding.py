"""What scans, operators and servers say changes jobs, in whatever order it arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.contracts.base import Lane
from framewright.contracts.facts import JobChange
from framewright.domain.outcome import Outcome
from framewright.ui.domain.folding import fold
from framewright.ui.domain.ledger import Ledger
from framewright.ui.domain.rows import Try
from framewright.ui.domain.standing import MOST_TRIES, latest_tries
from framewright.ui.domain.status import (
    JobStatus,
    cancelled_items,
    completed_at,
    completed_items,
    failed_items,
    lane_of,
    percentage,
    status_of,
    total_items,
)

WAITING, PUBLISHED, CANCELLED = Outcome.WAITING, Outcome.PUBLISHED, JobChange.CANCELLED
A, B = "/m/a.mkv", "/m/b.mkv"


def the_job(*told):
    ledger = Ledger()
    for fact in told:
        fold(ledger, fact)
    return ledger.jobs["job1"]


def test_a_scan_that_was_only_asked_for_is_pending(facts):
    assert status_of(the_job(facts.created(kind="full_library", total=0))) is JobStatus.PENDING


def test_a_scan_under_way_is_running_and_counts_what_it_looked_at(facts):
    asked = facts.created(kind="full_library", total=0)

    job = the_job(asked, facts.scanned(2, total=10, up_to_date=3, excluded=1, queued=1), facts.settled(3, path=A))

    assert status_of(job) is JobStatus.RUNNING
    assert (total_items(job), completed_items(job), percentage(job)) == (10, 5, 50)


def test_a_scan_is_finished_when_every_queued_file_is_settled(facts):
    told = [facts.created(kind="scan", total=0), facts.scanned(2, total=9, finished=True, up_to_date=3, queued=2)]
    told += [facts.settled(3, path=A), facts.routed(3, path=B)]
    assert status_of(the_job(*told)) is JobStatus.RUNNING

    job = the_job(*told, facts.settled(8, path=B))

    assert status_of(job) is JobStatus.COMPLETED
    assert (total_items(job), completed_at(job)) == (5, facts.at(8))


def test_a_scan_of_nothing_but_fresh_files_completes(facts):
    job = the_job(facts.created(kind="scan", total=0), facts.scanned(2, total=4, finished=True, up_to_date=4))

    assert (status_of(job), completed_items(job)) == (JobStatus.COMPLETED, 4)


def test_what_a_scan_could_not_look_at_counts_as_failed(facts):
    job = the_job(facts.created(kind="scan", total=0), facts.scanned(2, total=4, finished=True, failed=3, missing=1))

    assert (status_of(job), failed_items(job)) == (JobStatus.FAILED, 4)


def test_an_older_page_does_not_take_progress_back(facts):
    job = the_job(facts.scanned(5, 2, total=9, up_to_date=6), facts.scanned(9, 1, total=9, up_to_date=3))

    assert completed_items(job) == 6


def test_folders_among_the_paths_of_a_job_count_with_their_videos(facts):
    asked = facts.created(total=3, title="3 files")
    folders = [facts.created(n, total=10 * n, kind="folder", title=f"/m/{n}") for n in (1, 2)]

    job = the_job(*folders, asked, folders[0])

    assert (total_items(job), job.birth.title) == (31, "3 files")


def test_a_cancelled_job_ends_with_what_is_open(facts):
    told = [facts.created(total=4), facts.settled(1, path=A), facts.started(2, path=B), facts.changed(5, CANCELLED)]

    job = the_job(
        *told, facts.settled(9, WAITING, "a", path=B, next_try=facts.at(60)), facts.routed(9, path="/m/c.mkv")
    )

    assert status_of(job) is JobStatus.CANCELLED
    assert (completed_items(job), cancelled_items(job), total_items(job)) == (1, 3, 4)
    assert completed_at(job) == facts.at(5)


def test_what_ended_all_the_same_after_a_cancellation_is_not_called_cancelled(facts):
    job = the_job(facts.created(), facts.changed(5, CANCELLED), facts.settled(6, path=A))

    assert (status_of(job), cancelled_items(job)) == (JobStatus.COMPLETED, 0)


def test_a_scan_that_is_cancelled_before_it_spoke_is_cancelled(facts):
    assert status_of(the_job(facts.created(kind="scan", total=0), facts.changed(1, CANCELLED))) is JobStatus.CANCELLED


def test_the_last_urgency_holds(facts):
    moved = [facts.changed(at, JobChange.MOVED, lane=lane) for at, lane in ((5, Lane.LOW), (3, Lane.MID))]

    assert lane_of(the_job(facts.created(lane=Lane.HI), *moved)) is Lane.LOW


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_last_word_on_a_server_holds(facts, order):
    told = (facts.troubled(1, "UNAUTHORIZED", "the token was refused"), facts.troubled(5))
    ledger = Ledger()

    for place in order:
        fold(ledger, told[place])

    assert ledger.troubles["a"].code == ""


@given(st.lists(st.integers(0, MOST_TRIES + 30), max_size=MOST_TRIES + 40))
def test_of_many_tries_the_last_hundred_stay_whatever_their_order(facts, seconds):
    tries: tuple[Try, ...] = ()

    for second in seconds:
        tries = latest_tries(tries, Try(facts.at(second), 1, WAITING))

    assert [one.at for one in tries] == [facts.at(second) for second in sorted(set(seconds))[-MOST_TRIES:]]
