"""The control panel and the command line that every simulator has."""

import asyncio
import contextlib
import socket
import sys

import httpx
import pytest

from framewright.vendors.simulation.disk import Shelf, parse_shelf


async def test_faults_are_set_counted_down_and_cleared_over_http(bench):
    async with bench("plex") as desk:
        panel, identity = f"{desk.url}/_simulator/faults", f"{desk.url}/identity"
        await desk.http.post(panel, json={"kind": "status", "path": "/identity", "status": 502, "times": 1})
        statuses = [(await desk.http.get(identity)).status_code for _ in range(2)]
        await desk.http.post(panel, json=[{"kind": "status", "status": 500}])
        statuses.append((await desk.http.get(identity)).status_code)
        await desk.http.delete(panel)
        statuses.append((await desk.http.get(identity)).status_code)

        assert statuses == [502, 200, 500, 200]


async def test_a_fault_that_makes_no_sense_is_refused(bench):
    async with bench("emby") as desk:
        response = await desk.http.post(f"{desk.url}/_simulator/faults", json={"kind": "tired"})

        assert response.status_code == 400


async def test_a_late_answer_comes_after_all(bench):
    async with bench("plex") as desk:
        fault = {"kind": "latency", "seconds": 0.05}
        await desk.http.post(f"{desk.url}/_simulator/faults", json=fault)

        assert (await desk.http.get(f"{desk.url}/identity")).status_code == 200


@pytest.mark.parametrize("vendor", ["plex", "emby", "jellyfin"])
async def test_every_call_is_recorded_without_its_secrets(bench, token, vendor):
    async with bench(vendor) as desk:
        await desk.server.identify()
        await desk.http.get(f"{desk.url}/Items?api_key={token}&ApiKey={token}&X-Plex-Token={token}&limit=1")

        calls = (await desk.http.get(f"{desk.url}/_simulator/calls")).json()

        assert calls[-1]["query"]["limit"] == "1"
        assert calls[-1]["query"]["api_key"] == "***"
        assert token not in str(calls)


async def test_a_simulator_runs_from_the_command_line(tmp_path):
    (tmp_path / "Film").mkdir()
    (tmp_path / "Film/Film.mkv").write_bytes(b"film")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    library = f"Films=movie=/data={tmp_path}"
    arguments = ["--port", str(port), "--library", library, "--token", "t", "--config-folder", str(tmp_path)]
    module = "framewright.vendors.plex.simulator"
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *arguments)
    try:
        sections = await asyncio.wait_for(first_answer(f"http://127.0.0.1:{port}/library/sections"), 10)
    finally:
        process.terminate()
        await process.wait()

    assert "/data" in sections


async def first_answer(url: str) -> str:
    async with httpx.AsyncClient(headers={"X-Plex-Token": "t"}) as http:
        while True:
            with contextlib.suppress(httpx.ConnectError):
                return (await http.get(url)).text
            await asyncio.sleep(0.05)


def test_a_library_is_given_as_four_parts(tmp_path):
    shelf = parse_shelf(f"Films=movie=D:\\films={tmp_path}/a=b")

    assert shelf == Shelf("Films", "movie", "D:\\films", f"{tmp_path}/a=b")


@pytest.mark.parametrize("text", ["", "Films", "Films=movie=/data", "Films=music=/data=/tmp", "=movie=/data=/tmp"])
def test_half_a_library_is_refused(text):
    with pytest.raises(ValueError, match="NAME=KIND=REMOTE=LOCAL"):
        parse_shelf(text)
