"""Every row of the check lists over real HTTP: wrong before, put right, right after, and set twice without a second change."""

import dataclasses
from typing import Any

import msgspec
import pytest

from framewright import vendors
from framewright.domain.errors import Reject
from framewright.domain.health import Check, Severity
from framewright.domain.ownership import Library, PathMapping
from framewright.vendors.jellyfin.simulator import LibrarySettings
from framewright.vendors.jellyfin.simulator.settings import TrickplaySettings
from framewright.vendors.simulation.disk import Shelf

WRITES = ("PUT", "POST", "DELETE")
PHRASES = dict.fromkeys(("TileWidth", "TileHeight", "Interval"), "remake all tiles") | {"WidthResolutions": ""}
ALL_ON = {"Films": LibrarySettings(True, True, True), "Series": LibrarySettings(True, True, True)}


def auditor(desk, **changes: Any):
    return vendors.auditor(desk.configured(**changes), desk.http)


async def row(way, flag: str, library: str = "") -> Check:
    return next(one for one in await way.checks() if one.flag == flag and one.library_name == library)


async def wrong(way) -> dict[str, Severity]:
    return {f"{one.library_name}:{one.flag}": one.severity for one in await way.checks() if not one.ok}


def writes(desk) -> int:
    return sum(call.method in WRITES for call in desk.state.instruments.calls)


async def cured(desk, way, check: Check) -> None:
    """Set the row right, see it right, and see that a second time writes the same."""
    assert not check.ok
    assert check.fixable
    await way.apply(check)
    after = await row(way, check.flag, check.library_name)
    assert after.ok, after
    await way.apply(check)
    assert await row(way, check.flag, check.library_name) == after


PLEX = ["FSEventLibraryUpdatesEnabled", "FSEventLibraryPartialScanEnabled", "ScheduledLibraryUpdatesEnabled"]


@pytest.mark.parametrize("flag", PLEX)
async def test_a_preference_of_plex_is_set_and_no_other(bench, flag):
    async with bench("plex") as desk:
        desk.state.prefs[flag] = False
        before = {**desk.state.prefs, flag: True}
        way = auditor(desk)

        await cured(desk, way, await row(way, flag))

        assert desk.state.prefs == before


OWN = ("Films:enableBIFGeneration", "Series:enableBIFGeneration")


async def test_plex_stops_making_previews_itself_section_by_section(bench):
    async with bench("plex") as desk:
        desk.state.prefs["GenerateBIFBehavior"] = "asap"
        way = auditor(desk)
        assert await wrong(way) == dict.fromkeys((":GenerateBIFBehavior", *OWN), "recommended")

        await cured(desk, way, await row(way, "enableBIFGeneration", "Films"))
        assert desk.state.section_prefs["1"] == {"enableBIFGeneration": False, "enableIntroMarkerGeneration": True}
        assert desk.state.section_prefs["2"]["enableBIFGeneration"] is True
        await cured(desk, way, await row(way, "enableBIFGeneration", "Series"))

        assert await wrong(way) == {}


@pytest.mark.parametrize("behaviour", ["scheduled", "asap"])
async def test_plex_stops_making_previews_itself_everywhere_at_once(bench, behaviour):
    async with bench("plex") as desk:
        desk.state.prefs["GenerateBIFBehavior"] = behaviour
        before = {**desk.state.prefs, "GenerateBIFBehavior": "never"}
        way = auditor(desk)

        await cured(desk, way, await row(way, "GenerateBIFBehavior"))

        assert desk.state.prefs == before
        assert await wrong(way) == {}
        assert (await row(way, "enableBIFGeneration", "Films")).current is True


async def test_a_library_that_is_left_to_plex_keeps_its_previews(bench):
    async with bench("plex") as desk:
        desk.state.prefs["GenerateBIFBehavior"] = "scheduled"
        films, series = await desk.server.libraries()

        way = auditor(desk, libraries=(films, dataclasses.replace(series, enabled=False)))

        assert await wrong(way) == {"Films:enableBIFGeneration": Severity.RECOMMENDED}


async def test_a_plex_without_the_switch_for_all_libraries_is_judged_by_the_libraries(bench):
    async with bench("plex") as desk:
        del desk.state.prefs["GenerateBIFBehavior"]

        assert await wrong(auditor(desk)) == dict.fromkeys(OWN, "recommended")


async def test_the_data_folder_of_plex_must_be_one_and_be_open_for_writing(bench, tmp_path):
    async with bench("plex") as desk:
        (tmp_path / "empty").mkdir()
        places = {"": "not set", "/nowhere": "no such folder", str(tmp_path / "empty"): "holds none of Media"}

        states = {
            place: await row(auditor(desk, output={"plex_config_folder": place}), "plex_config_folder")
            for place in places
        }

        assert {place: one.current for place, one in states.items()} == places
        assert {one.severity for one in states.values()} == {Severity.CRITICAL}
        assert (await row(auditor(desk), "plex_config_folder")).ok


@pytest.mark.parametrize("vendor", ["plex", "emby", "jellyfin", "folder"])
async def test_the_local_side_of_a_mapping_must_be_there(bench, vendor):
    async with bench(vendor) as desk:
        mappings = (PathMapping("/data", str(desk.media)), PathMapping("/other", "/nowhere"))

        found = await auditor(desk, path_mappings=mappings).checks()

        rows = {one.flag: (one.ok, one.fixable) for one in found if "mappings" in one.flag}
        assert rows == {f"path_mappings[{n}].local_prefix": (n == 0, False) for n in range(2)}


@pytest.mark.parametrize("vendor", ["plex", "emby", "jellyfin"])
async def test_a_server_that_refuses_or_is_another_one_is_a_row_and_not_a_failure(bench, vendor):
    async with bench(vendor) as desk:
        stranger = await row(auditor(desk, server_identity="somebody-else"), "connection")
        desk.state.token = "changed"
        if vendor != "plex":
            desk.state.door.token = "changed"
        refused = await row(auditor(desk), "connection")

        assert (stranger.ok, stranger.severity, stranger.fixable) == (False, Severity.CRITICAL, False)
        assert "another server" in str(stranger.current)
        assert "credentials" in str(refused.current)


@pytest.mark.parametrize("vendor", ["plex", "emby", "jellyfin"])
async def test_music_and_libraries_that_are_switched_off_here_are_no_rows(bench, vendor, tmp_path):
    (tmp_path / "music").mkdir()
    shelves = [Shelf("Films", "movie", "/data/films", str(tmp_path / "media/films"))]
    shelves += [Shelf("Music", "artist" if vendor == "plex" else "music", "/data/music", str(tmp_path / "music"))]
    async with bench(vendor, shelves=shelves) as desk:
        (films,) = await desk.server.libraries()
        everything = await auditor(desk).checks()
        off = await auditor(desk, libraries=(dataclasses.replace(films, enabled=False),)).checks()

        assert {one.library_name for one in everything} == {"", "Films"}
        assert {one.library_name for one in off} == {""}


EMBY = {
    "ExtractTrickplayImagesDuringLibraryScan": True,
    "ExtractChapterImagesDuringLibraryScan": True,
    "EnableRealtimeMonitor": False,
}


@pytest.mark.parametrize("flag", EMBY)
async def test_an_option_of_an_emby_library_is_set_and_the_others_are_sent_back_as_they_were(bench, flag):
    async with bench("emby") as desk:
        options = {**{name: not bad for name, bad in EMBY.items()}, "PreferredMetadataLanguage": "de", flag: EMBY[flag]}
        desk.state.upkeep.options["Films"] = options
        way = auditor(desk)
        assert await wrong(way) == {f"Films:{flag}": Severity.RECOMMENDED}

        await cured(desk, way, await row(way, flag, "Films"))

        assert desk.state.upkeep.options["Films"] == {**options, flag: not EMBY[flag]}
        assert writes(desk) == 1


async def test_an_emby_before_4_8_has_no_row_for_what_it_cannot_do(bench):
    async with bench("emby", has_folder_query=False, version="4.7.14.0") as desk:
        flags = {one.flag for one in await auditor(desk).checks() if one.library_name}

        assert flags == {"ExtractChapterImagesDuringLibraryScan", "EnableRealtimeMonitor"}


@pytest.mark.parametrize("vendor", ["emby", "jellyfin"])
async def test_the_task_that_takes_up_previews_is_put_at_three_when_it_never_runs(bench, vendor):
    async with bench(vendor) as desk:
        desk.state.upkeep.triggers["RefreshTrickplayImages"] = []
        way = auditor(desk)
        check = await row(way, "RefreshTrickplayImages")

        await cured(desk, way, check)

        assert check.severity is Severity.CRITICAL
        assert desk.state.upkeep.triggers["RefreshTrickplayImages"] == [
            {"Type": "DailyTrigger", "TimeOfDayTicks": 108_000_000_000}
        ]
        assert writes(desk) == 1


JELLYFIN = ["EnableTrickplayImageExtraction", "SaveTrickplayWithMedia", "ExtractTrickplayImagesDuringLibraryScan"]


@pytest.mark.parametrize("flag", [*JELLYFIN, "EnableRealtimeMonitor"])
async def test_an_option_of_a_jellyfin_library_is_set_and_the_others_are_sent_back_as_they_were(bench, flag):
    async with bench("jellyfin", libraries=dict(ALL_ON)) as desk:
        options = {"EnableRealtimeMonitor": True, "MetadataCountryCode": "US"}
        desk.state.upkeep.options["Films"] = options if flag in JELLYFIN else {**options, flag: False}
        before = msgspec.to_builtins(ALL_ON["Films"])
        desk.state.libraries["Films"] = msgspec.convert({**before, flag: False}, LibrarySettings)
        way = auditor(desk)

        await cured(desk, way, await row(way, flag, "Films"))

        assert msgspec.to_builtins(desk.state.libraries["Films"]) == before
        assert desk.state.upkeep.options["Films"] == options
        assert writes(desk) == 1


@pytest.mark.parametrize(
    ("flag", "bad", "good"),
    [
        ("TileWidth", 5, 10),
        ("TileHeight", 8, 10),
        ("Interval", 5000, 10_000),
        ("WidthResolutions", [640], [320, 640]),
    ],
)
async def test_a_trickplay_option_of_jellyfin_is_set_within_the_whole_configuration(bench, flag, bad, good):
    async with bench("jellyfin", libraries=dict(ALL_ON)) as desk:
        fresh = msgspec.to_builtins(TrickplaySettings())
        desk.state.trickplay = msgspec.convert({**fresh, "JpegQuality": 77, flag: bad}, TrickplaySettings)
        desk.state.configuration = {"ServerName": "Cabin", "UICulture": "nl"}
        way = auditor(desk, output={"frame_interval": 10})
        check = await row(way, flag)

        await cured(desk, way, check)

        assert (check.severity, check.phrase) == (Severity.CRITICAL, PHRASES[flag])
        assert msgspec.to_builtins(desk.state.trickplay) == {**fresh, "JpegQuality": 77, flag: good}
        assert desk.state.configuration == {"ServerName": "Cabin", "UICulture": "nl"}
        assert writes(desk) == 1


async def test_a_server_that_is_followed_in_interval_and_widths_is_set_right(bench):
    options = TrickplaySettings(interval=7000, width_resolutions=[640, 320, 1280])
    async with bench("jellyfin", libraries=dict(ALL_ON), trickplay=options) as desk:
        rows = [await row(auditor(desk), flag) for flag in ("Interval", "WidthResolutions")]

        assert [(one.ok, one.current == one.recommended, one.phrase) for one in rows] == [(True, True, "")] * 2


async def test_the_plugin_is_installed_once_with_a_restart_and_turns_the_advice_round(bench):
    async with bench(
        "jellyfin", libraries=dict(ALL_ON), repositories=[{"Name": "Own", "Url": "https://own.example"}]
    ) as desk:
        way = auditor(desk)
        check = await row(way, "MediaPreviewBridge")
        assert await wrong(way) == {":MediaPreviewBridge": Severity.RECOMMENDED}

        await cured(desk, way, check)

        assert (check.phrase, desk.state.upkeep.restarts) == ("install plugin", 1)
        assert [one["Name"] for one in desk.state.repositories] == ["Own", "Media Preview Bridge"]
        scans = {f"{name}:ExtractTrickplayImagesDuringLibraryScan" for name in ALL_ON}
        assert await wrong(way) == dict.fromkeys((*scans, ":RefreshTrickplayImages"), Severity.RECOMMENDED)


async def test_with_the_plugin_scans_and_the_task_are_switched_off(bench):
    async with bench("jellyfin", libraries=dict(ALL_ON), bridged=True) as desk:
        way = auditor(desk)

        await cured(desk, way, await row(way, "RefreshTrickplayImages"))
        await cured(desk, way, await row(way, "ExtractTrickplayImagesDuringLibraryScan", "Films"))

        assert desk.state.upkeep.triggers["RefreshTrickplayImages"] == []
        assert desk.state.libraries["Films"].extract_trickplay_images_during_library_scan is False


async def test_the_plugin_is_removed_on_request_and_only_once(bench):
    async with bench("jellyfin", libraries=dict(ALL_ON), bridged=True, installed="Media Preview Bridge") as desk:
        way = auditor(desk)
        away = dataclasses.replace(await row(way, "MediaPreviewBridge"), recommended=False)

        said = [await way.apply(away), await way.apply(away)]

        assert away.phrase == "uninstall plugin"
        assert (await row(way, "MediaPreviewBridge")).current is False
        assert (desk.state.upkeep.restarts, said[1]) == (1, "it is so already")


async def test_without_scans_or_beside_no_media_the_plugin_is_critical(bench):
    async with bench("jellyfin", libraries={**ALL_ON, "Films": LibrarySettings(True, False, True)}) as desk:
        assert (await row(auditor(desk), "MediaPreviewBridge")).severity is Severity.CRITICAL

        desk.state.libraries["Films"] = LibrarySettings(True, True, True)
        off_media = auditor(desk, output={"save_with_media": False})

        assert (await row(off_media, "MediaPreviewBridge")).severity is Severity.CRITICAL
        assert (await row(off_media, "SaveTrickplayWithMedia", "Films")).recommended is False
        assert (await row(off_media, "jellyfin_config_folder")).ok


async def test_a_data_folder_that_is_none_of_jellyfins_is_named(bench, tmp_path):
    async with bench("jellyfin") as desk:
        (tmp_path / "other").mkdir()

        check = await row(
            auditor(desk, output={"save_with_media": False, "jellyfin_config_folder": str(tmp_path / "other")}),
            "jellyfin_config_folder",
        )

        assert (check.ok, check.severity) == (False, Severity.CRITICAL)
        assert "data" in str(check.current)


@pytest.mark.parametrize(("version", "ok"), [("10.9.11", False), ("10.10.7", True), ("12.0.0", True), ("odd", False)])
async def test_a_jellyfin_before_10_10_is_too_old(bench, version, ok):
    async with bench("jellyfin", version=version if version != "odd" else "10.11.0") as desk:
        desk.state.version = version

        check = await row(auditor(desk), "version")

        assert (check.ok, check.severity, check.current, check.fixable) == (ok, Severity.CRITICAL, version, False)


@pytest.mark.parametrize(("version", "severity"), [("10.11.11", "critical"), ("12.0.0", "recommended")])
async def test_extraction_that_is_off_deletes_tiles_only_before_12(bench, version, severity):
    async with bench(
        "jellyfin", version=version, libraries={**ALL_ON, "Films": LibrarySettings(False, True, True)}
    ) as desk:
        check = await row(auditor(desk), "EnableTrickplayImageExtraction", "Films")
        off = dataclasses.replace(check, recommended=False)

        assert check.severity == severity
        assert (check.phrase, off.phrase) == ("", "disable trickplay")


async def test_how_many_libraries_jellyfin_extracts_itself_is_only_said(bench):
    async with bench("jellyfin", libraries={**ALL_ON, "Series": LibrarySettings(True, False, True)}) as desk:
        check = await row(auditor(desk), "extraction")

        assert (check.current, check.ok, check.severity) == ("in 1 of 2 libraries", True, Severity.INFO)


async def test_a_folder_is_checked_where_its_previews_and_videos_lie(bench, tmp_path):
    async with bench("folder") as desk:
        gone = Library("8", "Gone", "movie", ("/nowhere",))
        libraries = (*desk.configured().libraries, gone)

        found = await auditor(
            desk, libraries=libraries, output={"save_with_media": False, "folder": str(tmp_path)}
        ).checks()

        rows = {f"{one.library_name}:{one.flag}": one.ok for one in found}
        assert rows == {":output.folder": True, "Films:root": True, "Gone:root": False}


@pytest.mark.parametrize("vendor", ["plex", "emby", "jellyfin", "folder"])
async def test_what_no_call_can_change_is_refused(bench, vendor):
    async with bench(vendor) as desk:
        mappings = (PathMapping("/other", "/nowhere"),)
        way = auditor(desk, path_mappings=mappings)

        with pytest.raises(Reject, match="cannot be set from here"):
            await way.apply(await row(way, "path_mappings[0].local_prefix"))
