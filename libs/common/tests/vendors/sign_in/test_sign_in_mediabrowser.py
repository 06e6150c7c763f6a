"""Signing in to Jellyfin and Emby: by password, API key and Quick Connect."""

import importlib

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route

from framewright.chassis.testing.http import serving
from framewright.domain.errors import Reject, Retry
from framewright.vendors.jellyfin import sign_in as quick
from framewright.vendors.jellyfin.sign_in import Approval
from framewright.vendors.mediabrowser.signing_in import Visit
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

BOTH = pytest.mark.parametrize("vendor", ["jellyfin", "emby"])


def way_in(vendor):
    return importlib.import_module(f"framewright.vendors.{vendor}.sign_in")


def visit(desk, **changes):
    return Visit(desk.http, changes.get("url", desk.url), "framewright-abc", timeout=2.0)


@BOTH
@pytest.mark.parametrize("version", ["new", "old"])
async def test_a_password_gives_a_token_that_works(bench, vendor, version):
    options = {"version": "12.0.0"} if vendor == "jellyfin" and version == "new" else {}
    async with bench(vendor, **options) as desk:
        signed = await way_in(vendor).by_password(visit(desk), "admin", "admin")
        again = await way_in(vendor).by_api_key(visit(desk), signed.token)

        assert (signed.username, signed.server.id, again.server) == ("admin", desk.state.id, again.server)
        assert again.server.name == desk.state.name
        assert signed.token not in repr(signed)


@BOTH
async def test_a_wrong_password_or_key_is_refused_and_never_repeated(bench, vendor):
    async with bench(vendor) as desk:
        for attempt in (
            way_in(vendor).by_password(visit(desk), "admin", "hunter2"),
            way_in(vendor).by_api_key(visit(desk), "hunter2"),
        ):
            with pytest.raises(Reject) as caught:
                await attempt
            assert caught.value.code == "UNAUTHORIZED"
            assert "hunter2" not in caught.value.reason


async def test_jellyfin_never_sees_the_headers_that_it_refuses(bench):
    async with bench("jellyfin", version="12.0.0") as desk:
        await quick.by_password(visit(desk), "admin", "admin")

        (login,) = desk.asked("POST", "/Users/AuthenticateByName")
        assert login.headers["authorization"].startswith("MediaBrowser Client=")
        assert not [name for name in login.headers if name.startswith("x-emby")]


async def test_emby_is_spoken_to_in_its_own_way(bench):
    async with bench("emby") as desk:
        await way_in("emby").by_password(visit(desk, url=f"{desk.url}/emby"), "admin", "admin")

        (login,) = desk.asked("POST", "/emby/Users/AuthenticateByName")
        assert login.headers["x-emby-authorization"].startswith('Emby UserId=""')
        assert "authorization" not in login.headers


@BOTH
@pytest.mark.parametrize(
    "reply",
    [
        lambda: HTMLResponse("<html>log in</html>"),
        lambda: JSONResponse({}),
        lambda: RedirectResponse("http://127.0.0.1:1/System/Info/Public"),
        lambda: JSONResponse({"Id": "x", "ProductName": "Toaster"}),
    ],
)
async def test_a_stranger_is_never_shown_a_password(bench, vendor, reply):
    seen = []

    async def answer(request):
        seen.append((request.url.path, await request.body()))
        return reply()

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    async with bench(vendor) as desk, serving(app) as url:
        with pytest.raises((Retry, Reject)):
            await way_in(vendor).by_password(visit(desk, url=url), "admin", "hunter2")

    assert seen == [("/System/Info/Public", b"")]


async def test_quick_connect_from_the_code_to_the_credential(bench):
    async with bench("jellyfin", version="12.0.0") as desk:
        request = await quick.initiate(visit(desk))
        before = await quick.approval(visit(desk), request.secret)
        with pytest.raises(Reject):
            await quick.exchanged(visit(desk), request.secret, request.server)
        headers = {"Authorization": f'MediaBrowser Token="{desk.state.token}"'}
        await desk.http.post(f"{desk.url}/QuickConnect/Authorize?code={request.code}", headers=headers)

        after = await quick.approval(visit(desk), request.secret)
        signed = await quick.exchanged(visit(desk), request.secret, request.server)

        assert (before, after) == (Approval.PENDING, Approval.AUTHENTICATED)
        assert (await quick.by_api_key(visit(desk), signed.token)).server.id == desk.state.id
        assert request.secret not in repr(request)


async def test_a_request_is_over_after_ten_minutes(bench):
    async with bench("jellyfin") as desk:
        request = await quick.initiate(visit(desk))
        desk.clock.now += 601

        assert await quick.approval(visit(desk), request.secret) is Approval.EXPIRED
        with pytest.raises(Reject) as caught:
            await quick.exchanged(visit(desk), request.secret, request.server)
        assert request.secret not in caught.value.reason


async def test_a_server_without_quick_connect_says_so(bench):
    async with bench("jellyfin") as desk:
        desk.state.instruments.inject(Fault(FaultKind.STATUS, path="/QuickConnect/Initiate", status=401))

        with pytest.raises(Reject) as caught:
            await quick.initiate(visit(desk))

    assert caught.value.code == "QUICK_CONNECT_DISABLED"


async def test_an_outage_while_polling_hides_the_secret(bench):
    async with bench("jellyfin") as desk:
        request = await quick.initiate(visit(desk))
        desk.state.instruments.inject(Fault(FaultKind.STATUS, status=500))

        with pytest.raises(Retry) as caught:
            await quick.approval(visit(desk), request.secret)

    assert request.secret not in caught.value.reason
