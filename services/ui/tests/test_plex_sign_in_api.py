"""`/api/plex` over real HTTP: a simulated plex.tv, a simulated Plex server, and the ui between a browser and them."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from framewright.chassis.bus import Bucket
from framewright.chassis.testing.http import serving
from framewright.contracts.settings import REDACTED
from framewright.vendors.plex import plextv_simulator, simulator
from framewright.vendors.plex.plextv_simulator import Advertised, PlexTvState, Way
from framewright.vendors.simulation.disk import Shelf
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

SERVER_TOKEN = "attic-access-token"
LEGACY = "legacy-token"


@dataclass
class Home:
    """A ui with its plex.tv and a Plex server that the account owns."""

    ui: Any
    tv: PlexTvState
    pms: Any
    pms_url: str
    heard: list[str]

    async def post(self, path: str, **body: Any) -> Any:
        return await self.ui.http.post(f"/api/plex{path}", json=body)

    async def sign_in(self, **body: Any) -> None:
        pin = (await self.post("/auth/pin", **body)).json()
        self.tv.approve(pin["id"])
        assert (await self.ui.json(f"/api/plex/auth/pin/{pin['id']}"))["authenticated"] is True

    async def found(self) -> dict[str, Any]:
        return (await self.ui.json("/api/plex/servers"))["servers"][0]


@pytest.fixture
def home(start_ui, tmp_path):
    @asynccontextmanager
    async def run(**changes: Any):
        tv, heard = PlexTvState(), []
        pms = simulator.PlexState(shelves=[Shelf("Films", "movie", "/data/films", str(tmp_path))], token=SERVER_TOKEN)
        async with (
            serving(plextv_simulator.create_app(tv)) as tv_url,
            serving(simulator.create_app(pms)) as pms_url,
            start_ui(**{"plex_tv_url": tv_url, "plex_clients_url": tv_url, **changes}) as ui,
        ):
            port = int(pms_url.rpartition(":")[2])
            way = Way("127.0.0.1", port, f"https://127.0.0.1:{port}")
            tv.servers.append(Advertised("Attic", pms.machine, SERVER_TOKEN, (way,)))

            async def listen(response):
                await response.aread()
                heard.append(response.text)

            ui.http.event_hooks["response"].append(listen)
            yield Home(ui, tv, pms, pms_url, heard)

    return run


async def test_a_pin_is_shown_claimed_and_never_gives_the_browser_a_token(home):
    async with home() as here:
        pin = (await here.post("/auth/pin")).json()
        before = await here.ui.json(f"/api/plex/auth/pin/{pin['id']}")
        here.tv.approve(pin["id"])
        after = await here.ui.json(f"/api/plex/auth/pin/{pin['id']}")

        assert (pin["method"], pin["code"] in pin["auth_url"]) == ("jwt", True)
        assert before == {"authenticated": False, "auth_token": None}
        assert after == {"authenticated": True, "auth_token": REDACTED}
        account = await here.ui.json("/api/plex/account")
        assert (account["state"], account["username"], account["alert"]) == ("good", "admin", "")
        assert account["refresh_at"] < account["expires_at"]


@pytest.mark.parametrize("method", ["jwt", "legacy"])
async def test_a_found_server_is_added_by_its_handle_alone(home, method):
    async with home() as here:
        await here.sign_in(method=method)
        found = await here.found()
        body = {"type": "plex", "url": found["url"], "auth": {"handle": found["handle"]}}

        tried = await here.ui.http.post("/api/servers/test-connection", json=body)
        added = await here.ui.http.post("/api/servers", json=body)

        assert (found["name"], found["local"], found["verified"], found["url"]) == ("Attic", True, True, here.pms_url)
        assert tried.json()["success"] is True
        server = added.json()
        assert (server["name"], server["server_identity"]) == ("Attic", found["machine_id"])
        assert (server["auth"]["method"], server["auth"]["token"]) == ("plex_account", REDACTED)
        assert [library["name"] for library in server["libraries"]] == ["Films"]
        assert "warning" not in server


async def test_no_answer_ever_holds_a_token(home):
    async with home() as here:
        await here.sign_in()
        found = await here.found()
        await here.ui.http.post("/api/servers", json={"type": "plex", "auth": {"handle": found["handle"]}})
        await here.ui.json("/api/plex/account")
        await here.ui.json("/api/servers")

        secrets = {SERVER_TOKEN, LEGACY, *here.tv.tokens}
        assert not [text for text in here.heard if any(secret in text for secret in secrets)]
        assert len(here.heard) >= 6


async def test_a_stranger_at_the_address_is_not_shown_the_token(home):
    seen = []

    async def stranger(request):
        seen.append(dict(request.headers))
        return JSONResponse({"MediaContainer": {"machineIdentifier": "somebody-else", "version": "1"}})

    async with home() as here, serving(Starlette(routes=[Route("/{path:path}", stranger)])) as url:
        await here.sign_in()
        found = await here.found()
        body = {"type": "plex", "url": url, "auth": {"handle": found["handle"]}}

        added = await here.ui.http.post("/api/servers", json=body)

    assert "another server answers" in added.json()["warning"]
    assert seen
    assert not any("x-plex-token" in headers for headers in seen)


async def test_a_handle_stands_for_its_own_server_only(home):
    async with home() as here:
        await here.sign_in()
        handle = (await here.found())["handle"]

        for wrong in ({"type": "jellyfin"}, {"server_identity": "other"}, {"auth": {"handle": "x" * 43}}):
            body = {"type": "plex", "url": here.pms_url, "auth": {"handle": handle}, **wrong}
            answer = await here.ui.http.post("/api/servers", json=body)
            assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_a_stored_server_gets_a_new_token_by_handle(home):
    async with home() as here:
        old = {"type": "plex", "url": here.pms_url, "name": "Mine", "auth": {"token": "over"}}
        server = (await here.ui.http.post("/api/servers", json=old)).json()
        await here.sign_in()
        url = f"/api/servers/{server['id']}"

        changed = await here.ui.http.patch(url, json={"auth": {"handle": (await here.found())["handle"]}})

        assert (changed.status_code, changed.json()["name"]) == (200, "Mine")
        assert (await here.ui.http.post(f"{url}/refresh-libraries")).status_code == 200


async def test_a_refresh_takes_the_servers_tokens_along(home):
    async with home() as here:
        await here.sign_in()
        found = await here.found()
        body = {"type": "plex", "url": found["url"], "auth": {"handle": found["handle"]}}
        server = (await here.ui.http.post("/api/servers", json=body)).json()
        here.tv.servers[0].token = here.pms.token = "rotated"

        refreshed = await here.post("/account/refresh")

        assert refreshed.json()["state"] == "good"
        libraries = await here.ui.http.post(f"/api/servers/{server['id']}/refresh-libraries")
        assert libraries.status_code == 200, "the stored token must be the rotated one"


@pytest.mark.parametrize(
    ("forward", "status"),
    [
        ("{own}/servers?x=1", 200),
        ("https://evil.example/", 400),
        ("//evil.example", 400),
        ("javascript:x", 400),
        (7, 400),
    ],
)
async def test_the_browser_only_comes_back_to_our_own_site(home, forward, status):
    async with home() as here:
        own = forward.format(own=here.ui.url) if isinstance(forward, str) else forward

        answer = await here.post("/auth/pin", forward_url=own)

        assert answer.status_code == status
        assert ("plex_pin" in answer.text) is (status == 200)


async def test_who_is_not_signed_in_is_told_so(home):
    async with home() as here:
        servers = await here.ui.http.get("/api/plex/servers")
        unknown = await here.ui.http.get("/api/plex/auth/pin/12345")
        account = await here.ui.json("/api/plex/account")

        assert (servers.status_code, servers.json()["code"]) == (400, "PLEX_NOT_SIGNED_IN")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "NOT_FOUND")
        assert (account["signed_in"], account["state"]) == (False, "signed_out")
        assert len(account["client_identifier"]) == 36


FAULTS = [
    (Fault(FaultKind.STATUS, status=500), 502, "UPSTREAM_ERROR"),
    (Fault(FaultKind.STATUS, status=404), 502, "UPSTREAM_ERROR"),
    (Fault(FaultKind.STATUS, status=418), 502, "UPSTREAM_ERROR"),
    (Fault(FaultKind.STATUS, status=302), 502, "UPSTREAM_ERROR"),
    (Fault(FaultKind.MALFORMED), 502, "UPSTREAM_ERROR"),
    (Fault(FaultKind.RESET), 502, "UPSTREAM_ERROR"),
    (Fault(FaultKind.STATUS, status=429, retry_after=9), 503, "UPSTREAM_BUSY"),
]


async def test_every_failure_of_plex_tv_is_an_answer_with_a_reason(home):
    async with home() as here:
        await here.sign_in()
        for fault, status, code in FAULTS:
            here.tv.instruments.inject(fault)
            for answer in (await here.post("/auth/pin"), await here.ui.http.get("/api/plex/servers")):
                assert (answer.status_code, answer.json().get("code")) == (status, code), (fault, answer.text)
                assert set(answer.json()) == {"error", "code", "reason"}
            here.tv.instruments.clear()
        assert (await here.ui.json("/api/plex/account"))["state"] == "good"


async def test_a_removed_device_has_to_sign_in_again_and_the_status_says_so(home):
    async with home() as here:
        await here.sign_in()
        here.tv.forget_keys()
        here.tv.tokens.clear()

        answer = await here.ui.http.get("/api/plex/servers")

        status = (await here.ui.json("/api/system/status"))["plex_account"]
        assert (answer.status_code, answer.json()["reason"]) == (400, "sign_in_again")
        assert status == {"state": "refused", "alert": "sign in to Plex again"}


async def test_a_token_of_the_older_flow_is_upgraded_and_signing_out_forgets_it(home):
    async with home() as here:
        upgraded = await here.post("/account/upgrade", token=LEGACY)
        refused = await here.post("/account/upgrade", token="nobodys")
        gone = await here.ui.http.delete("/api/plex/account")

        assert (upgraded.json()["method"], upgraded.json()["username"]) == ("jwt", "admin")
        assert (refused.status_code, refused.json()["code"]) == (400, "CREDENTIALS_REFUSED")
        assert "nobodys" not in refused.text
        assert gone.json() == {"success": True}
        assert (await here.ui.json("/api/plex/account"))["signed_in"] is False


async def test_secrets_reach_neither_the_log_nor_the_bucket(home, bus, capfd):
    async with home() as here:
        await here.sign_in()
        handle = (await here.found())["handle"]
        here.tv.instruments.inject(Fault(FaultKind.STATUS, status=500))
        await here.post("/account/refresh")
        await here.ui.http.get("/api/plex/servers")

        kept = [await Bucket(bus, "config").get(key) for key in ("plex.account", "plex.key")]
        voucher = await Bucket(bus, "locks").get(f"voucher.{handle}")
        written = "".join(capfd.readouterr()) + str([entry.value for entry in (*kept, voucher)])
        assert not [secret for secret in (SERVER_TOKEN, *here.tv.tokens) if secret in written]
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(voucher.value)


async def test_two_replicas_are_one_device(home, start_ui, tmp_path):
    async with home() as here:
        changes = {"plex_tv_url": str(here.tv), "state_dir": str(tmp_path / "second")}
        async with asyncio.timeout(20), start_ui(**changes) as second:
            names = [(await ui.json("/api/plex/account"))["client_identifier"] for ui in (here.ui, second)]

    assert names[0] == names[1]


async def test_the_libraries_are_those_of_the_first_enabled_plex_that_answers(home):
    async with home() as here:
        good = {"type": "plex", "url": here.pms_url, "auth": {"token": SERVER_TOKEN}}
        dead = {"type": "plex", "url": "http://127.0.0.1:1", "auth": {"token": "x"}}

        for server in ({**good, "id": "a", "enabled": False}, {**dead, "id": "b"}):
            await here.ui.http.post("/api/servers", json=server)
        lonely = await here.ui.http.get("/api/plex/libraries")
        await here.ui.http.post("/api/servers", json={**good, "id": "c"})
        found = await here.ui.http.get("/api/plex/libraries")
        for one in ("b", "c"):
            await here.ui.http.patch(f"/api/servers/{one}/enabled", json={"enabled": False})
        none = await here.ui.http.get("/api/plex/libraries")

        assert (lonely.status_code, lonely.json()["reason"]) == (502, "network_error")
        assert (found.status_code, [one["name"] for one in found.json()["libraries"]]) == (200, ["Films"])
        assert (none.status_code, none.json()["code"]) == (404, "NOT_FOUND")


async def test_a_server_is_tried_and_its_libraries_are_read_before_it_is_configured(home):
    async with home() as here:
        await here.sign_in()
        handle = (await here.found())["handle"]
        by_token = {"url": here.pms_url, "token": SERVER_TOKEN}

        tries = [
            await here.post("/test", **body) for body in (by_token, {"handle": handle}, {**by_token, "token": "no"})
        ]
        read = await here.ui.http.get("/api/plex/libraries", params={"handle": handle})
        none = await here.ui.http.get("/api/plex/libraries")
        refused = await here.ui.http.get("/api/plex/libraries", params={**by_token, "token": "no"})

        assert [one.json()["success"] for one in tries] == [True, True, False]
        assert read.json() == {"libraries": [{"id": "1", "name": "Films", "type": "movie"}]}
        assert (none.status_code, refused.status_code, refused.json()["code"]) == (404, 400, "CREDENTIALS_REFUSED")
