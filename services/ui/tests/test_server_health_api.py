"""`/api/servers/{id}/health-check`, readiness and output status over real HTTP, with the vendors' simulators behind."""

from functools import partial
from pathlib import Path

import pytest

from framewright.chassis.bus import Bucket
from framewright.contracts.libraries import LIBRARIES_PREFIX
from framewright.vendors.jellyfin.simulator import LibrarySettings

from .simulated_server import TOKEN, simulated_server

pytestmark = pytest.mark.integration

FIELDS = {
    "flag",
    "label",
    "severity",
    "current",
    "recommended",
    "rationale",
    "library_id",
    "library_name",
    "fixable",
}


@pytest.fixture
def simulated(ui, tmp_path: Path):
    """`async with simulated("plex") as (state, url)`: see `simulated_server`."""
    return partial(simulated_server, ui, tmp_path)


def put(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(b"preview")


async def test_issues_of_plex_are_shown_and_mended_and_gone(ui, simulated):
    async with simulated("plex") as (state, url):
        state.prefs |= {"FSEventLibraryUpdatesEnabled": False, "GenerateBIFBehavior": "asap"}

        before = await ui.json(f"{url}/health-check")
        applied = (await ui.http.post(f"{url}/health-check/apply")).json()
        again = (await ui.http.post(f"{url}/health-check/apply", json={})).json()

        assert (before["vendor"], before["issue_count"], before["fixable_count"]) == ("plex", 3, 3)
        assert {frozenset(one) for one in before["issues"]} == {frozenset(FIELDS)}
        assert applied["ok"] is True
        flags = {":FSEventLibraryUpdatesEnabled", ":GenerateBIFBehavior", "1:enableBIFGeneration"}
        assert (applied["results"].keys(), state.prefs["GenerateBIFBehavior"]) == (flags, "never")
        assert (await ui.json(f"{url}/health-check"))["issues"] == []
        assert again == {"ok": True, "results": {}, "needs_confirm": {}}


async def test_only_the_named_flags_are_mended(ui, simulated):
    async with simulated("plex") as (state, url):
        state.prefs |= {"FSEventLibraryUpdatesEnabled": False, "ScheduledLibraryUpdatesEnabled": False}

        order = {"flags": ["ScheduledLibraryUpdatesEnabled"]}
        applied = (await ui.http.post(f"{url}/health-check/apply", json=order)).json()
        unknown = await ui.http.post(f"{url}/health-check/apply", json={"flags": ["Invented"]})

        assert applied["results"].keys() == {":ScheduledLibraryUpdatesEnabled"}
        assert state.prefs["FSEventLibraryUpdatesEnabled"] is False
        assert (unknown.status_code, unknown.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_what_destroys_or_restarts_waits_for_its_phrase(ui, simulated):
    async with simulated("jellyfin", libraries={"Films": LibrarySettings(True, True, True)}) as (state, url):
        apply, off = f"{url}/health-check/apply", {"set": {"EnableTrickplayImageExtraction": False}}

        everything = (await ui.http.post(apply)).json()
        named = (await ui.http.post(apply, json={"flags": ["MediaPreviewBridge"], "confirm": "yes"})).json()
        refused = (await ui.http.post(apply, json=off)).json()
        assert (state.upkeep.restarts, state.libraries["Films"].enable_trickplay_image_extraction) == (0, True)
        typed = {"EnableTrickplayImageExtraction": "disable trickplay"}
        done = (await ui.http.post(apply, json={**off, "confirm": typed})).json()

        assert everything["needs_confirm"] == {":MediaPreviewBridge": "install plugin"}
        assert "install plugin" in everything["results"][":MediaPreviewBridge"]["message"]
        assert (everything["ok"], named["ok"], refused["ok"], done["ok"]) == (False, False, False, True)
        assert state.libraries["Films"].enable_trickplay_image_extraction is False


async def test_a_stock_jellyfin_that_is_followed_has_nothing_wrong_with_its_interval(ui, simulated):
    async with simulated("jellyfin", libraries={"Films": LibrarySettings(True, True, True)}) as (state, url):
        report = await ui.json(f"{url}/health-check")
        await ui.http.post(f"{url}/health-check/apply")

        assert [issue["flag"] for issue in report["issues"]] == ["MediaPreviewBridge"]
        assert state.trickplay.interval == 10_000


async def test_what_makes_every_tile_wrong_waits_for_its_phrase(ui, simulated):
    libraries = {"Films": LibrarySettings(True, True, True)}
    async with simulated("jellyfin", server={"output": {"frame_interval": 5}}, libraries=libraries) as (state, url):
        apply, order = f"{url}/health-check/apply", {"flags": ["Interval"]}

        everything = (await ui.http.post(apply, json={})).json()
        named = (await ui.http.post(apply, json=order)).json()
        assert state.trickplay.interval == 10_000
        done = (await ui.http.post(apply, json={**order, "confirm": {"Interval": "remake all tiles"}})).json()

        assert everything["needs_confirm"][":Interval"] == "remake all tiles"
        assert (named["ok"], done["ok"], state.trickplay.interval) == (False, True, 5000)


async def test_the_plugin_is_installed_when_its_phrase_is_typed(ui, simulated):
    async with simulated("jellyfin", libraries={"Films": LibrarySettings(True, True, True)}) as (state, url):
        order = {"flags": [":MediaPreviewBridge"], "confirm": {"MediaPreviewBridge": "install plugin"}}

        done = (await ui.http.post(f"{url}/health-check/apply", json=order)).json()

        assert (done["ok"], state.bridged, state.upkeep.restarts) == (True, True, 1)


async def test_a_disabled_server_is_not_examined(ui, simulated):
    async with simulated("emby") as (_, url):
        switched = await ui.http.patch(f"{url}/enabled", json={"enabled": False})

        answers = [
            await ui.http.get(f"{url}/health-check"),
            await ui.http.post(f"{url}/health-check/apply"),
            await ui.http.get(f"{url}/previews-readiness"),
        ]

        assert (switched.status_code, switched.json()["enabled"]) == (200, False)
        assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "CONFLICT")] * 3
        assert (await ui.json(url))["enabled"] is False


async def test_a_server_that_is_down_is_one_critical_issue(ui, simulated):
    async with simulated("emby") as (_, url):
        pass

    found = await ui.json(f"{url}/health-check")
    applied = await ui.http.post(f"{url}/health-check/apply")

    assert (applied.status_code, applied.json()["code"]) == (502, "UPSTREAM_ERROR")
    assert [(one["flag"], one["severity"], one["fixable"]) for one in found["issues"]] == [
        ("connection", "critical", False)
    ]
    assert TOKEN not in str(found)


async def test_rows_can_be_dismissed_and_heard_of_again(ui, simulated):
    async with simulated("plex") as (state, url):
        del state.prefs["GenerateBIFBehavior"]
        before = await ui.json(f"{url}/previews-readiness")
        await ui.http.post(f"{url}/previews-readiness/dismiss", json={"ids": ["enableBIFGeneration"]})
        dismissed = await ui.json(f"{url}/previews-readiness")
        await ui.http.post(f"{url}/previews-readiness/undismiss", json={"id": "1:enableBIFGeneration"})
        after = await ui.json(f"{url}/previews-readiness")

        assert [one["id"] for one in before["sections"]] == ["connection", "server", "libraries", "folders"]
        assert [one["overall_ok"] for one in (before, dismissed, after)] == [False, True, False]
        assert dismissed["dismissed"] == ["1:enableBIFGeneration"]
        assert {"id", "title", "docs_anchor", "ok", "severity", "checks"} == before["sections"][0].keys()


async def test_a_stored_server_is_tried_as_it_is(ui, simulated):
    async with simulated("plex") as (state, url):
        good = (await ui.http.post(f"{url}/test-connection")).json()
        state.token = "changed"
        bad = (await ui.http.post(f"{url}/test-connection")).json()

        assert (good["success"], good["server_name"], bad["success"]) == (True, "Simulated Plex", False)
        assert TOKEN not in bad["error"]


async def test_a_plex_is_asked_about_outputs_only_with_an_item(ui, simulated, tmp_path):
    film = f"{tmp_path}/films/Film (2024)/Film (2024).mkv"
    async with simulated("plex") as (state, url):
        asked = f"{url}/output-status?path={film}"
        (item,) = [one for one in state.items() if one.file is not None]

        without = await ui.json(asked)
        before = await ui.json(f"{asked}&item_id={item.rating_key}")
        put(before["outputs"][0]["path"])
        after = await ui.json(f"{asked}&item_id={item.rating_key}")

        assert without == {"needs_item_id": True}
        assert (before["owned"], before["exists"], before["outputs"][0]["kind"]) == (True, False, "bif")
        assert (after["exists"], after["outputs"][0]["size"]) == (True, 7)


async def test_the_outputs_of_a_plex_are_those_of_the_very_item(ui, simulated, tmp_path):
    other = tmp_path / "films/Other (2025)/Other (2025).mkv"
    put(str(other))
    film = f"{tmp_path}/films/Film (2024)/Film (2024).mkv"
    async with simulated("plex") as (state, url):
        items = {Path(item.file.remote).stem: item.rating_key for item in state.items() if item.file}
        found = await ui.json(f"{url}/output-status?path={film}&item_id={items['Film (2024)']}")
        put(found["outputs"][0]["path"])

        for wrong in ("999999", items["Other (2025)"]):
            asked = await ui.json(f"{url}/output-status?path={film}&item_id={wrong}")

            assert (asked["owned"], asked["exists"], asked["outputs"], asked["item_id"]) == (True, False, [], wrong)
            assert f"the item {wrong} does not hold" in asked["reason"]
        assert (found["item_id"], found["reason"]) == (items["Film (2024)"], "")


async def test_outputs_beside_a_video_need_no_item(ui, simulated, tmp_path):
    folder = tmp_path / "films/Film (2024)"
    async with simulated("emby", server={"output": {"frame_interval": 10}}) as (_, url):
        put(f"{folder}/Film (2024)-320-10.bif")

        found = await ui.json(f"{url}/output-status?path=/data/films/Film (2024)/Film (2024).mkv")
        other = await ui.json(f"{url}/output-status?path=/elsewhere/Film.mkv")

        assert (found["canonical_path"], found["exists"]) == (f"{folder}/Film (2024).mkv", True)
        assert (other["owned"], other["exists"], other["outputs"]) == (False, False, [])
        assert other["reason"]


async def test_a_server_that_is_forgotten_leaves_nothing_behind(ui, bus, simulated):
    config = Bucket(bus, "config")
    async with simulated("plex") as (_, url):
        server_id = url.rpartition("/")[2]
        await config.put(LIBRARIES_PREFIX + server_id, b'{"at":"2026-11-20T12:00:00Z"}')
        await ui.http.post(f"{url}/previews-readiness/dismiss", json={"ids": ["connection"]})

        assert (await ui.http.delete(url)).status_code == 200

        assert await config.get_many([">"]) == {}
