"""Settings, status, health, and what holds for every request."""

import re

import msgspec
import pytest

from framewright.contracts.settings import REDACTED

pytestmark = pytest.mark.integration


async def test_settings_are_changed_in_part_and_the_secret_is_masked(ui):
    changed = await ui.http.post("/api/settings", json={"webhook_secret": "hush", "thumbnail_interval": 10})

    again = await ui.http.post("/api/settings", json={**changed.json(), "thumbnail_quality": 2})

    assert (changed.json()["thumbnail_interval"], changed.json()["webhook_secret"]) == (10, REDACTED)
    shown = await ui.json("/api/settings")
    assert shown == again.json()
    assert (shown["thumbnail_quality"], shown["webhook_secret"]) == (2, REDACTED)


WRONG = [
    ('{"thumbnail_interval": 0}', "thumbnail_interval"),
    ('{"tumbnail": 1}', "tumbnail"),
    ("[]", "body"),
    ("{", "body"),
]


async def test_a_wrong_setting_is_named(ui):
    for body, field in WRONG:
        answer = await ui.http.post("/api/settings", content=body)

        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
        assert field in answer.json()["error"]


async def test_the_status_counts_jobs_and_queues(ui, tell, facts, bus):
    await tell(facts.created(), facts.created(job="job2"), facts.settled(4, jobs=("job2",)))
    await bus.publish("jobs.v1.hi.any.x", b"{}")
    await ui.until("/api/jobs/job2", lambda job: job["status"] == "completed")

    status = await ui.json("/api/system/status")

    assert status["jobs"] == {"pending": 1, "running": 0, "completed": 1, "failed": 0, "cancelled": 0, "total": 2}
    assert status["queues"] == {"hi": 1, "mid": 0, "low": 0}
    assert status["bus"] == {"connected": True}
    assert (status["gpus"], status["workers"], status["servers"]) == ([], [], 0)
    assert status["version"]


async def test_health_needs_no_token(ui):
    for path, body in (("/api/health", '{"status":"healthy"}'), ("/live", "ok")):
        answer = await ui.http.get(path, headers={"X-Auth-Token": ""})

        assert (answer.status_code, answer.text) == (200, body)
    assert (await ui.http.get("/ready")).json()["ready"] is True
    assert "framewright_http_request_seconds" in (await ui.http.get("/metrics")).text


async def test_a_body_over_one_mebibyte_is_refused(ui):
    async def endless():
        for _ in range(20):
            yield b"x" * 65536

    announced = await ui.http.post("/api/settings", content=b"x" * (1024 * 1024 + 1))
    streamed = await ui.http.post("/api/settings", content=endless())

    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_while_the_broker_restarts_reading_goes_on_and_changes_have_to_wait(ui, broker, tell, facts):
    await tell(facts.created())
    await ui.until("/api/jobs/job1", lambda _job: True)
    broker.stop()

    refused = await ui.http.post("/api/settings", json={"cpu_threads": 2})
    assert (refused.status_code, refused.json()["code"]) == (503, "BUS_UNAVAILABLE")
    assert int(refused.headers["retry-after"]) > 0
    assert (await ui.http.get("/ready")).status_code == 503
    assert (await ui.http.get("/api/jobs")).status_code == 200

    broker.start()
    await tell(facts.settled(5))
    await ui.until("/api/jobs/job1", lambda job: job["status"] == "completed", seconds=15)


async def test_every_page_has_the_security_headers(ui):
    answer = await ui.http.get("/")

    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "<script>" not in answer.text
    assert " style=" not in answer.text


async def test_static_files_are_cached_by_their_content(ui):
    page = (await ui.http.get("/")).text
    url = page.split('<script type="module" src="')[1].split('"')[0]

    found = await ui.http.get(url, headers={"X-Auth-Token": ""})
    stale = await ui.http.get("/static/0000/app.js")

    assert "immutable" in found.headers["cache-control"]
    assert found.headers["content-type"].startswith("text/javascript")
    assert stale.status_code == 404


async def test_the_document_describes_the_shapes(ui):
    document = await ui.json("/api/openapi.json")

    assert "/api/jobs/{job_id}/files" in document["paths"]
    assert "servers" in document["components"]["schemas"]["FileView"]["properties"]
    assert "/login" not in document["paths"]
    assert "note" in document["components"]["schemas"]["Rescanned"]["properties"]


async def test_a_foreign_site_gets_in_only_by_invitation(start_ui):
    headers = {"Origin": "https://dash.example", "Access-Control-Request-Method": "POST"}
    async with start_ui(cors_origins="https://dash.example") as ui:
        invited = await ui.http.options("/api/settings", headers=headers)
        other = await ui.http.options("/api/settings", headers={**headers, "Origin": "https://evil"})

    assert invited.headers["access-control-allow-origin"] == "https://dash.example"
    assert "access-control-allow-origin" not in other.headers


FILMS = {"id": "1", "name": "Films", "kind": "movie", "remote_paths": ["/data/films"]}
PLEX = {"id": "p", "type": "plex", "name": "Attic", "url": "http://attic:32400", "auth": {"token": "sesame"}}


@pytest.fixture
async def attic(ui):
    """A Plex server with one library, configured without being asked for anything."""
    answer = await ui.http.post("/api/servers", json={**PLEX, "libraries": [FILMS]})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_the_configuration_is_shown_without_its_secrets(ui, attic):
    await ui.http.post("/api/settings", json={"webhook_secret": "hush", "cpu_threads": 3})

    answer = await ui.http.get("/api/system/config")

    config = answer.json()
    assert (config["cpu_threads"], config["webhook_secret"], config["version"] != "") == (3, REDACTED, True)
    assert [(one["id"], one["auth"]["token"]) for one in config["servers"]] == [(attic, REDACTED)]
    assert "hush" not in answer.text
    assert "sesame" not in answer.text


async def test_the_libraries_of_every_server_are_listed(ui, attic):
    await ui.until("/api/libraries", lambda found: found["libraries"])

    (library,) = (await ui.json("/api/libraries"))["libraries"]

    assert (library["id"], library["name"], library["type"], library["enabled"]) == ("1", "Films", "movie", True)
    assert (library["server_id"], library["server_name"], library["server_type"]) == (attic, "Attic", "plex")


async def test_the_document_names_bodies_and_the_one_shape_of_errors(ui):
    document = await ui.json("/api/openapi.json")

    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert all("422" not in one["responses"] and "default" in one["responses"] for one in operations)
    body = document["paths"]["/api/jobs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {"library_id", "sort_by"} <= set(
        document["components"]["schemas"][body["$ref"].rpartition("/")[2]]["properties"]
    )
    named = set(re.findall(r"#/components/schemas/(\w+)", msgspec.json.encode(document).decode()))
    assert named <= set(document["components"]["schemas"])


async def test_an_id_that_means_something_to_the_bus_names_nothing(ui, attic):
    await ui.until("/api/servers", lambda found: found["servers"])

    for name in ("%3E", "*", "a..b", "a.", "%0A", "a%20b", "%00"):
        answers = [await ui.http.get(f"/api/servers/{name}"), await ui.http.delete(f"/api/servers/{name}")]
        answers.append(await ui.http.put(f"/api/servers/{name}", json={"name": "Another"}))
        assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "NOT_FOUND")] * 3

    assert [(one["id"], one["name"]) for one in (await ui.json("/api/servers"))["servers"]] == [(attic, "Attic")]
