"""`/api/senders` over the real bus; the sender is a simulated Sonarr over real HTTP."""

from datetime import UTC, datetime

import msgspec

from framewright.chassis.bus import Bucket
from framewright.chassis.testing.http import serving
from framewright.contracts.catalogue import CONFIG
from framewright.contracts.senders import Reconciled, SenderReport
from framewright.vendors.sonarr.simulator import create_app, sonarr

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
GIVEN = {"id": "one", "type": "sonarr", "name": "Sonarr", "url": "http://sonarr:8989/", "api_key": "s3cr3t-k3y"}


async def test_a_sender_is_added_shown_changed_and_removed(ui, bus):
    added = await ui.http.post("/api/senders", json=GIVEN)
    twice = await ui.http.post("/api/senders", json=GIVEN)
    changed = await ui.http.put(
        "/api/senders/one", json={**added.json(), "name": "Attic", "every_minutes": 5, "id": "two"}
    )
    stored = await Bucket(bus, CONFIG.name).get("senders.one")

    assert (added.status_code, twice.status_code, changed.status_code) == (201, 409, 200)
    assert added.json()["url"] == "http://sonarr:8989"
    assert (await ui.json("/api/senders"))["senders"] == [await ui.json("/api/senders/one")]
    assert [changed.json()[name] for name in ("id", "name", "api_key")] == ["one", "Attic", "***REDACTED***"]
    assert b"sealed:" in stored.value
    assert b"s3cr3t" not in stored.value
    assert (await ui.http.delete("/api/senders/one")).status_code == 200
    assert (await ui.json("/api/senders"))["senders"] == []
    assert (await ui.http.get("/api/senders/one")).status_code == 404


WRONG = [
    ({"type": "lidarr"}, "type is wrong"),
    ({"url": "sonarr:8989"}, "url must start with"),
    ({"url": "http://sonarr/" + "p" * 2000}, "url must not hold"),
    ({"url": "http://me:pw@sonarr"}, "url must not hold"),
    ({"every_minutes": 0}, "every_minutes must be"),
    ({"api_key": None}, "api_key must be given"),
    ({"api_key": "a\nb"}, "api_key must be plain"),
    ({"id": "a.b"}, "id must be"),
    ({"enabled": "yes"}, "enabled is wrong"),
]


async def test_every_refusal_names_its_field(ui):
    answers = [(await ui.http.post("/api/senders", json={**GIVEN, **changes}), field) for changes, field in WRONG]

    assert {answer.status_code for answer, _ in answers} == {400}
    assert [answer.json()["error"] for answer, field in answers if not answer.json()["error"].startswith(field)] == []


async def test_a_stored_key_is_not_sent_to_another_address_unasked(ui):
    await ui.http.post("/api/senders", json=GIVEN)

    moved = await ui.http.put("/api/senders/one", json={"url": "http://elsewhere:8989"})
    with_key = await ui.http.put("/api/senders/one", json={"url": "http://elsewhere:8989", "api_key": "other"})

    assert (moved.status_code, with_key.status_code) == (400, 200)
    assert moved.json()["error"] == "api_key must be given again when the url changes"


async def test_a_test_says_the_version_or_why_not(ui):
    program = sonarr()
    async with serving(create_app(program)) as url:
        await ui.http.post("/api/senders", json={**GIVEN, "url": url, "api_key": program.api_key})
        await ui.http.post("/api/senders", json={**GIVEN, "id": "bad", "url": url})

        good = (await ui.http.post("/api/senders/one/test")).json()
        bad = (await ui.http.post("/api/senders/bad/test")).json()

        assert good == {"success": True, "version": program.version, "error": ""}
        assert bad["error"] == "Sonarr: GET /api/v3/system/status answered 401: the credentials are refused"


async def test_a_reading_is_asked_for_and_its_report_shown(ui, bus):
    bucket = Bucket(bus, CONFIG.name)
    await ui.http.post("/api/senders", json=GIVEN)
    await ui.http.post("/api/senders", json={**GIVEN, "id": "off", "enabled": False})

    none_yet = await ui.http.get("/api/senders/one/report")
    asked = await ui.http.post("/api/senders/one/reconcile")
    refused = await ui.http.post("/api/senders/off/reconcile")
    report = SenderReport(sender_id="one", at=NOON, since=NOON, until=NOON, checked=3, known=2, missed_count=1)
    await bucket.put("reconciled.one", msgspec.json.encode(Reconciled(until=NOON, report=report)))

    assert (none_yet.status_code, asked.status_code, refused.status_code) == (404, 202, 409)
    assert (await bucket.get("reconcile-asked.one")).value == msgspec.json.encode(asked.json()["asked_at"])
    assert (await ui.json("/api/senders/one/report"))["missed_count"] == 1


async def test_an_unknown_sender_is_404_everywhere(ui):
    calls = ["GET /x", "PUT /x", "DELETE /x", "POST /x/test", "POST /x/reconcile", "GET /x/report", "GET /a.b"]

    answers = {one: await ui.http.request(one.split()[0], f"/api/senders{one.split()[1]}", json={}) for one in calls}

    assert {call: (one.status_code, one.json()["code"]) for call, one in answers.items()} == dict.fromkeys(
        calls, (404, "NOT_FOUND")
    )
