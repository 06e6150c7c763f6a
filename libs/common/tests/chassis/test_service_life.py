"""A service from its environment to its last breath."""

import asyncio
import os
import signal
import socket
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bus
from framewright.chassis.clock import rfc3339
from framewright.chassis.http import client
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.settings import ProcessSettings, from_environment
from framewright.domain.errors import Reject

SERVICE = Path(__file__).with_name("a_small_service.py")
SECRET = "s3cret"


@pytest.mark.parametrize(
    ("name", "value"),
    [("HTTP_PORT", "http"), ("DRAIN_SECONDS", "soon"), ("LOG_LEVEL", "LOUD"), ("LOG_FORMAT", "xml")],
)
def test_a_wrong_variable_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(Reject) as refusal:
        from_environment(ProcessSettings, {name: value})

    assert refusal.value.reason == f"environment variable {name} is not valid"
    assert refusal.value.code == "BAD_SETTING"


def test_variables_become_typed_fields_and_empty_ones_are_not_given() -> None:
    settings = from_environment(
        ProcessSettings, {"HTTP_PORT": "8080", "DRAIN_SECONDS": "2.5", "NATS_URL": "", "OTHER": "x"}
    )

    assert (settings.http_port, settings.drain_seconds) == (8080, 2.5)
    assert settings.nats_url == "nats://127.0.0.1:4222"


def test_state_lies_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/var/tmp/state")

    assert from_environment(ProcessSettings, {}).config_dir == "/var/tmp/state/framewright"


async def started(**environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        SERVICE,
        env={**os.environ, "LOG_FORMAT": "json", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def spoken(process: asyncio.subprocess.Process, word: str) -> str:
    """The next line that holds the word."""
    assert process.stderr is not None
    async with asyncio.timeout(20):
        while word not in (line := (await process.stderr.readline()).decode()):
            assert line, f"the service ended before it said {word}"
    return line


@pytest.mark.integration
async def test_a_service_answers_works_and_drains(
    bus: Bus, server: EmbeddedServer, request_for: Any, emptied: Any
) -> None:
    process = await started(NATS_URL=server.url, HTTP_PORT="0")
    url = (await spoken(process, '"serving"')).partition('"url": "')[2].partition('"')[0]
    async with client() as http:
        answers = [(await http.get(f"{url}/{path}")).status_code for path in ("live", "ready", "metrics")]
        await Outgoing(bus).send(request_for())
        await spoken(process, "took it")
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 10)
        with pytest.raises(httpx.ConnectError):
            await http.get(f"{url}/live")

    assert answers == [200, 200, 200]
    assert code == 0
    await emptied("JOBS")


@pytest.mark.integration
async def test_a_service_without_its_bus_is_alive_but_not_ready(server: EmbeddedServer, bus: Bus) -> None:
    process = await started(NATS_URL=server.url, HTTP_PORT="0")
    url = (await spoken(process, '"serving"')).partition('"url": "')[2].partition('"')[0]
    server.kill()
    await spoken(process, "disconnected")
    async with client() as http:
        live, ready = await http.get(f"{url}/live"), await http.get(f"{url}/ready")
    process.send_signal(signal.SIGTERM)

    assert (live.status_code, ready.status_code) == (200, 503)
    assert ready.json() == {"ready": False, "reason": "the bus is out of reach"}
    assert await asyncio.wait_for(process.wait(), 10) == 0


@pytest.mark.integration
async def test_a_service_that_cannot_start_says_one_readable_line(server: EmbeddedServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = await started(NATS_URL=server.url, HTTP_PORT=str(taken.getsockname()[1]))
        wrong = await started(NATS_URL=server.url, LOG_LEVEL=SECRET)
        told = [(await process.communicate())[1].decode().splitlines()[-1] for process in (busy, wrong)]

    assert [busy.returncode, wrong.returncode] == [1, 1]
    assert told[0].startswith("framewright small: ")
    assert "in use" in told[0]
    assert told[1] == "framewright small: environment variable LOG_LEVEL is not valid"


def test_moments_are_spelled_as_the_broker_wants_them() -> None:
    moment = datetime(2026, 11, 20, 14, 0, tzinfo=timezone(timedelta(hours=2)))

    assert rfc3339(moment) == "2026-11-20T12:00:00.000000Z"
