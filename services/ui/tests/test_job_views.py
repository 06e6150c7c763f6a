"""What the rows look like to people."""

from datetime import UTC, datetime

import pytest

from framewright.contracts.progress import ProgressV1
from framewright.domain.outcome import Outcome
from framewright.ui.domain.admission import Session, Turnstile, client_of, safe_return, same_site
from framewright.ui.domain.board import SILENCE, Board
from framewright.ui.domain.rows import EventRow, FileRow, JobRow, Mark, ServerRow
from framewright.ui.domain.standing import concluded
from framewright.ui.domain.status import percentage
from framewright.ui.domain.tones import tone
from framewright.ui.domain.views import base_name, file_view, history_event, strip_slots

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_reason_of_a_file_is_that_of_its_outcome():
    rows = [
        ServerRow("j", "p", "a", Mark(Outcome.NOT_OWNED, NOON, "disabled"), "A"),
        ServerRow("j", "p", "b", Mark(Outcome.FAILED, NOON, "disk full"), "B"),
    ]

    view = file_view(concluded(FileRow("j", "p", "/f.mkv"), rows), rows, {})

    assert (view.outcome, view.reason) == (Outcome.FAILED, "disk full")


def test_a_server_without_verdict_gets_its_configured_name():
    rows = [ServerRow("j", "p", "a", Mark(Outcome.PUBLISHED, NOON))]

    view = file_view(FileRow("j", "p", "/f.mkv"), rows, {"a": ("Attic", "emby")})

    assert (view.servers[0].server_name, view.servers[0].server_type) == ("Attic", "emby")


def test_history_shows_at_most_twenty_names():
    row = EventRow("e", NOON, "sonarr", "Download", "Show", "queued", paths=tuple(f"/tv/{n}.mkv" for n in range(30)))

    event = history_event(row, "job1")

    assert event.path_count == 30
    assert len(event.files_preview) == 20
    assert event.files_preview[0] == "0.mkv"
    assert event.timestamp == "2026-11-20T12:00:00+00:00"


def test_progress_counts_what_is_in_work_but_never_claims_the_end():
    job = JobRow("j", NOON, NOON, started_at=NOON, files=2, settled=1)

    assert percentage(job, live=0.5) == 75
    assert percentage(job, live=1.0) == 99


@pytest.mark.parametrize(("count", "slots"), [(1, [0]), (3, [0, 1, 2]), (100, [5, 15, 25, 35, 45, 55, 65, 75, 85, 95])])
def test_a_strip_is_evenly_spaced(count, slots):
    assert strip_slots(count, 10) == slots


def test_a_windows_path_has_a_base_name():
    assert base_name("D:\\Films\\Film.mkv") == "Film.mkv"


def test_a_silent_worker_is_forgotten():
    board = Board()
    board.note(ProgressV1(job_ids=("j",), path_id="p", path="/a/b.mkv", fraction=0.5, worker="w"), 100.0)

    assert board.workers(101.0, "j")[0].id == "w"
    assert board.live(101.0, "j") == 0.5
    assert board.workers(101.0, "other") == []
    assert board.workers(101.0 + SILENCE, "j") == []


@pytest.mark.parametrize(
    ("device", "kind"), [("cuda:0", "gpu"), ("/dev/dri/renderD128", "gpu"), ("cpu", "cpu"), ("", "")]
)
def test_the_type_of_a_worker_is_that_of_its_device(device, kind):
    board = Board()
    board.note(
        ProgressV1(job_ids=("j",), path_id="p", path="/b.mkv", fraction=0.5, worker="cuda-1", device=device), 1.0
    )

    worker = board.workers(2.0)[0]

    assert (worker.type, worker.device) == (kind, device)


def test_a_file_that_is_done_leaves_the_board():
    board = Board()
    board.note(ProgressV1(job_ids=("j",), path_id="p", path="/b.mkv", fraction=0.5, worker="w"), 1.0)
    board.note(ProgressV1(job_ids=("j",), path_id="p", path="/b.mkv", fraction=1.0, worker="w"), 2.0)

    assert board.workers(2.0) == []


def test_five_attempts_pass_and_the_sixth_waits():
    turnstile = Turnstile()

    assert [turnstile.wait("a", float(at)) for at in range(5)] == [0.0] * 5
    assert turnstile.wait("a", 10.0) == 50.0
    assert turnstile.wait("b", 10.0) == 0.0
    assert turnstile.wait("a", 60.5) == 0.0


@pytest.mark.parametrize(
    ("headers", "lenient", "ours"),
    [
        ({"x-requested-with": "fetch"}, False, True),
        ({"origin": "http://ui:8080", "host": "ui:8080"}, False, True),
        ({"origin": "http://evil", "host": "ui:8080"}, False, False),
        ({"origin": "http://evil", "host": "ui:8080"}, True, False),
        ({"origin": "null", "host": "ui:8080"}, True, False),
        ({"sec-fetch-site": "cross-site"}, True, False),
        ({"host": "ui:8080"}, False, False),
        ({"host": "ui:8080"}, True, True),
    ],
)
def test_a_forged_request_is_recognised(headers, lenient, ours):
    assert same_site(headers, lenient=lenient) is ours


@pytest.mark.parametrize("target", ["//evil", "/\\evil", "https://evil", "", "/a\nb"])
def test_the_login_never_leads_elsewhere(target):
    assert safe_return(target) == "/"


def test_a_forwarded_address_counts_only_from_this_machine():
    assert client_of("127.0.0.1", "1.1.1.1, 2.2.2.2") == "2.2.2.2"
    assert client_of("9.9.9.9", "2.2.2.2") == "9.9.9.9"


def test_a_session_ends_with_its_time_or_its_token():
    session = Session(100, "digest")

    assert session.holds(99, "digest")
    assert not session.holds(100, "digest")
    assert not session.holds(99, "other")


def test_an_unknown_word_has_a_plain_tone():
    assert tone("failed") == "bad"
    assert tone("whatever") == "plain"
