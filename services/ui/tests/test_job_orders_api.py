"""Operators' orders over real HTTP and a real broker: what they put on the bus, and what lists say at once."""

import asyncio
from datetime import timedelta

import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Later, Outgoing
from framewright.contracts.base import Lane, decode
from framewright.contracts.catalogue import DUE, EVENTS, JOB_STATE, JOBS, PUBLISH, SCANS
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.jobs import CONTROL_PREFIX, JobMovedV1, decode_control
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.scans import ScanKind, ScanRequestedV1, SortBy
from framewright.domain.frames import FileVersion, Picture, Rendition
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind, Outcome

pytestmark = pytest.mark.integration

WAITING, FAILED = Outcome.WAITING, Outcome.FAILED
A, B, C = "/m/a.mkv", "/m/b.mkv", "/m/c.mkv"


@pytest.fixture
async def server(ui) -> str:
    body = {"type": "folder", "name": "Shelf", "libraries": [{"id": "films", "name": "Films", "remote_paths": ["/m"]}]}
    answer = await ui.http.post("/api/servers", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def stored(bus, stream, pattern: str, kind):
    """Every message of a kind on a subject pattern."""
    subjects = await bus.subjects(stream.name, pattern)
    found = [await bus.get_last(stream.name, subject) for subject in subjects]
    return [decode(kind, one[1]) for one in found]


async def test_a_library_job_asks_for_a_scan(ui, bus, server):
    wish = {"library_id": "films", "library_name": "Films", "sort_by": "oldest", "priority": "normal"}

    answer = await ui.http.post("/api/jobs", json=wish)

    made = answer.json()
    assert (answer.status_code, made["status"], made["message"]) == (201, "pending", "Job created successfully")
    [scan] = await stored(bus, SCANS, f"scan.v1.{made['id']}", ScanRequestedV1)
    assert (scan.library_ids, scan.sort_by, scan.lane, scan.kind) == (
        ("films",),
        SortBy.OLDEST,
        Lane.MID,
        ScanKind.FULL_LIBRARY,
    )
    job = await ui.json(f"/api/jobs/{made['id']}")
    assert (job["library_name"], job["status"], job["priority"], job["source"]) == ("Films", "pending", 2, "manual")


async def test_a_manual_job_queues_every_path_once(ui, bus, server):
    paths = [f"/m/{number}.mkv" for number in range(3000)]

    answer = await ui.http.post("/api/jobs/manual", json={"file_paths": [*paths, A, A], "force_regenerate": True})

    job_id = answer.json()["id"]
    assert await bus.count(DUE.name, "due.v1.>") == 3001
    [change] = await stored(bus, DUE, f"due.v1.{media_id(f'{A}/{job_id}')}", MediaChangedV1)
    assert (change.path, change.job_id, change.lane, change.regenerate) == (A, job_id, Lane.HI, True)
    assert (await ui.json(f"/api/jobs/{job_id}"))["total_items"] == 3001


WRONG = [
    ("/api/jobs", {"library_id": "none"}, "library_id"),
    ("/api/jobs", {"server_id": "none"}, "server_id"),
    ("/api/jobs", {"sort_by": "sideways"}, "sort_by"),
    ("/api/jobs", {"job_type": "recently_added"}, "lookback_hours"),
    ("/api/jobs", {"priority": 4}, "priority"),
    ("/api/jobs", {"library_ids": "films"}, "library_ids"),
    ("/api/jobs/manual", {}, "file_paths"),
    ("/api/jobs/manual", {"file_paths": []}, "file_paths"),
    ("/api/jobs/manual", {"file_paths": [A, "/m/../etc/passwd"]}, "file_paths[1]"),
    ("/api/jobs/manual", {"file_paths": ["/m/\x00.mkv"]}, "file_paths[0]"),
    ("/api/jobs/manual", {"file_paths": ["/" + "x" * 5000]}, "file_paths[0]"),
    ("/api/jobs/manual", {"file_paths": ["a.mkv"]}, "file_paths[0]"),
    ("/api/jobs/manual", [], "body"),
    ("/api/jobs/clear", {"statuses": ["running"]}, "statuses"),
]


async def test_a_wrong_order_is_refused_with_the_name_of_its_field(ui, bus, server):
    for path, body, field in WRONG:
        answer = await ui.http.post(path, json=body)

        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), (body, answer.text)
        assert field in answer.json()["error"]
    assert await bus.count(DUE.name) == 0


async def test_a_job_with_waiting_running_and_finished_files_is_cancelled_at_once(ui, bus, tell, facts):
    wait = facts.settled(4, WAITING, "a", path=C, next_try=facts.at(60))
    await tell(facts.created(total=3), *(facts.routed(path=one, servers={"a": WAITING}) for one in (A, B, C)))
    await tell(facts.settled(3, Outcome.PUBLISHED, "a", path=A), facts.started(path=B), wait)
    await ui.until("/api/jobs/job1", lambda job: job["attempts"]["waiting"] == 1 and job["completed_items"] == 1)

    answer = await ui.http.post("/api/jobs/job1/cancel")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    job = await ui.json("/api/jobs/job1")
    assert (job["status"], job["completed_items"], job["attempts"]["waiting"]) == ("cancelled", 1, 0)
    assert {file["path"]: file["outcome"] for file in job["files"]} == {A: "published", B: "cancelled", C: "cancelled"}
    assert job["publishers"][0]["outcomes"] == {"published": 1, "cancelled": 2}
    control = await Bucket(bus, JOB_STATE.name).get(f"{CONTROL_PREFIX}job1")
    assert decode_control(control.value).cancelled_at is not None
    assert (await ui.http.post("/api/jobs/job1/cancel")).status_code == 409


async def test_late_facts_do_not_reopen_a_cancelled_job(ui, tell, facts):
    await tell(facts.created(total=2), facts.routed(path=A, servers={"a": WAITING}))
    await ui.until("/api/jobs/job1", lambda job: job["files"])
    await ui.http.post("/api/jobs/job1/cancel")

    await tell(facts.started(9, path=A), facts.settled(9, WAITING, "a", path=A, next_try=facts.at(99), code="LATE"))
    await tell(facts.routed(9, path=B, servers={"a": WAITING}))
    await ui.until("/api/jobs/job1/attempts", lambda page: page["total"])

    page = await ui.until("/api/jobs/job1/files?outcome=cancelled", lambda page: page["total"] == 2)
    assert {file["reason"] for file in page["files"]} == {"the job was cancelled"}
    assert (await ui.json("/api/jobs/stats"))["cancelled"] == 1


async def test_only_what_failed_is_repeated(ui, bus, tell, facts):
    await tell(facts.created(total=3, title="Night"), facts.settled(3, path=A), facts.settled(3, FAILED, path=B))
    await tell(facts.settled(3, Outcome.FILE_MISSING, path=C))
    await ui.until("/api/jobs/job1", lambda job: job["status"] == "completed")

    answer = await ui.http.post("/api/jobs/job1/reprocess", json={"only": "failed", "regenerate": True})

    changes = await stored(bus, DUE, "due.v1.>", MediaChangedV1)
    assert {change.path for change in changes} == {B, C}
    assert all(change.regenerate and change.job_id == answer.json()["id"] for change in changes)
    job = await ui.json(f"/api/jobs/{answer.json()['id']}")
    assert (job["repeats"], job["total_items"], job["library_name"]) == ("job1", 2, "Night")


async def test_a_library_job_is_repeated_as_a_scan(ui, bus, tell, facts):
    asked = facts.created(kind="full_library", total=0, library_id="films", server_id="shelf")
    await tell(asked, facts.scanned(2, total=1, finished=True, up_to_date=1))
    await ui.until("/api/jobs/job1", lambda job: job["status"] == "completed")

    answer = await ui.http.post("/api/jobs/job1/reprocess", json={})
    refused = await ui.http.post("/api/jobs/job1/reprocess", json={"only": "failed"})

    [scan] = await stored(bus, SCANS, f"scan.v1.{answer.json()['id']}", ScanRequestedV1)
    assert (scan.library_ids, scan.server_id) == (("films",), "shelf")
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT")


async def test_retry_now_fires_what_waits_for_the_index_and_nothing_else(ui, bus, tell, facts):
    outgoing, due = Outgoing(bus), now() + timedelta(hours=1)
    for path in (A, B):
        await outgoing.send(Later(index_wait(path), due, 2))
    await outgoing.send(Later(extraction(A), due))
    await outgoing.send(Later(changed(A, "event1"), due))
    await tell(facts.created(event_id="event1"), facts.settled(4, WAITING, "a", path=A, next_try=facts.at(3600)))
    await ui.until("/api/jobs/job1", lambda job: job["attempts"]["waiting"] == 1)

    answer = await ui.http.post("/api/jobs/job1/retry-now")

    assert answer.json() == {"id": "job1", "fired": 3}
    await asyncio.sleep(1.0)  # the broker looks at its clock four times a second
    assert list(await bus.subjects(PUBLISH.name, ">")) == [
        f"publish.v1.plex.a.{media_id(A)}",
        index_wait(B).waiting_subject(),
    ]
    assert list(await bus.subjects(JOBS.name, ">")) == [f"jobs.v1.hi.any.{media_id(A)}"]
    assert list(await bus.subjects(DUE.name, ">")) == ["due.v1.key1"]


async def test_every_try_is_kept(ui, tell, facts):
    waits = [
        facts.settled(n, WAITING, "a", path=A, attempt=n, code="NOT_INDEXED", next_try=facts.at(60 * n))
        for n in (1, 2, 3)
    ]
    await tell(facts.created(), *waits, facts.settled(9, Outcome.ADOPTED, "a", path=A, attempt=4), waits[0])
    await ui.until("/api/jobs/job1", lambda job: job["status"] == "completed")

    page = await ui.json("/api/jobs/job1/attempts?per_page=3")

    assert page["total"] == 4
    assert [(one["attempt"], one["outcome"], one["code"]) for one in page["attempts"]] == [
        (4, "adopted", ""),
        (3, "waiting", "NOT_INDEXED"),
        (2, "waiting", "NOT_INDEXED"),
    ]
    assert page["attempts"][1]["next_try"] == "2026-11-20T12:03:00Z"
    assert (await ui.json("/api/jobs/job1"))["attempts"] == {"tries": 4, "waiting": 0, "next_try": None}


async def test_another_urgency_is_ordered_and_shown(ui, bus, tell, facts):
    await tell(facts.created(lane=Lane.LOW))
    await ui.until("/api/jobs/job1", lambda job: job["priority"] == 3)

    answer = await ui.http.post("/api/jobs/job1/priority", json={"priority": "high"})

    assert answer.json() == {"id": "job1", "priority": 1}
    [order] = await stored(bus, DUE, "order.v1.>", JobMovedV1)
    assert (order.job_id, order.lane) == ("job1", Lane.HI)
    control = await Bucket(bus, JOB_STATE.name).get(f"{CONTROL_PREFIX}job1")
    assert decode_control(control.value).lane is Lane.HI
    assert (await ui.json("/api/jobs/job1"))["priority"] == 1


async def test_a_finished_job_is_deleted_for_good_and_a_running_one_is_not(ui, tell, facts):
    await tell(facts.created(), facts.settled(3), facts.created(job="job2"), facts.started(jobs=("job2",)))
    await ui.until("/api/jobs/job2", lambda job: job["status"] == "running")

    deleted = await ui.http.delete("/api/jobs/job1")
    refused = await ui.http.delete("/api/jobs/job2")
    await tell(facts.settled(9, FAILED), facts.created(9, total=5), facts.settled(9, jobs=("job2",)))
    await ui.until("/api/jobs/job2", lambda job: job["status"] == "completed")

    assert deleted.status_code == 200
    assert (refused.status_code, "cancel it" in refused.json()["error"]) == (409, True)
    assert (await ui.http.get("/api/jobs/job1")).status_code == 404
    assert (await ui.http.get("/api/jobs/job1/files")).status_code == 404
    assert [job["id"] for job in (await ui.json("/api/jobs"))["jobs"]] == ["job2"]
    assert (await ui.json("/api/jobs/stats"))["total"] == 1


async def test_finished_jobs_are_cleared_by_status(ui, bus, tell, facts):
    ends = {"job1": Outcome.PUBLISHED, "job2": FAILED, "job3": Outcome.CANCELLED}
    for job, outcome in ends.items():
        await tell(facts.created(job=job), facts.settled(3, outcome, jobs=(job,)))
    await tell(facts.created(job="job4"))
    await ui.until("/api/jobs/stats", lambda counts: counts["total"] == 4 and counts["pending"] == 1)

    some = await ui.http.post("/api/jobs/clear", json={"statuses": ["failed"]})
    rest = await ui.http.post("/api/jobs/clear")

    assert (some.json(), rest.json()) == ({"cleared": 1}, {"cleared": 2})
    assert [job["id"] for job in (await ui.json("/api/jobs"))["jobs"]] == ["job4"]
    assert await bus.count(EVENTS.name, "events.v1.job-changed.>") == 3


async def test_jobs_are_found_by_source_and_title(ui, tell, facts):
    await tell(facts.created(job="job1", title="A 100% Wolf", source="sonarr"), facts.created(job="job2", title="Bear"))
    await ui.until("/api/jobs/job2", lambda _job: True)

    found = {
        query: [job["id"] for job in (await ui.json(f"/api/jobs?{query}"))["jobs"]]
        for query in ("source=sonarr", "search=00%25 wo", "search=job2", "source=sonarr&search=bear")
    }

    assert list(found.values()) == [["job1"], ["job1"], ["job2"], []]


async def test_pause_is_one_switch_that_survives_settings_and_restarts(start_ui, tell, facts):
    async with start_ui() as ui:
        await tell(facts.created())
        await ui.until("/api/jobs/job1", lambda _job: True)
        paused = await ui.http.post("/api/jobs/job1/pause")
        await ui.http.post("/api/settings", json={"cpu_threads": 2})
        assert paused.json()["paused"] is True

    async with start_ui() as ui:
        state = await ui.until("/api/processing/state", lambda state: state["paused"])
        assert (state["held"], state["reason"]) == (True, "processing is paused")
        assert state["since"]
        resumed = await ui.http.post("/api/processing/resume")
        assert (resumed.json()["paused"], resumed.json()["held"]) == (False, False)
        windows = {"enabled": True, "windows": [{"start": "00:00", "end": "12:00"}, {"start": "12:00", "end": "00:00"}]}
        await ui.http.post("/api/settings", json={"quiet_hours": windows})
        state = await ui.json("/api/processing/state")
        assert (state["paused"], state["reason"]) == (False, "these are quiet hours")


async def test_a_server_in_trouble_is_shown_until_it_is_well(ui, tell, facts, server):
    await tell(facts.troubled(1, "UNAUTHORIZED", "the token was refused", server=server))
    status = await ui.until("/api/system/status", lambda status: status["troubles"])
    page = (await ui.http.get("/")).text

    await tell(facts.troubled(5, server=server))

    assert status["troubles"][0]["server_name"] == "Shelf"
    assert "the token was refused" in page
    await ui.until("/api/system/status", lambda status: status["troubles"] == [])


async def test_ten_cancellations_at_once_are_one(ui, tell, facts):
    await tell(facts.created())
    await ui.until("/api/jobs/job1", lambda _job: True)

    answers = await asyncio.gather(*(ui.http.post("/api/jobs/job1/cancel") for _ in range(10)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert (await ui.json("/api/jobs/job1"))["status"] == "cancelled"


def target() -> Target:
    return Target(server_id="a", server_type="plex", rendition=Rendition(320, 5000))


def index_wait(path: str) -> PublishRequestedV1:
    return PublishRequestedV1(
        job_ids=("job1",),
        path=path,
        path_id=media_id(path),
        target=target(),
        picture=Picture(),
        version=FileVersion(1, 1),
        pack="pack1",
        fingerprint="print",
        requested_at=now(),
    )


def extraction(path: str) -> ExtractRequestedV1:
    return ExtractRequestedV1(
        job_ids=("job1",),
        path=path,
        path_id=media_id(path),
        targets=(target(),),
        picture=Picture(),
        requested_at=now(),
    )


def changed(path: str, event: str) -> MediaChangedV1:
    return MediaChangedV1(
        event_id=event, key="key1", source="radarr", kind=ChangeKind.ADDED, path=f"/remote{path}", observed_at=now()
    )
