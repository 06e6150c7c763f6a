"""`/api/servers/auth` over real HTTP, against simulated Jellyfin and Emby servers."""

import importlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.testing.http import serving
from framewright.contracts.settings import REDACTED
from framewright.vendors.simulation.disk import Shelf
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

BOTH = pytest.mark.parametrize("vendor", ["jellyfin", "emby"])


@dataclass
class Place:
    """A ui and one media server."""

    ui: Any
    vendor: str
    state: Any
    url: str

    async def post(self, way: str, **body: Any) -> Any:
        return await self.ui.http.post(f"/api/servers/auth/{self.vendor}/{way}", json={"url": self.url, **body})

    async def approve(self, code: str) -> None:
        headers = {"Authorization": f'MediaBrowser Token="{self.state.token}"'}
        answer = await self.ui.http.post(f"{self.url}/QuickConnect/Authorize?code={code}", headers=headers)
        assert answer.status_code == 200

    async def added(self, handle: str, **more: Any) -> Any:
        body = {"type": self.vendor, "url": self.url, "auth": {"handle": handle}, **more}
        return await self.ui.http.post("/api/servers", json=body)


@pytest.fixture
def place(ui, tmp_path):
    @asynccontextmanager
    async def run(vendor: str, **options: Any):
        module = importlib.import_module(f"framewright.vendors.{vendor}.simulator.app")
        states = importlib.import_module(f"framewright.vendors.{vendor}.simulator.state")
        kind = {"jellyfin": "JellyfinState", "emby": "EmbyState"}[vendor]
        shelf = Shelf("Films", "movie", "/data/films", str(tmp_path))
        state = getattr(states, kind)(shelves=[shelf], **options)
        async with serving(module.create_app(state)) as url:
            yield Place(ui, vendor, state, url)

    return run


@BOTH
async def test_a_password_gives_a_handle_with_which_the_server_is_added(place, vendor):
    async with place(vendor) as here:
        signed = (await here.post("password", username="admin", password="admin")).json()
        added = await here.added(signed["handle"])

        (token,) = here.state.door.issued
        assert (signed["username"], signed["server_id"], signed["server_name"]) == (
            "admin",
            here.state.id,
            here.state.name,
        )
        assert signed["access_token"] == REDACTED
        server = added.json()
        assert (server["auth"]["method"], server["auth"]["access_token"]) == ("password", REDACTED)
        assert [library["name"] for library in server["libraries"]] == ["Films"]
        assert token not in str(signed) + added.text


@BOTH
async def test_a_wrong_password_is_refused_without_ending_the_operators_session(place, vendor):
    async with place(vendor) as here:
        answer = await here.post("password", username="admin", password="hunter2")

        assert (answer.status_code, answer.json()["code"]) == (400, "CREDENTIALS_REFUSED")
        assert "hunter2" not in answer.text


@BOTH
async def test_an_api_key_is_checked_and_may_be_used_by_handle(place, vendor):
    async with place(vendor) as here:
        good = await here.post("api-key", api_key=here.state.token)
        bad = await here.post("api-key", api_key="wrong-key")

        assert (await here.added(good.json()["handle"])).json()["auth"]["api_key"] == REDACTED
        assert (bad.status_code, bad.json()["code"]) == (400, "CREDENTIALS_REFUSED")
        assert "wrong-key" not in bad.text


async def test_quick_connect_in_three_steps_without_a_secret_for_the_browser(place):
    async with place("jellyfin", version="12.0.0") as here:
        begun = (await here.post("quick-connect/initiate")).json()
        handle = {"handle": begun["handle"]}
        pending = (await here.post("quick-connect/poll", **handle)).json()
        early = await here.post("quick-connect/exchange", **handle)
        await here.approve(begun["code"])
        approved = (await here.post("quick-connect/poll", **handle)).json()
        signed = await here.post("quick-connect/exchange", **handle)

        assert (pending, approved) == (
            {"authenticated": False, "state": "pending"},
            {"authenticated": True, "state": "authenticated"},
        )
        assert (early.status_code, early.json()["code"]) == (409, "CONFLICT")
        assert (await here.added(signed.json()["handle"])).json()["auth"]["method"] == "quick_connect"
        secret = next(call.query["secret"] for call in here.state.instruments.asked("GET", "/QuickConnect/Connect"))
        assert secret not in str(begun) + str(pending) + str(approved) + signed.text


async def test_the_secret_of_quick_connect_rests_sealed(place, bus):
    async with place("jellyfin") as here:
        begun = (await here.post("quick-connect/initiate")).json()

        entry = await Bucket(bus, "locks").get(f"quick.{begun['handle']}")

    assert entry.value.startswith(b"sealed:")


async def test_a_request_that_is_over_says_so(place):
    moment = [1000.0]
    async with place("jellyfin", clock=lambda: moment[0]) as here:
        handle = (await here.post("quick-connect/initiate")).json()["handle"]
        moment[0] += 601
        for one in (handle, "x" * 43, "no handle"):
            polled = await here.post("quick-connect/poll", handle=one)
            exchanged = await here.post("quick-connect/exchange", handle=one)

            assert polled.json() == {"authenticated": False, "state": "expired"}
            assert (exchanged.status_code, exchanged.json()["code"]) == (404, "NOT_FOUND")


async def test_quick_connect_that_is_switched_off_is_told_apart(place):
    async with place("jellyfin") as here:
        here.state.instruments.inject(Fault(FaultKind.STATUS, path="/QuickConnect/Initiate", status=401))

        answer = await here.post("quick-connect/initiate")

    assert (answer.status_code, answer.json()["code"]) == (403, "QUICK_CONNECT_DISABLED")


async def test_emby_has_no_quick_connect_and_other_vendors_no_such_door(place):
    async with place("emby") as here:
        emby = await here.post("quick-connect/initiate")
        here.vendor = "plex"
        plex = await here.post("password", username="a", password="b")

    assert [(one.status_code, one.json()["code"]) for one in (emby, plex)] == [(404, "NOT_FOUND")] * 2


@BOTH
async def test_every_failure_of_a_server_is_an_answer_with_a_reason(place, vendor):
    faults = [
        Fault(FaultKind.STATUS, status=500),
        Fault(FaultKind.STATUS, status=404),
        Fault(FaultKind.STATUS, status=301),
        Fault(FaultKind.MALFORMED),
        Fault(FaultKind.MALFORMED, body='{"Id": 3}', content_type="application/json"),
        Fault(FaultKind.RESET),
    ]
    async with place(vendor) as here:
        for fault in faults:
            here.state.instruments.inject(fault)
            answer = await here.post("password", username="admin", password="hunter2")
            here.state.instruments.clear()

            assert (answer.status_code, answer.json()["code"]) == (502, "UPSTREAM_ERROR"), fault
            assert "hunter2" not in answer.text


WRONG = [
    ({"url": "ftp://x"}, "url"),
    ({"url": ""}, "url"),
    ({"username": ""}, "username"),
    ({"username": 3}, "username"),
    ({"password": None}, "password"),
]


async def test_a_wrong_field_is_named(place):
    async with place("jellyfin") as here:
        for change, field in WRONG:
            answer = await here.post("password", **{"username": "a", "password": "b", **change})

            assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
            assert answer.json()["error"].startswith(field)


async def test_a_handle_is_good_for_the_address_where_it_was_made(place):
    async with place("jellyfin") as here:
        handle = (await here.post("password", username="admin", password="admin")).json()["handle"]

        answer = await here.added(handle, url="http://127.0.0.1:1")

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["error"] == "auth.handle is for a server at another address"
