"""One switch of a server at a time, over real HTTP, with the vendors' simulators behind."""

from functools import partial
from pathlib import Path

import pytest

from framewright.vendors.jellyfin.simulator import LibrarySettings

from .simulated_server import simulated_server

pytestmark = pytest.mark.integration

SCANS = "ExtractTrickplayImagesDuringLibraryScan"


@pytest.fixture
def simulated(ui, tmp_path: Path):
    """`async with simulated("plex") as (state, url)`: see `simulated_server`."""
    return partial(simulated_server, ui, tmp_path)


async def test_extraction_is_switched_in_every_library_and_counted(ui, simulated):
    async with simulated("jellyfin", libraries={"Films": LibrarySettings(True, True, True)}) as (state, url):
        before = await ui.json(f"{url}/vendor-extraction/status")

        off = (await ui.http.post(f"{url}/vendor-extraction", json={"scan_extraction": False})).json()
        again = (await ui.http.post(f"{url}/vendor-extraction", json={"scan_extraction": False})).json()
        after = await ui.json(f"{url}/vendor-extraction/status")

        (library,) = off["results"]
        counts = {"ok_count": 1, "skipped_count": 0, "error_count": 0, "total": 1}
        assert off == {"ok": True, "scan_extraction": False, "results": {library: "ok"}, **counts, "error": ""}
        assert again == off
        assert (before["vendor"], before["extracting_count"], before["stopped_count"]) == ("jellyfin", 1, 0)
        assert (after["extracting_count"], after["stopped_count"], after["total"]) == (0, 1, 1)
        assert state.libraries["Films"].extract_trickplay_images_during_library_scan is False


async def test_every_option_with_which_an_emby_extracts_is_switched(ui, simulated):
    async with simulated("emby") as (state, url):
        on = (await ui.http.post(f"{url}/vendor-extraction", json={"scan_extraction": True})).json()

        chapters = "ExtractChapterImagesDuringLibraryScan"
        assert (on["ok"], list(on["results"].values())) == (True, ["ok"])
        assert [state.upkeep.options["Films"][one] for one in (SCANS, chapters)] == [True, True]


async def test_a_plex_whose_own_switch_says_never_extracts_nowhere(ui, simulated):
    async with simulated("plex") as (state, url):
        never = await ui.json(f"{url}/vendor-extraction/status")
        state.prefs["GenerateBIFBehavior"] = "asap"
        asap = await ui.json(f"{url}/vendor-extraction/status")

        one = {"scan_extraction": False, "library_ids": ["1"]}
        off = (await ui.http.post(f"{url}/vendor-extraction", json=one)).json()

        assert [(one["extracting_count"], one["stopped_count"]) for one in (never, asap)] == [(0, 1), (1, 0)]
        assert (off["results"], state.section_prefs["1"]["enableBIFGeneration"]) == ({"1": "ok"}, False)


WRONG = [
    ("vendor-extraction", {}, "scan_extraction"),
    ("vendor-extraction", {"scan_extraction": "yes"}, "scan_extraction"),
    ("vendor-extraction", {"scan_extraction": False, "library_ids": []}, "library_ids"),
    ("vendor-extraction", {"scan_extraction": False, "library_ids": ["9"]}, "library_ids"),
    ("scheduled-trickplay", {}, "enabled"),
    ("scheduled-trickplay", {"enabled": True}, "RefreshTrickplayImages"),
    ("install-plugin", {}, "MediaPreviewBridge"),
    ("uninstall-plugin", {"confirm": "uninstall plugin"}, "MediaPreviewBridge"),
]


async def test_what_a_plex_does_not_have_and_what_is_not_said_is_refused(ui, simulated):
    async with simulated("plex") as (state, url):
        for door, body, said in WRONG:
            answer = await ui.http.post(f"{url}/{door}", json=body)

            assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), (door, body)
            assert said in answer.json()["error"]
        assert state.instruments.asked("PUT", "*") == []


@pytest.mark.parametrize("vendor", ["emby", "jellyfin"])
async def test_the_daily_task_is_switched_off_and_on(ui, simulated, vendor):
    async with simulated(vendor) as (state, url):
        off = (await ui.http.post(f"{url}/scheduled-trickplay", json={"enabled": False})).json()
        never = state.upkeep.triggers["RefreshTrickplayImages"]
        on = (await ui.http.post(f"{url}/scheduled-trickplay", json={"enabled": True})).json()
        again = (await ui.http.post(f"{url}/scheduled-trickplay", json={"enabled": True})).json()

        assert ([one["ok"] for one in (off, on, again)], never) == ([True] * 3, [])
        assert state.upkeep.triggers["RefreshTrickplayImages"][0]["Type"] == "DailyTrigger"
        assert ([one["step"] for one in on["steps"]], again["steps"]) == ([":RefreshTrickplayImages"], [])


async def test_the_plugin_comes_and_goes_only_with_its_phrase(ui, simulated):
    async with simulated("jellyfin", libraries={"Films": LibrarySettings(True, True, True)}) as (state, url):
        bare = (await ui.http.post(f"{url}/install-plugin")).json()
        wrong = (await ui.http.post(f"{url}/install-plugin", json={"confirm": "uninstall plugin"})).json()
        assert (state.bridged, state.upkeep.restarts) == (False, 0)
        came = (await ui.http.post(f"{url}/install-plugin", json={"confirm": "install plugin"})).json()
        assert (came["ok"], came["error"], state.bridged) == (True, "", True)

        kept = (await ui.http.post(f"{url}/uninstall-plugin")).json()
        typed = {"confirm": {"MediaPreviewBridge": "uninstall plugin"}}
        went = (await ui.http.post(f"{url}/uninstall-plugin", json=typed)).json()

        assert [one["ok"] for one in (bare, wrong, kept, went)] == [False, False, False, True]
        assert bare["needs_confirm"] == {":MediaPreviewBridge": "install plugin"}
        assert "install plugin" in bare["error"]
        assert (state.bridged, state.upkeep.restarts) == (False, 2)


DOORS = [
    ("GET", "vendor-extraction/status", None),
    ("POST", "vendor-extraction", {"scan_extraction": False}),
    ("POST", "scheduled-trickplay", {"enabled": False}),
    ("POST", "install-plugin", {"confirm": "install plugin"}),
    ("POST", "uninstall-plugin", {"confirm": "uninstall plugin"}),
]


async def test_a_server_that_is_away_disabled_or_unknown_is_no_setting(ui, simulated):
    async with simulated("jellyfin") as (_, url):
        pass

    away = [(await ui.http.request(method, f"{url}/{door}", json=body)).status_code for method, door, body in DOORS]
    await ui.http.patch(f"{url}/enabled", json={"enabled": False})
    off = [(await ui.http.request(method, f"{url}/{door}", json=body)).status_code for method, door, body in DOORS]
    gone = "/api/servers/none"
    lost = [(await ui.http.request(method, f"{gone}/{door}", json=body)).status_code for method, door, body in DOORS]

    assert (away, off, lost) == ([502] * 5, [409] * 5, [404] * 5)
