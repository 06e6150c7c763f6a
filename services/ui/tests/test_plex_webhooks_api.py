"""`/api/settings/plex_webhook` over real HTTP, against a simulated plex.tv."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from framewright.chassis.testing.http import serving
from framewright.ui.domain.plex_webhook import doubt, public_url
from framewright.vendors.plex import plextv_simulator
from framewright.vendors.plex.plextv_simulator import Advertised, PlexTvState
from framewright.vendors.simulation.instruments import Fault, FaultKind

OTHER = "https://tautulli.example/hook?key=1"
OURS = "http://films.example:8080/api/webhooks/plex"


@dataclass
class Desk:
    """A ui and its plex.tv."""

    ui: Any
    tv: PlexTvState

    async def post(self, what: str, **body: Any) -> Any:
        return await self.ui.http.post(f"/api/settings/plex_webhook/{what}", json=body)

    async def status(self) -> Any:
        return await self.ui.json("/api/settings/plex_webhook/status")

    async def settings(self, **changes: Any) -> Any:
        answer = await self.ui.http.post("/api/settings", json=changes)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def add_plex(self, token: str, machine: str) -> None:
        films = {"id": "1", "name": "Films", "remote_paths": ["/data"]}
        body = {"type": "plex", "url": "http://127.0.0.1:1", "server_identity": machine, "libraries": [films]}
        assert (await self.ui.http.post("/api/servers", json={**body, "auth": {"token": token}})).status_code == 201

    async def sign_in(self) -> None:
        answer = await self.ui.http.post("/api/plex/account/upgrade", json={"token": self.tv.legacy_token})
        assert answer.status_code == 200


@pytest.fixture
def desk(start_ui):
    @asynccontextmanager
    async def run(*, signed_in: bool = True, **options: Any):
        tv = PlexTvState(webhooks=[OTHER], **options)
        async with (
            serving(plextv_simulator.create_app(tv)) as url,
            start_ui(plex_tv_url=url, plex_clients_url=url) as ui,
        ):
            one = Desk(ui, tv)
            if signed_in:
                await one.sign_in()
            yield one

    return run


@pytest.fixture
async def receiver():
    """Our own webhook as ingest answers it: open to those who know the secret."""
    got = []

    async def receive(request: Request) -> Response:
        async with request.form() as form:
            got.append((request.url.path, dict(request.query_params), str(form.get("payload"))))
        if request.url.path.startswith("/elsewhere"):
            return RedirectResponse("http://127.0.0.1:1/")
        return JSONResponse({}, 200 if request.query_params.get("token") else 401)

    async with serving(Starlette(routes=[Route("/{path:path}", receive, methods=["POST"])])) as url:
        yield url, got


@pytest.mark.integration
async def test_registering_makes_a_secret_and_keeps_the_webhooks_of_others(desk):
    async with desk() as here:
        before = await here.status()
        registered = await here.post("register", public_url=f"{OURS}?x=1#y")
        after = await here.status()

        assert registered.json() == {"success": True, "registered_in_plex": True, "public_url": OURS}
        assert here.tv.webhooks[0] == OTHER
        assert here.tv.webhooks[1].startswith(f"{OURS}?token=")
        assert "operators-token" not in here.tv.webhooks[1]
        assert [one["registered_in_plex"] for one in (before, after)] == [False, True]
        assert (after["enabled_in_settings"], after["has_plex_pass"], after["error"]) == (True, True, None)
        assert "token" not in after["public_url"]


@pytest.mark.integration
async def test_the_default_address_is_the_one_that_the_request_came_by(desk):
    async with desk() as here:
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "films.example"}

        answer = await here.ui.http.post("/api/settings/plex_webhook/register", headers=headers)

        assert answer.json()["public_url"] == "https://films.example/api/webhooks/plex"
        assert (await here.status())["default_url"] == f"{here.ui.url}/api/webhooks/plex"


@pytest.mark.integration
async def test_another_secret_is_noticed_and_registering_again_replaces_the_entry(desk):
    async with desk() as here:
        await here.post("register", public_url=OURS)
        await here.ui.http.post("/api/settings", json={"webhook_secret": "a new & better one"})
        stale = await here.status()

        await here.post("register", public_url=OURS)

        assert "older secret" in stale["warning"]
        assert here.tv.webhooks == [OTHER, f"{OURS}?token=a%20new%20%26%20better%20one"]
        assert (await here.status())["warning"] == ""


@pytest.mark.integration
async def test_unregistering_leaves_the_others(desk):
    async with desk() as here:
        await here.post("register", public_url=OURS)

        answer = await here.post("unregister")

        assert answer.json() == {"success": True, "registered_in_plex": False}
        assert here.tv.webhooks == [OTHER]
        assert (await here.status())["enabled_in_settings"] is False
        assert (await here.ui.json("/api/settings"))["plex_webhook_enabled"] is False


@pytest.mark.integration
async def test_registering_switches_the_webhook_on_and_status_follows_the_switch(desk):
    async with desk() as here:
        fresh = await here.ui.json("/api/settings")
        await here.post("register", public_url=OURS)
        on, after = await here.status(), await here.ui.json("/api/settings")
        await here.settings(plex_webhook_enabled=False)
        off = await here.status()
        tried = (await here.post("test", public_url="http://127.0.0.1:1/x")).json()

        names = ("plex_webhook_enabled", "plex_webhook_public_url")
        assert [[one[name] for name in names] for one in (fresh, after)] == [[False, ""], [True, OURS]]
        assert (on["enabled_in_settings"], on["registered_in_plex"], on["warning"]) == (True, True, "")
        assert (off["enabled_in_settings"], off["registered_in_plex"]) == (False, True)
        assert "plex_webhook_enabled" in off["warning"]
        assert tried["warning"] == off["warning"]


@pytest.mark.integration
async def test_the_configured_address_is_registered_tried_and_shown(desk, receiver):
    url, got = receiver
    ours = f"{url}/api/webhooks/plex"
    async with desk() as here:
        await here.post("register", public_url=OURS)
        await here.settings(plex_webhook_public_url=url)

        moved = await here.status()
        registered = (await here.post("register")).json()
        tried = (await here.post("test")).json()

        assert (moved["public_url"], moved["registered_in_plex"]) == (ours, False)
        assert (registered["public_url"], tried["public_url"], len(got)) == (ours, ours, 1)
        assert [one.partition("?")[0] for one in here.tv.webhooks] == [OTHER.partition("?")[0], ours]


@pytest.mark.integration
async def test_the_token_of_a_server_that_its_account_owns_serves_while_nobody_is_signed_in(desk):
    async with desk(signed_in=False) as here:
        here.tv.servers += [Advertised("Attic", "attic", "x"), Advertised("Guest", "guest", "x", owned=False)]
        await here.add_plex("not-plex-tvs", "attic")
        await here.add_plex(here.tv.legacy_token, "guest")
        guest = await here.post("register", public_url=OURS)
        await here.add_plex(here.tv.legacy_token, "attic")

        own = await here.post("register", public_url=OURS)
        status = await here.status()
        gone = await here.post("unregister")

        assert (guest.status_code, guest.json()["reason"]) == (400, "missing_token")
        assert (own.status_code, gone.status_code, here.tv.webhooks) == (200, 200, [OTHER])
        assert (status["registered_in_plex"], status["has_plex_pass"], status["error"]) == (True, True, None)
        assert here.tv.legacy_token not in own.text + str(status)


@pytest.mark.integration
async def test_without_plex_pass_the_reason_is_that_and_nothing_else(desk):
    async with desk(plex_pass=False) as here:
        answer = await here.post("register", public_url=OURS)
        status = await here.status()

        assert (answer.status_code, answer.json()["reason"]) == (403, "plex_pass_required")
        assert (status["has_plex_pass"], status["error_reason"]) == (False, "plex_pass_required")
        assert here.tv.webhooks == [OTHER]


@pytest.mark.integration
async def test_without_an_account_the_token_is_missing(desk):
    async with desk(signed_in=False) as here:
        answer = await here.post("register", public_url=OURS)

        assert (answer.status_code, answer.json()["reason"]) == (400, "missing_token")
        assert (await here.status())["error_reason"] == "missing_token"


@pytest.mark.integration
async def test_a_bad_token_is_told_apart_from_a_missing_plex_pass(desk):
    async with desk() as here:
        here.tv.tokens.clear()

        answer = await here.post("register", public_url=OURS)

        assert (answer.status_code, answer.json()["reason"]) == (400, "sign_in_again")


@pytest.mark.integration
async def test_an_outage_is_a_network_error_in_every_answer(desk):
    async with desk() as here:
        here.tv.instruments.inject(Fault(FaultKind.STATUS, status=503))

        answers = [await here.post(what, public_url=OURS) for what in ("register", "unregister")]

        assert [(one.status_code, one.json()["reason"]) for one in answers] == [(502, "network_error")] * 2
        status = await here.status()
        assert (status["error_reason"], status["has_plex_pass"]) == ("network_error", None)


@pytest.mark.integration
async def test_the_address_is_tried_with_a_synthetic_event(desk, receiver):
    url, got = receiver
    async with desk() as here:
        await here.post("register", public_url=f"{url}/api/webhooks/plex")

        tried = (await here.post("test")).json()

    assert (tried["success"], tried["status_code"], tried["public_url"]) == (True, 200, f"{url}/api/webhooks/plex")
    ((path, query, payload),) = got
    assert (path, "test.ping" in payload) == ("/api/webhooks/plex", True)
    assert query["token"] not in str(tried)


@pytest.mark.integration
async def test_an_address_that_does_not_lead_to_us_says_why(desk, receiver):
    url, _ = receiver
    async with desk() as here:
        refused = (await here.post("test", public_url=f"{url}/x")).json()
        moved = (await here.post("test", public_url=f"{url}/elsewhere")).json()
        nobody = (await here.post("test", public_url="http://127.0.0.1:1/x")).json()

    assert [one["success"] for one in (refused, moved, nobody)] == [False] * 3
    assert [one["status_code"] for one in (refused, moved, nobody)] == [401, 307, None]
    assert nobody["error_reason"] == "network_error"


@pytest.mark.integration
async def test_an_address_that_is_none_is_refused(desk):
    async with desk() as here:
        for wrong in (
            "films.example",
            "ftp://films.example",
            "http://me:secret@films.example",
            "http://[",
            7,
            [],
            {"a": 1},
        ):
            answer = await here.post("register", public_url=wrong)

            assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
            assert answer.json()["error"].startswith("public_url")
        assert here.tv.webhooks == [OTHER]


def test_a_bare_host_gets_our_path():
    assert public_url("https://films.example/", "") == "https://films.example/api/webhooks/plex"
    assert public_url("https://films.example/base/hook", "") == "https://films.example/base/hook"
    assert public_url(None, "http://default") == "http://default"


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_a_loopback_address_is_doubted(host):
    assert "loopback" in doubt(f"http://{host}/x", stale=False)
    assert doubt("http://films.example/x", stale=False) == ""
