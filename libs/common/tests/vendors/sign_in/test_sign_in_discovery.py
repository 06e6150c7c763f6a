"""The servers of an account: which addresses are worth trying, and that each is asked who it is before it gets a token."""

import asyncio
import socket

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route

from framewright.chassis.testing.http import serving
from framewright.domain.errors import Retry
from framewright.vendors.plex.account import discovery, elements
from framewright.vendors.plex.plextv_simulator import Advertised, Way, describe
from framewright.vendors.simulation.instruments import Fault, FaultKind

HOME = Way("10.0.0.5", 32400, "https://10-0-0-5.abc.plex.direct:32400")
HOME6 = Way("fd00::5", 32400, "https://fd00--5.abc.plex.direct:32400", ipv6=True)
AWAY = Way("203.0.113.9", 32400, "https://203-0-113-9.abc.plex.direct:32400", local=False)
RELAY = Way("198.51.100.1", 8443, "https://198-51-100-1.abc.plex.direct:8443", local=False, relay=True)


def addresses(**more):
    server = Advertised("Attic", "m1", "attic-token", (RELAY, AWAY, HOME6, HOME), **more)
    (found,) = discovery.servers(elements.read(describe.resources([server])))
    return [way.url for way in found.connections]


def test_local_comes_first_encrypted_before_plain_and_the_relay_last():
    assert addresses() == [
        HOME.uri,
        HOME6.uri,
        "http://10.0.0.5:32400",
        "http://[fd00::5]:32400",
        AWAY.uri,
        RELAY.uri,
    ]


def test_somebody_elses_local_addresses_are_left_out():
    assert addresses(owned=False) == [AWAY.uri, RELAY.uri]


def test_a_server_that_insists_on_encryption_is_not_offered_without():
    assert addresses(https_required=True) == [HOME.uri, HOME6.uri, AWAY.uri, RELAY.uri]


def test_only_servers_count_and_their_tokens_stay_out_of_texts():
    player = Advertised("Player", "m2", "x", (HOME,), provides="client,player")
    both = Advertised("Attic", "m1", "attic-token", (HOME,), provides="client,server")

    found = discovery.servers(elements.read(describe.resources([player, both])))

    assert [(server.name, server.token) for server in found] == [("Attic", "attic-token")]
    assert "attic-token" not in repr(found)


@pytest.mark.parametrize("document", [b"", b"<html>", b"{}", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a>" * 40])
def test_what_is_no_document_is_refused(document):
    with pytest.raises(ValueError, match=r"."):
        elements.read(document)


@pytest.fixture
async def strangers():
    """Machines at addresses that plex.tv lists, and every header that they were shown."""
    seen = []

    def answers(reply):
        async def answer(request):
            seen.append(dict(request.headers))
            return reply()

        return Starlette(routes=[Route("/{path:path}", answer)])

    kinds = {
        "right": lambda: JSONResponse({"MediaContainer": {"machineIdentifier": "m1", "version": "1"}}),
        "other": lambda: JSONResponse({"MediaContainer": {"machineIdentifier": "m2", "version": "1"}}),
        "page": lambda: HTMLResponse("<html>router</html>"),
        "away": lambda: RedirectResponse("http://127.0.0.1:1/identity"),
    }
    async with (
        serving(answers(kinds["right"])) as right,
        serving(answers(kinds["other"])) as other,
        serving(answers(kinds["page"])) as page,
        serving(answers(kinds["away"])) as away,
    ):
        yield {"right": right, "other": other, "page": page, "away": away}, seen


def at(url, **more):
    port = int(url.rpartition(":")[2])
    return Way("127.0.0.1", port, f"https://127.0.0.1:{port}", **more)


@pytest.mark.integration
async def test_every_address_is_asked_who_it_is_and_none_is_shown_a_token(office, strangers):
    urls, seen = strangers
    ways = tuple(at(url) for url in urls.values())
    office.state.servers.append(Advertised("Attic", "m1", "attic-token", ways))

    (found,) = await (await office.signed_in()).servers()

    told = {way.url: way.verified for way in found.connections}
    assert [told[url] for url in urls.values()] == [True, False, False, False]
    assert found.best.url == urls["right"]
    assert not any("x-plex-token" in headers or "authorization" in headers for headers in seen)


@pytest.mark.integration
async def test_addresses_that_hang_do_not_hold_up_the_others(office, strangers):
    urls, _ = strangers
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ways = (at(f"x:{silent.getsockname()[1]}"), at(urls["right"]))
        office.state.servers.append(Advertised("Attic", "m1", "attic-token", ways))
        account = await office.signed_in()

        async with asyncio.timeout(6):
            (found,) = await account.servers()

    assert found.best.url == urls["right"]


@pytest.mark.integration
async def test_a_list_of_servers_that_cannot_be_read_is_an_outage(office):
    account = await office.signed_in()
    office.state.instruments.inject(Fault(FaultKind.MALFORMED, path="*/resources", body='{"not": "xml"}'))

    with pytest.raises(Retry) as caught:
        await account.servers()

    assert caught.value.code == "BAD_ANSWER"
