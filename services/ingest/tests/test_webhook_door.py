"""Who may enter, how much they may bring, and what they are told."""

import asyncio
import base64
import contextlib
import time
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from framewright.chassis.testing.bus import until
from framewright.contracts.media import RawEventV1
from framewright.domain.ownership import Library

pytestmark = pytest.mark.integration

FILM = {"file_path": "/media/film.mkv"}
MIB = 1024 * 1024


def _basic(password):
    return {"Authorization": "Basic " + base64.b64encode(f"radarr:{password}".encode()).decode()}


def _styles(credential):
    return [
        ("custom", {"X-Auth-Token": credential}),
        ("custom", {"Authorization": f"Bearer {credential}"}),
        ("custom", {"Authorization": f"bearer {credential}"}),
        ("custom", _basic(credential)),
        (f"custom?token={credential}", {}),
    ]


async def test_either_credential_is_good_in_every_style(ingest, token, secret):
    ways = [way for credential in (token, secret) for way in _styles(credential)]

    async with ingest() as desk:
        answers = [await desk.post(route, FILM, headers=headers) for route, headers in ways]

    assert [answer.status_code for answer in answers] == [202] * 10


async def test_no_other_credential_is_good(ingest, token, secret, stored):
    wrong = [
        {},
        {"X-Auth-Token": "wrong"},
        {"X-Auth-Token": ""},
        {"X-Auth-Token": token[:-1]},
        {"Authorization": f"Bearer {secret}x"},
        {"Authorization": f"Basic {secret}"},
        {"Authorization": "Basic not-base64"},
        {"Authorization": "Bearer"},
        {"Authorization": secret},
        _basic(""),
    ]

    async with ingest() as desk:
        answers = [await desk.post("custom", FILM, headers=headers) for headers in wrong]

        assert {answer.status_code for answer in answers} == {401}
        assert answers[0].json() == {
            "success": False,
            "error": "missing or wrong credentials",
            "code": "UNAUTHORIZED",
        }
        assert await stored(RawEventV1) == []


async def test_an_unknown_path_or_method_is_refused_in_the_form_of_every_error(ingest):
    async with ingest() as desk:
        path = await desk.post("nobody", FILM)
        method = await desk.http.get("/api/webhooks/custom")

    assert (path.status_code, path.json()) == (404, {"error": "Not Found", "code": "NO_ROUTE"})
    assert (method.status_code, method.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in method.headers["allow"]


async def test_an_empty_secret_lets_nobody_in(ingest):
    async with ingest(stored_settings={"webhook_secret": ""}) as desk:
        answer = await desk.post("custom?token=", FILM, headers={"X-Auth-Token": ""})

    assert answer.status_code == 401


async def test_a_secret_that_was_just_changed_counts(ingest, config):
    async with ingest() as desk:
        await config.change_settings(lambda old: type(old)(webhook_secret="another"))
        await asyncio.sleep(0.3)
        answer = await desk.post("custom", FILM, headers={"X-Auth-Token": "another"})

    assert answer.status_code == 202


async def test_a_server_that_is_not_configured_is_not_found(ingest, folder_server):
    async with ingest(servers=[folder_server("/media")]) as desk:
        known = await desk.post("server/disk", FILM)
        unknown = await desk.post("server/nobody", FILM)

    assert known.status_code == 202
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NOT_FOUND")


async def test_a_pinned_event_names_its_server(ingest, folder_server, stored):
    pinned = folder_server("/media", libraries=(Library("1"),))

    async with ingest(servers=[pinned]) as desk:
        await desk.post("server/disk", FILM)

        (event,) = await stored(RawEventV1)
        assert (event.route, event.server_id) == ("server", "disk")


async def test_a_declared_length_over_the_limit_is_refused_unread(ingest, token):
    async with ingest() as desk, _connected(desk) as (reader, writer):
        writer.write(_head(token, f"Content-Length: {MIB + 1}"))
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)

    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_body_of_one_mebibyte_is_taken(ingest, stored):
    body = b'{"file_path":"/media/film.mkv","x":"' + b"x" * (MIB - 38) + b'"}'

    async with ingest() as desk:
        answer = await desk.post("custom", body)

        assert (len(body), answer.status_code) == (MIB, 202)
        assert (await stored(RawEventV1))[0].body == body


async def test_a_stream_over_the_limit_is_answered_before_its_end(ingest, token, stored):
    async with ingest() as desk, _connected(desk) as (reader, writer):
        writer.write(_head(token, "Transfer-Encoding: chunked"))
        answer = asyncio.create_task(reader.readuntil(b'"TOO_LARGE"}'))
        sent = 0
        while not answer.done() and sent < 8 * MIB:
            writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            await writer.drain()
            sent += 0x10000
            await asyncio.sleep(0.01)

        assert (await asyncio.wait_for(answer, 5)).startswith(b"HTTP/1.1 413 ")
        assert MIB < sent <= MIB + 4 * 0x10000
        assert await stored(RawEventV1) == []


async def test_a_sender_that_leaves_in_the_middle_leaves_nothing_behind(ingest, token, stored):
    async with ingest() as desk:
        async with _connected(desk) as (_, writer):
            writer.write(_head(token, "Content-Length: 500") + b'{"file_path":')
            await writer.drain()
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.2)

        assert await stored(RawEventV1) == []
        assert (await desk.post("custom", FILM)).status_code == 202


async def test_a_broker_that_is_down_makes_the_sender_come_again(ingest, server, bus, stored):
    async with ingest() as desk:
        assert (await desk.post("custom", FILM)).status_code == 202
        server.kill()
        began = time.monotonic()
        refused = await desk.post("custom", FILM)
        took = time.monotonic() - began
        server.start()
        await until(lambda: _connected_again(bus))
        again = await desk.post("custom", {"file_path": "/media/again.mkv"})

        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json()["code"] == "BUS_UNAVAILABLE"
        assert took < 9
        assert again.status_code == 202
        assert b"again" in (await stored(RawEventV1))[-1].body


async def _connected_again(bus):
    return bus.connected


@asynccontextmanager
async def _connected(desk):
    """A plain connection; a transport with something left to send would outlive the test's loop, so it is broken off."""
    parts = urlsplit(desk.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _head(token, *headers):
    lines = ["POST /api/webhooks/custom HTTP/1.1", "Host: x", f"X-Auth-Token: {token}", *headers, "", ""]
    return "\r\n".join(lines).encode()
