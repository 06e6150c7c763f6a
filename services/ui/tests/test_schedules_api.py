"""`/api/schedules` and `/api/quiet-hours` as operators use them."""

import msgspec
import pytest

from framewright.chassis.bus import Bucket
from framewright.contracts.catalogue import CONFIG, JOB_STATE, SCANS
from framewright.contracts.scans import ScanRequestedV1, ScanState, TickV1, scan_key
from framewright.contracts.schedules import Schedule, ScheduleState, decode_schedule, state_key
from framewright.contracts.senders import Sender

pytestmark = pytest.mark.integration

NIGHTLY = {"name": "Nightly Movies", "library_id": "1", "cron_expression": "0 2 * * *"}
SCANNER = {
    "name": "Recently Added Scanner",
    "library_id": None,
    "interval_minutes": 15,
    "enabled": True,
    "config": {"job_type": "recently_added", "lookback_hours": 1},
}


@pytest.fixture
def add(ui):
    async def post(**fields):
        answer = await ui.http.post("/api/schedules", json={**NIGHTLY, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return post


async def test_a_schedule_is_added_listed_and_shown(ui, add, bus):
    added = await add()

    listed = (await ui.json("/api/schedules"))["schedules"]
    stored = await Bucket(bus, CONFIG.name).get(f"schedules.{added['id']}")
    assert listed == [added] == [await ui.json(f"/api/schedules/{added['id']}")]
    assert decode_schedule(stored.value).library_id == "1"
    assert added["next_run"] is not None
    assert (added["enabled"], added["last_run"], added["last_job_id"]) == (True, None, None)
    assert added["config"]["job_type"] == "full_library"


async def test_the_scanner_of_the_reference_is_taken_as_it_is(ui):
    answer = await ui.http.post("/api/schedules", json=SCANNER)

    assert answer.status_code == 201
    assert answer.json()["config"]["lookback_hours"] == 1.0
    assert answer.json()["library_id"] is None


async def test_only_what_is_given_changes(ui, add):
    schedule = await add()

    answer = await ui.http.put(
        f"/api/schedules/{schedule['id']}", json={"stop_time": "06:30", "config": {"sort_by": ""}}
    )

    changed = answer.json()
    assert (changed["stop_time"], changed["config"]["sort_by"]) == ("06:30", "")
    assert (changed["name"], changed["cron_expression"]) == ("Nightly Movies", "0 2 * * *")


async def test_an_answer_can_be_put_back_as_it_is(ui, add):
    schedule = await add()

    answer = await ui.http.put(f"/api/schedules/{schedule['id']}", json=schedule)

    assert answer.json() == schedule


WRONG = [
    *({"cron_expression": "daily"}, {"priority": 9}, {"colour": "red"}, {"name": ""}, {"name": "a\x00b"}),
    *({"library_ids": ["1"] * 501}, {"library_id": "1" * 201}, {"library_ids": ["1" * 201]}, {"server_id": "s" * 201}),
]


@pytest.mark.parametrize("body", WRONG)
async def test_a_wrong_field_is_refused_by_name(ui, add, body):
    schedule = await add()

    answer = await ui.http.put(f"/api/schedules/{schedule['id']}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["error"].startswith(next(iter(body)))


async def test_the_document_names_every_field_that_is_taken_and_shown(ui):
    schemas = (await ui.json("/api/openapi.json"))["components"]["schemas"]

    taken, shown = (set(schemas[name]["properties"]) for name in ("NewSchedule", "ScheduleView"))
    assert taken == set(Schedule.__struct_fields__) - {"id", "created_at"}
    assert shown == {*Schedule.__struct_fields__, "next_run", "last_run", "last_job_id"}
    assert set(schemas["NewSender"]["properties"]) == set(Sender.__struct_fields__)
    assert {"PendingPage", "Replayed", "ReplayWish", "SenderReport"} <= set(schemas)


async def test_a_disabled_schedule_has_no_next_run(ui, add):
    schedule = await add()

    disabled = (await ui.http.post(f"/api/schedules/{schedule['id']}/disable")).json()
    enabled = (await ui.http.post(f"/api/schedules/{schedule['id']}/enable")).json()

    assert (disabled["enabled"], disabled["next_run"]) == (False, None)
    assert enabled["enabled"]
    assert enabled["next_run"] is not None


async def test_run_now_sends_a_tick_with_the_id_that_is_answered(ui, add, bus):
    schedule = await add()

    answer = await ui.http.post(f"/api/schedules/{schedule['id']}/run")

    tick = TickV1(schedule_id=schedule["id"], job_id=answer.json()["job_id"])
    found = await bus.get_last(SCANS.name, tick.subject())
    assert answer.status_code == 202
    assert msgspec.json.decode(found[1], type=TickV1) == tick


async def test_run_now_means_the_run_that_a_tick_at_the_same_moment_began(ui, add, bus):
    schedule = await add()

    first = (await ui.http.post(f"/api/schedules/{schedule['id']}/run")).json()["job_id"]
    state = await Bucket(bus, JOB_STATE.name).get(state_key(schedule["id"]))
    second = (await ui.http.post(f"/api/schedules/{schedule['id']}/run")).json()["job_id"]

    assert msgspec.json.decode(state.value, type=ScheduleState).job_id == first == second
    assert await bus.count(SCANS.name, f"tick.v1.{schedule['id']}") == 1


async def test_run_now_lets_a_run_go_on_that_rests_however_often(ui, add, bus, facts):
    schedule = await add()
    jobs = Bucket(bus, JOB_STATE.name)
    state = ScheduleState(job_id="resting", started_at=facts.at(0), requested_at=facts.at(0))
    await jobs.put(state_key(schedule["id"]), msgspec.json.encode(state))
    await jobs.put(scan_key("resting"), msgspec.json.encode(ScanState(job_id="resting", at=facts.at(0))))

    answers = [(await ui.http.post(f"/api/schedules/{schedule['id']}/run")).json()["job_id"] for _ in range(2)]

    assert answers == ["resting", "resting"]
    assert await bus.count(SCANS.name, f"tick.v1.{schedule['id']}") == 2


async def test_run_now_answers_the_run_that_is_under_way(ui, add, bus, facts):
    schedule = await add()
    state = ScheduleState(job_id="nightly-run", started_at=facts.at(0), requested_at=facts.at(0))
    await Bucket(bus, JOB_STATE.name).put(state_key(schedule["id"]), msgspec.json.encode(state))
    under_way = ScanRequestedV1(job_id="nightly-run", title="N", source="schedule", requested_at=facts.at(0))
    await bus.publish(under_way.subject(), msgspec.json.encode(under_way))

    answer = await ui.http.post(f"/api/schedules/{schedule['id']}/run")

    shown = await ui.json(f"/api/schedules/{schedule['id']}")
    assert answer.json()["job_id"] == "nightly-run"
    assert (shown["last_job_id"], shown["last_run"]) == ("nightly-run", "2026-11-20T12:00:00Z")
    assert await bus.get_last(SCANS.name, f"tick.v1.{schedule['id']}") is None


async def test_a_deleted_schedule_is_gone(ui, add):
    schedule = await add()

    answer = await ui.http.delete(f"/api/schedules/{schedule['id']}")

    assert answer.json() == {"success": True}
    assert (await ui.json("/api/schedules"))["schedules"] == []


@pytest.mark.parametrize("verb", ["get", "put", "delete"])
@pytest.mark.parametrize("name", ["unknown", "a.b", "%3E", "*", "a%20b"])
async def test_no_schedule_is_no_schedule_whatever_its_name(ui, verb, name):
    more = {"json": {}} if verb == "put" else {}

    answer = await getattr(ui.http, verb)(f"/api/schedules/{name}", **more)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_quiet_hours_are_changed_by_themselves(ui):
    hours = {"enabled": True, "windows": [{"start": "22:00", "end": "06:00", "days": ["fri", "sat"]}]}

    answer = await ui.http.post("/api/quiet-hours", json=hours)

    assert answer.json() == hours == await ui.json("/api/quiet-hours")
    assert (await ui.json("/api/settings"))["quiet_hours"] == hours


async def test_quiet_hours_that_no_clock_shows_are_refused(ui):
    answer = await ui.http.post("/api/quiet-hours", json={"windows": [{"start": "25:00", "end": "06:00"}]})

    assert answer.status_code == 400
    assert "quiet_hours.windows" in answer.json()["error"]
