"""Devices over real HTTP: who has which, looking for them anew, and their settings."""

import asyncio
import time

import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.outgoing import Outgoing
from framewright.contracts.base import decode
from framewright.contracts.catalogue import PRESENCE
from framewright.contracts.devices import DeviceState, DeviceStatus, RescanDevicesV1
from framewright.contracts.progress import ProgressV1
from framewright.ui.adapters.presence import Presence

pytestmark = pytest.mark.integration

STATUS = "/api/system/status"


def broken(error: str) -> DeviceStatus:
    return DeviceStatus(device="cuda:1", name="Old card", type="nvidia", status=DeviceState.FAILED, error=error)


async def test_the_status_shows_every_gpu_with_the_fields_of_the_reference(ui, announce, presence):
    await announce(presence("attic-7"))

    status = await ui.until(STATUS, lambda status: status["gpus"])

    assert status["gpus"] == [
        {
            "device": "cuda:0",
            "name": "GeForce RTX 3060",
            "type": "nvidia",
            "enabled": True,
            "workers": 2,
            "ffmpeg_threads": 0,
            "status": "working",
            "error": "",
            "acceleration": "cuda",
            "busy": 1,
            "worker": "attic-7",
            "host": "attic",
        }
    ]
    assert [one["device"] for one in status["cpu"]] == ["cpu"]
    assert [(one["worker"], one["warnings"]) for one in status["extractors"]] == [("attic-7", [])]


async def test_failures_and_warnings_are_shown_with_their_reasons(ui, announce, presence):
    await announce(presence("attic-7", broken("the driver is too old"), warnings=("there is no slot at all",)))

    status = await ui.until(STATUS, lambda status: status["gpus"])

    assert (status["gpus"][0]["status"], status["gpus"][0]["error"]) == ("failed", "the driver is too old")
    assert status["extractors"][0]["warnings"] == ["there is no slot at all"]


async def test_an_extractor_that_ends_takes_its_devices_along(ui, bus, announce, presence):
    await announce(presence("attic-7"), presence("cellar-8"))
    await ui.until(STATUS, lambda status: len(status["gpus"]) == 2)

    await Bucket(bus, PRESENCE.name).delete("extractor.attic-7")

    status = await ui.until(STATUS, lambda status: len(status["gpus"]) == 1)
    assert status["gpus"][0]["host"] == "cellar"


async def test_a_presence_of_another_make_is_skipped(ui, bus, announce, presence):
    await Bucket(bus, PRESENCE.name).put("extractor.odd-1", b'{"worker": 7}')
    await Bucket(bus, PRESENCE.name).put("extractor.odd-2", b'{"worker": "\xff"}')

    await announce(presence("attic-7"))

    await ui.until(STATUS, lambda status: len(status["extractors"]) == 1)


async def test_a_worker_is_named_with_its_device(ui, bus):
    progress = ProgressV1(job_ids=("j",), path_id="p", path="/f.mkv", fraction=0.2, worker="attic-7", device="cuda:0")
    await ui.until(STATUS, lambda status: status["bus"]["connected"])

    await Outgoing(bus).show(progress)

    status = await ui.until(STATUS, lambda status: status["workers"])
    assert (status["workers"][0]["type"], status["workers"][0]["device"]) == ("gpu", "cuda:0")


async def test_a_rescan_answers_when_every_extractor_looked_again(ui, bus, announce, presence):
    await announce(presence("attic-7"), presence("cellar-8"))
    await ui.until(STATUS, lambda status: len(status["extractors"]) == 2)

    async with bus.listening(RescanDevicesV1.HEAD) as asked:
        answer = asyncio.ensure_future(ui.http.post("/api/system/rescan-gpus"))
        decode(RescanDevicesV1, await anext(asked))
        await announce(presence("attic-7", broken("gone"), scanned=1))
        await asyncio.sleep(0.2)
        waited = not answer.done()
        await announce(presence("cellar-8", scanned=1))
        found = (await answer).json()

    assert waited
    assert [(gpu["device"], gpu["host"]) for gpu in found["gpus"]] == [("cuda:1", "attic"), ("cuda:0", "cellar")]
    assert found["note"] == ""


async def test_a_rescan_without_extractors_is_answered_honestly(ui):
    answer = await ui.http.post("/api/system/rescan-gpus")

    assert (answer.status_code, answer.json()) == (200, {"gpus": [], "note": "no extractor is running"})


async def test_an_extractor_that_does_not_answer_is_named(bus, announce, presence):
    stopping, appeared = asyncio.Event(), asyncio.Event()
    known = Presence(bus, appeared.set, patience=0.3)
    running = asyncio.ensure_future(known.run(stopping))
    await announce(presence("attic-7"))
    async with asyncio.timeout(5):
        await appeared.wait()

    began = time.monotonic()
    silent = await known.rescan()

    assert silent == ("attic-7",)
    assert time.monotonic() - began < 3
    stopping.set()
    await running


async def test_a_rescan_without_the_broker_has_to_wait(ui, broker):
    broker.stop()
    await ui.until(STATUS, lambda status: not status["bus"]["connected"])

    answer = await ui.http.post("/api/system/rescan-gpus")

    assert (answer.status_code, answer.json()["code"]) == (503, "BUS_UNAVAILABLE")


async def test_the_settings_of_devices_and_of_growing_files_are_kept(ui):
    entry = {"device": "cuda:0", "name": "RTX", "type": "nvidia", "enabled": False, "workers": 4, "ffmpeg_threads": 1}

    changed = await ui.http.post("/api/settings", json={"gpu_config": [entry], "file_quiet_seconds": 30})

    assert changed.status_code == 200
    shown = await ui.json("/api/settings")
    assert (shown["gpu_config"], shown["file_quiet_seconds"]) == ([entry], 30)


@pytest.mark.parametrize(
    "entry", [{"device": "cuda:0", "workers": 33}, {"device": ""}, {"device": "a", "workers": "2"}]
)
async def test_a_wrong_entry_is_named(ui, entry):
    answer = await ui.http.post("/api/settings", json={"gpu_config": [entry]})

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert "gpu_config" in answer.json()["error"]


async def test_a_hostile_device_name_is_only_text(ui, announce, presence):
    name = "\"><script>alert(1)</script><b onload='x'>"
    await announce(presence("attic-7", DeviceStatus(device=name, name=name, type=name, error=name)))
    await ui.until(STATUS, lambda status: status["gpus"])

    page = (await ui.http.get("/partials/devices")).text

    assert "<script" not in page
    assert "<b onload" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_the_panel_says_so_while_there_is_nothing_to_show(ui, announce, presence):
    await ui.http.post("/api/settings", json={"gpu_config": [{"device": "cuda:3", "name": "Lent card"}]})
    nobody = (await ui.http.get("/partials/devices")).text
    await ui.http.post("/api/settings", json={"gpu_config": []})

    await announce(presence("attic-7", devices=()))
    await ui.until(STATUS, lambda status: status["extractors"])

    assert "No extractor is running" in nobody
    assert "Lent card" not in nobody
    assert "looking for its devices" in (await ui.http.get("/partials/devices")).text
