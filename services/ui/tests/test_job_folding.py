"""Facts become rows: whatever their order, and however often they come."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framewright.contracts.base import Lane
from framewright.contracts.facts import DeadLetteredV1, JobChange
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.ui.domain.folding import fold, touched
from framewright.ui.domain.ledger import Ledger
from framewright.ui.domain.rows import FileRow
from framewright.ui.domain.standing import concluded, standing
from framewright.ui.domain.status import JobStatus, completed_at, percentage, status_of, warning

WAITING, PUBLISHED, FAILED = Outcome.WAITING, Outcome.PUBLISHED, Outcome.FAILED
PATHS = ("/m/a.mkv", "/m/b.mkv")


def folded(*told) -> Ledger:
    ledger = Ledger()
    for fact in told:
        fold(ledger, fact)
    return ledger


def the_file(ledger: Ledger, facts) -> FileRow:
    return ledger.files["job1", media_id(facts.film)]


def test_a_job_without_news_is_pending(facts):
    job = folded(facts.created(total=3)).jobs["job1"]

    assert status_of(job) is JobStatus.PENDING
    assert percentage(job) == 0


def test_facts_before_the_job_make_a_stub_that_is_filled_later(facts):
    ledger = folded(facts.started(5))
    assert ledger.jobs["job1"].birth is None
    assert status_of(ledger.jobs["job1"]) is JobStatus.RUNNING

    fold(ledger, facts.created(1, total=2))

    assert ledger.jobs["job1"].birth.title == "Film"
    assert ledger.jobs["job1"].created_at == facts.at(1)
    assert percentage(ledger.jobs["job1"]) == 0


def test_a_job_completes_when_every_server_is_settled(facts):
    told = [facts.created(), facts.routed(servers={"a": WAITING, "b": WAITING}), facts.started()]
    told += [facts.settled(4, PUBLISHED, "a")]
    assert status_of(folded(*told).jobs["job1"]) is JobStatus.RUNNING

    job = folded(*told, facts.settled(9, Outcome.ADOPTED, "b")).jobs["job1"]

    assert status_of(job) is JobStatus.COMPLETED
    assert completed_at(job) == facts.at(9)
    assert (job.files, job.settled, job.failed) == (1, 1, 0)


def test_a_file_that_failed_everywhere_fails_its_job(facts):
    told = (facts.created(), facts.routed(servers={"a": WAITING, "b": Outcome.NOT_OWNED}))

    job = folded(*told, facts.settled(4, FAILED, reason="broken")).jobs["job1"]

    assert status_of(job) is JobStatus.FAILED


def test_one_failed_server_of_two_is_a_warning_only(facts):
    told = (facts.created(), facts.routed(servers={"a": WAITING, "b": WAITING}))

    job = folded(*told, facts.settled(4, FAILED, "a"), facts.settled(5, PUBLISHED, "b")).jobs["job1"]

    assert status_of(job) is JobStatus.COMPLETED
    assert "1 of 1" in warning(job)


def test_a_word_about_the_whole_file_holds_for_its_open_servers_only(facts):
    told = (facts.routed(servers={"a": WAITING, "b": Outcome.EXCLUDED}), facts.settled(4, FAILED, reason="no video"))
    ledger = folded(*told)
    file = the_file(ledger, facts)

    stands = {one.server_id: standing(file.own, one.mark) for one in ledger.servers[file.job_id, file.path_id].values()}

    assert stands["a"].outcome is FAILED
    assert stands["a"].reason == "no video"
    assert stands["b"].outcome is Outcome.EXCLUDED


def test_waiting_with_a_next_try_keeps_the_file_open(facts):
    told = (facts.routed(servers={"a": WAITING}), facts.started())

    file = the_file(folded(*told, facts.settled(4, WAITING, "a", next_try=facts.at(60))), facts)

    assert file.outcome is WAITING
    assert file.settled_at is None


def test_an_older_word_never_overwrites_a_settled_outcome(facts):
    ledger = folded(facts.settled(10, PUBLISHED, "a"), facts.settled(5, WAITING, "a", next_try=facts.at(60)))

    assert the_file(ledger, facts).outcome is PUBLISHED


def test_a_later_plan_of_a_skewed_clock_does_not_reopen_a_settled_server(facts):
    ledger = folded(facts.settled(10, PUBLISHED, "a"), facts.routed(11, servers={"a": WAITING}))

    assert the_file(ledger, facts).outcome is PUBLISHED


def test_a_settled_verdict_of_the_router_settles_the_file(facts):
    told = (facts.created(), facts.routed(outcome=Outcome.FILE_MISSING, reason="no file there"))

    ledger = folded(*told)

    assert the_file(ledger, facts).outcome is Outcome.FILE_MISSING
    assert status_of(ledger.jobs["job1"]) is JobStatus.FAILED


def test_a_cancelled_file_makes_a_cancelled_job(facts):
    told = (facts.created(total=2), facts.settled(1, PUBLISHED), facts.settled(2, Outcome.CANCELLED, path=PATHS[0]))

    assert status_of(folded(*told).jobs["job1"]) is JobStatus.CANCELLED


def test_an_announcement_with_another_total_replaces_the_older_one(facts):
    job = folded(facts.created(5, total=2), facts.created(1, total=90), facts.settled(6)).jobs["job1"]

    assert percentage(job) == 50
    assert job.created_at == facts.at(1)


def test_a_job_without_files_is_complete_and_says_so(facts):
    job = folded(facts.created(total=0)).jobs["job1"]

    assert status_of(job) is JobStatus.COMPLETED
    assert warning(job)


def test_one_extraction_serves_several_jobs(facts):
    ledger = folded(facts.started(jobs=("job1", "job2", "job1")), facts.settled(5, jobs=("job1", "job2")))

    assert {key: status_of(job) for key, job in ledger.jobs.items()} == dict.fromkeys(
        ("job1", "job2"), JobStatus.COMPLETED
    )


def test_a_mere_mention_of_a_pack_does_not_hide_its_report(facts):
    told = (facts.extracted(3), facts.settled(4, PUBLISHED, "a", pack="pack1"))

    assert the_file(folded(*told), facts).pack.report.slots == 12


def test_a_fact_without_a_row_changes_nothing(facts):
    dead = DeadLetteredV1(
        stream="JOBS", consumer="c", sequence=1, subject_was="s", at=facts.at(0), code="X", reason="r"
    )

    assert touched(dead).jobs == ()
    assert folded(dead) == Ledger()


@pytest.mark.parametrize("seed", range(3))
def test_the_counters_equal_a_recount(facts, seed):
    rng = random.Random(seed)
    outcomes = [PUBLISHED, FAILED, Outcome.CANCELLED, WAITING, Outcome.ADOPTED]
    told = [
        facts.settled(rng.random() * 9, rng.choice(outcomes), rng.choice("ab"), path=PATHS[n % 2]) for n in range(9)
    ]

    ledger = folded(*told)

    files = [concluded(file, ledger.servers[key].values()) for key, file in ledger.files.items()]
    job = ledger.jobs["job1"]
    assert job.settled == sum(file.outcome.settled for file in files)
    assert job.lost == sum(file.lost for file in files)
    assert job.cancelled == sum(file.outcome is Outcome.CANCELLED for file in files)


TOLD = st.tuples(
    st.deferred(lambda: st.sampled_from(sorted(MAKERS))),
    st.integers(0, 5),
    st.sampled_from(PATHS),
    st.sampled_from("ab"),
    st.sampled_from(Outcome),
)


@st.composite
def histories(draw):
    """Some facts, and the same facts shuffled with a few of them twice."""
    told = draw(st.lists(TOLD, min_size=1, max_size=9))
    repeated = draw(st.lists(st.sampled_from(told), max_size=4))
    return told, draw(st.permutations(told + repeated))


@settings(max_examples=200, deadline=None)
@given(histories())
def test_order_and_repetition_do_not_matter(facts, history):
    straight, shuffled = (folded(*(as_fact(facts, *one) for one in told)) for told in history)

    assert shuffled == straight


MAKERS = {
    "created": lambda facts, at, _path, _server, _outcome: facts.created(at, total=at),
    "folder": lambda facts, at, path, _server, _outcome: facts.created(at, total=at, kind="folder", title=path),
    "routed": lambda facts, at, path, server, outcome: facts.routed(
        at, path=path, outcome=outcome, servers={server: outcome}
    ),
    "started": lambda facts, at, path, _server, _outcome: facts.started(at, path=path),
    "extracted": lambda facts, at, path, _server, _outcome: facts.extracted(at, path=path, pack=f"pack{at}"),
    "settled": lambda facts, at, path, server, outcome: facts.settled(at, outcome, server, path=path),
    "whole": lambda facts, at, path, _server, outcome: facts.settled(at, outcome, path=path),
    "scanned": lambda facts, at, _path, server, _outcome: facts.scanned(
        at % 3, at, total=9, finished=at > 4, up_to_date=at, queued=ord(server) - ord("a")
    ),
    "changed": lambda facts, at, _path, server, _outcome: facts.changed(
        at, list(JobChange)[at % 3], lane=Lane.LOW if server == "a" else Lane.MID
    ),
    "troubled": lambda facts, at, path, server, _outcome: facts.troubled(at, "AWAY" if server == "a" else "", path),
}


def as_fact(facts, kind: str, *told):
    return MAKERS[kind](facts, *told)
