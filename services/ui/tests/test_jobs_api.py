"""`/api/jobs` and the webhook history over real HTTP."""

import pytest

from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome

pytestmark = pytest.mark.integration

WAITING = Outcome.WAITING


async def test_a_job_is_shown_with_the_fields_of_the_reference(ui, tell, facts):
    await tell(facts.created(library_id="7", title="Films"), facts.routed(servers={"a": WAITING}), facts.started())
    await tell(facts.extracted(), facts.settled(9, Outcome.PUBLISHED, "a", outputs=("/x.bif",), call="PUT /x"))

    job = await ui.until("/api/jobs/job1", lambda job: job["status"] == "completed")

    assert (job["id"], job["library_id"], job["library_name"], job["progress"]) == ("job1", "7", "Films", 100)
    assert (job["total_items"], job["completed_items"], job["failed_items"]) == (1, 1, 0)
    assert job["created_at"] == "2026-11-20T12:00:00Z"
    assert job["started_at"] == "2026-11-20T12:00:02Z"
    assert job["completed_at"] == "2026-11-20T12:00:09Z"
    assert job["publishers"] == [
        {"server_id": "a", "server_name": "The a", "server_type": "plex", "outcomes": {"published": 1}}
    ]
    assert job["workers"] == []


async def test_files_carry_their_servers_with_reasons(ui, tell, facts):
    waiting = facts.settled(4, WAITING, "a", reason="not indexed", code="NOT_INDEXED", next_try=facts.at(60))
    await tell(facts.created(), facts.routed(servers={"a": WAITING}), facts.extracted(), waiting)

    page = await ui.until("/api/jobs/job1/files", lambda page: page["files"] and page["files"][0]["reason"])

    file = page["files"][0]
    assert (file["path"], file["path_id"], file["outcome"]) == (facts.film, media_id(facts.film), "waiting")
    assert (file["pack"], file["partial"], file["report"]["decoded"]) == ("pack1", False, 12)
    server = file["servers"][0]
    assert (server["reason"], server["code"], server["attempt"]) == ("not indexed", "NOT_INDEXED", 1)
    assert server["next_try"] == "2026-11-20T12:01:00Z"


async def test_files_are_filtered_searched_and_paged(ui, tell, facts):
    good = [facts.settled(n, path=f"/m/100%_good{n}.mkv") for n in range(3)]
    await tell(facts.created(total=4), *good, facts.settled(9, Outcome.FAILED, path="/m/bad.mkv"))
    await ui.until("/api/jobs/job1", lambda job: job["status"] == "completed")

    failed = await ui.json("/api/jobs/job1/files?outcome=failed")
    found = await ui.json("/api/jobs/job1/files?search=100%25_")
    second = await ui.json("/api/jobs/job1/files?page=2&per_page=3")

    assert [file["path"] for file in failed["files"]] == ["/m/bad.mkv"]
    assert found["total"] == 3
    assert ([file["path"] for file in second["files"]], second["total"]) == (["/m/bad.mkv"], 4)


async def test_jobs_come_newest_first_by_page_and_status(ui, tell, facts):
    await tell(*(facts.created(n, job=f"job{n}") for n in range(3)), facts.settled(5, jobs=("job0",)))
    await ui.until("/api/jobs/job0", lambda job: job["status"] == "completed")

    first = await ui.json("/api/jobs?per_page=2")
    done = await ui.json("/api/jobs?status=completed,failed")

    assert [job["id"] for job in first["jobs"]] == ["job2", "job1"]
    assert (first["total"], first["page"], first["per_page"]) == (3, 1, 2)
    assert [job["id"] for job in done["jobs"]] == ["job0"]


async def test_a_failed_job_says_why(ui, tell, facts):
    await tell(facts.created(), facts.routed(servers={"a": WAITING}))
    await tell(facts.settled(5, Outcome.FAILED, "a", reason="no space left"))

    job = await ui.until("/api/jobs/job1", lambda job: job["status"] == "failed")

    assert job["error"] == "no space left"


WRONG = [
    ("/api/jobs/none", 404, "NOT_FOUND", "none"),
    ("/api/jobs/none/files", 404, "NOT_FOUND", "none"),
    ("/api/jobs?page=0", 400, "VALIDATION_ERROR", "page"),
    ("/api/jobs?per_page=501", 400, "VALIDATION_ERROR", "per_page"),
    ("/api/jobs?status=odd", 400, "VALIDATION_ERROR", "status"),
    ("/api/jobs/none/files/p/frame?slot=-1", 400, "VALIDATION_ERROR", "slot"),
]


async def test_errors_have_one_shape_and_name_the_field(ui):
    for path, status, code, named in WRONG:
        answer = await ui.http.get(path)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert set(answer.json()) == {"error", "code"}
        assert named in answer.json()["error"]


async def test_a_missing_route_is_not_a_missing_thing_and_a_wrong_method_says_so(ui):
    missing = await ui.http.get("/api/no-such-route")
    wrong = await ui.http.post("/api/jobs/x/files", json={})

    assert (missing.status_code, missing.json()) == (404, {"detail": "Not Found"})
    assert (wrong.status_code, wrong.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


async def test_webhooks_are_shown_with_their_jobs_and_can_be_cleared(ui, tell, facts):
    await tell(facts.classified(paths=(facts.film,)), facts.created(event_id="event1"))
    await tell(facts.classified(5, event="event2", status="ignored", reason="nothing new"))
    shown = await ui.until(
        "/api/webhooks/history", lambda told: len(told["events"]) == 2 and told["events"][1]["job_id"]
    )

    cleared = await ui.http.delete("/api/webhooks/history")

    assert [event["status"] for event in shown["events"]] == ["ignored", "queued"]
    assert shown["events"][1]["job_id"] == "job1"
    assert shown["events"][1]["files_preview"] == ["Film.mkv"]
    assert shown["events"][1]["timestamp"] == "2026-11-20T12:00:00+00:00"
    assert cleared.json() == {"success": True}
    assert await ui.json("/api/webhooks/history") == {"events": []}


async def test_a_webhook_without_a_title_of_its_own_goes_by_its_files(ui, tell, facts):
    await tell(facts.classified(0, event="e1", source="custom", title="custom", paths=("/m/Film.mkv",)))
    await tell(facts.classified(1, event="e2", source="custom", title="custom", event_type="Test"))
    await ui.until("/api/webhooks/history", lambda found: len(found["events"]) == 2)

    page = await ui.http.get("/")

    assert page.status_code == 200
    assert [title in page.text for title in ('title">Film.mkv<', 'title">Test<')] == [True, True]
