"""Who gets in, and with what."""

import json
import time
from pathlib import Path

import httpx
import pytest

from framewright.chassis.sealing import load_sealer

pytestmark = pytest.mark.integration

TOKEN = "operators-token"


@pytest.fixture
async def browser(ui):
    """A client without the token."""
    async with httpx.AsyncClient(base_url=ui.url, verify=False) as http:
        yield http


async def sign_in(browser: httpx.AsyncClient, token: str = TOKEN, **form: str) -> httpx.Response:
    return await browser.post("/login", data={"token": token, **form})


async def test_the_api_takes_the_token_in_either_header(browser):
    wrong = ({}, {"X-Auth-Token": "wrong"}, {"Authorization": "Bearer wrong"}, {"Cookie": "framewright_session=forged"})
    right = ({"X-Auth-Token": TOKEN}, {"Authorization": f"Bearer {TOKEN}"})

    refused = [await browser.get("/api/jobs", headers=headers) for headers in wrong]
    admitted = [await browser.get("/api/jobs", headers=headers) for headers in right]

    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(401, "UNAUTHORIZED")] * 4
    assert [answer.status_code for answer in admitted] == [200, 200]


async def test_a_token_in_the_address_is_not_taken(browser):
    assert (await browser.get(f"/api/jobs?token={TOKEN}")).status_code == 401


async def test_nothing_else_is_open(browser):
    paths = ("/api/events", "/api/openapi.json", "/partials/jobs", "/api/unknown")

    assert [(await browser.get(path)).status_code for path in paths] == [401] * 4


async def test_a_page_sends_a_browser_to_the_login_and_back(browser):
    away = await browser.get("/jobs/job1", headers={"Accept": "text/html"})
    page = await browser.get(away.headers["location"])
    back = await sign_in(browser, next="/jobs/job1")

    assert (away.status_code, away.headers["location"]) == (303, "/login?next=/jobs/job1")
    assert 'value="/jobs/job1"' in page.text
    assert (back.status_code, back.headers["location"]) == (303, "/jobs/job1")
    cookie = back.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert TOKEN not in cookie


async def test_a_session_reads_freely_and_changes_only_from_our_own_page(browser, ui):
    await sign_in(browser)

    assert (await browser.get("/api/jobs")).status_code == 200
    forged = await browser.post("/api/settings", json={"cpu_threads": 2}, headers={"Origin": "http://evil"})
    bare = await browser.post("/api/settings", json={"cpu_threads": 2})
    own = await browser.post("/api/settings", json={"cpu_threads": 2}, headers={"Origin": ui.url})
    script = await browser.post("/api/settings", json={"cpu_threads": 3}, headers={"X-Requested-With": "fetch"})

    assert [one.status_code for one in (forged, bare, own, script)] == [403, 403, 200, 200]
    assert forged.json()["code"] == "FORBIDDEN"


async def test_signing_out_ends_the_session_of_the_browser(browser):
    await sign_in(browser)

    await browser.post("/logout", headers={"X-Requested-With": "fetch"})

    assert (await browser.get("/api/jobs")).status_code == 401


async def test_a_wrong_token_is_refused_and_the_sixth_attempt_has_to_wait(browser):
    answers = [await sign_in(browser, "wrong") for _ in range(5)]

    limited = await sign_in(browser)

    assert [answer.status_code for answer in answers] == [401] * 5
    assert limited.status_code == 429
    assert 0 < int(limited.headers["retry-after"]) <= 60
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["4", "3", "2", "1", "0"]
    assert (limited.headers["x-ratelimit-limit"], limited.headers["x-ratelimit-remaining"]) == ("5", "0")
    assert 0 <= int(limited.headers["x-ratelimit-reset"]) - time.time() <= 60


async def test_a_sealed_secret_of_another_kind_is_no_session(browser, tmp_path: Path):
    sealer = load_sealer("", str(tmp_path / "config"))
    sealed = sealer.seal(json.dumps({"until": 10**12, "token": "x"})).removeprefix("sealed:")

    answer = await browser.get("/api/jobs", headers={"Cookie": f"framewright_session={sealed}"})

    assert answer.status_code == 401


async def test_external_authentication_lets_everyone_in_but_no_forged_change(start_ui):
    async with start_ui(auth_method="external") as ui, httpx.AsyncClient(base_url=ui.url, verify=False) as http:
        read = await http.get("/api/jobs")
        script = await http.post("/api/settings", json={})
        forged = await http.post("/api/settings", json={}, headers={"Origin": "http://evil"})

    assert [one.status_code for one in (read, script, forged)] == [200, 200, 403]


async def test_a_script_of_the_browser_gets_a_session_too(browser):
    own = {"X-Requested-With": "fetch"}

    before = await browser.get("/api/auth/status")
    entry = await browser.post("/api/auth/login", json={"token": TOKEN})
    inside = await browser.get("/api/auth/status")
    end = await browser.post("/api/auth/logout", headers=own)
    after = await browser.get("/api/auth/status")

    assert [one.status_code for one in (before, entry, inside, end, after)] == [401, 200, 200, 200, 401]
    assert inside.json() == {"authenticated": True, "auth_method": "internal", "session": True}
    assert entry.headers["x-ratelimit-limit"] == "10"


async def test_the_eleventh_login_of_a_script_has_to_wait(browser):
    answers = [await browser.post("/api/auth/login", json={"token": "wrong"}) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [*[401] * 10, 429]
    assert answers[-1].json()["code"] == "RATE_LIMITED"
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_login_without_a_token_names_the_field(browser):
    answer = await browser.post("/api/auth/login", json={})

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert "token" in answer.json()["error"]
