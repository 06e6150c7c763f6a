"""Jellyfin: tiles as the server's own options say, found by a server that cannot be asked by path."""

import msgspec
import pytest

from framewright.domain.errors import NotIndexed
from framewright.domain.frames import Rendition
from framewright.vendors import planned_outputs
from framewright.vendors.jellyfin.layout import search_terms
from framewright.vendors.jellyfin.server import OPTIONS_TTL, JellyfinServer
from framewright.vendors.jellyfin.simulator import LibrarySettings, TrickplaySettings

BESIDE = {"Films": LibrarySettings(True, True, True), "Series": LibrarySettings(True, True, True)}
APART = {"Films": LibrarySettings(True, True, False), "Series": LibrarySettings(True, True, False)}


async def test_the_servers_own_interval_and_all_its_widths_are_what_it_wants(bench):
    async with bench("jellyfin", trickplay=TrickplaySettings(interval=7000, width_resolutions=[481, 320])) as desk:
        wanted = [await desk.server.renditions(Rendition(width, 5000)) for width in (320, 640)]

        assert wanted == [(Rendition(320, 7000), Rendition(480, 7000))] * 2


async def test_options_are_taken_as_read_for_minutes_and_then_read_again(bench):
    async with bench("jellyfin") as desk:
        server = JellyfinServer(desk.configured(), desk.http, clock=desk.clock)
        for seconds in (0, 10):
            desk.clock.now += seconds
            await server.renditions(Rendition(320, 5000))
        assert len(desk.asked("GET", "/System/Configuration")) == 1

        desk.clock.now += OPTIONS_TTL
        desk.state.trickplay.interval = 3000

        assert await server.renditions(Rendition(320, 5000)) == (Rendition(320, 3000),)


@pytest.mark.parametrize("beside", [True, False])
async def test_every_width_of_the_server_has_a_folder_in_the_same_place(bench, film, beside):
    options = TrickplaySettings(width_resolutions=[640, 320])
    async with bench("jellyfin", libraries=BESIDE if beside else APART, trickplay=options) as desk:
        located = await desk.server.outputs(desk.target(film))

        places = {tuple(output.path.rsplit("/", 1)) for output in located.outputs}
        assert sorted(name for _, name in places) == ["320 - 10x10", "640 - 10x10"]
        assert len({place for place, _ in places}) == 1


async def test_what_is_planned_leaves_room_for_the_other_widths_of_the_server(bench, film):
    async with bench("jellyfin") as desk:
        planned = planned_outputs(desk.configured(), desk.target(film))

        folder = (desk.media / film).parent / "Film (2001).trickplay"
        assert planned == (f"{folder}/320 - 10x10", f"{folder}/<each other width of the server> - 10x10")


async def test_tiles_lie_beside_the_video_where_the_library_says_so(bench, film):
    options = TrickplaySettings(interval=4000, tile_width=5, tile_height=4)
    async with bench("jellyfin", libraries=BESIDE, trickplay=options) as desk:
        (output,) = (await desk.server.outputs(desk.target(film))).outputs

        folder = (desk.media / film).parent
        assert output.path == f"{folder}/Film (2001).trickplay/320 - 5x4"
        assert (output.rendition, output.tile_width, output.tile_height) == (Rendition(320, 4000), 5, 4)
        assert desk.asked("*", "/Items*") == []


async def test_tiles_lie_in_the_data_folder_under_the_dashed_guid_else(bench, film):
    async with bench("jellyfin", libraries=APART) as desk:
        located = await desk.server.outputs(desk.target(film))

        path = located.outputs[0].path.removeprefix(f"{desk.data}/data/trickplay/")
        short, guid, width = path.split("/")
        assert located.outputs[0].root == f"{desk.data}/data"
        assert (short, guid.replace("-", ""), width) == (guid[:2], located.item_id, "320 - 10x10")
        assert [len(part) for part in guid.split("-")] == [8, 4, 4, 4, 12]


async def test_the_configured_place_counts_only_where_the_server_knows_no_library(bench, film):
    async with bench("jellyfin", shelves=[]) as desk:
        (output,) = (await desk.server.outputs(desk.target(film))).outputs

        assert ".trickplay" in output.path


async def test_an_old_file_under_a_translated_title_is_found_by_a_walk_that_is_remembered(bench):
    async with bench("jellyfin", libraries=APART, index_delay=0.0) as desk:
        names = [f"films/Das Boot {number}/x.{number}.mkv" for number in range(3)]
        for name in names:
            desk.add(name)
        desk.state.catalogue.scan()
        for number in range(210):
            desk.add(f"films/Newer {number}/Newer {number}.mkv")
        desk.state.catalogue.scan()
        titles = {video.file.remote: video for video in desk.state.catalogue.videos()}

        found = [(await desk.server.outputs(desk.target(name))).item_id for name in names]

        walks = [call for call in desk.asked("GET", "/Items") if call.query.get("sortBy") == "SortName"]
        assert found == [titles[f"/data/{name}"].id for name in names]
        assert len(walks) == 1


async def test_a_walk_is_not_repeated_for_every_unknown_file(bench):
    async with bench("jellyfin", libraries=APART, index_delay=60.0) as desk:
        for name in ("films/A/A.mkv", "films/B/B.mkv"):
            desk.add(name)
            with pytest.raises(NotIndexed):
                await desk.server.outputs(desk.target(name))

        assert desk.asked("POST", "*") == []
        walks = [call for call in desk.asked("GET", "/Items") if call.query.get("sortBy") == "SortName"]
        assert len(walks) == 1


async def test_a_refresh_reports_the_leaf_file_and_never_regenerates(bench, film):
    async with bench("jellyfin", libraries=BESIDE) as desk:
        located = await desk.server.outputs(desk.target(film))

        await desk.server.refresh(desk.target(film), located)

        (updated,) = desk.asked("POST", "/Library/Media/Updated")
        (refreshed,) = desk.asked("POST", "/Items/*/Refresh")
        assert msgspec.json.decode(updated.body) == {"Updates": [{"Path": f"/data/{film}", "UpdateType": "Created"}]}
        assert refreshed.query == {
            "metadataRefreshMode": "Default",
            "imageRefreshMode": "Default",
            "replaceAllMetadata": "false",
            "replaceAllImages": "false",
            "regenerateTrickplay": "false",
        }


@pytest.mark.parametrize("version", ["10.10.7", "10.11.11", "12.0.0"])
@pytest.mark.parametrize("place", [BESIDE, APART])
async def test_written_tiles_are_adopted_with_the_right_interval(bench, film, sheet, version, place):
    async with bench("jellyfin", version=version, libraries=place) as desk:
        located = await desk.server.outputs(desk.target(film))
        sheet(desk.media.parent / located.outputs[0].path / "0.jpg")

        await desk.server.refresh(desk.target(film), located)

        (row,) = (row for rows in desk.state.rows.values() for row in rows.values())
        assert (row.width, row.interval, row.tile_width) == (320, 10_000, 10)
        assert desk.state.failures == []


@pytest.mark.parametrize(
    ("path", "terms"),
    [
        ("/films/Film (2001)/Film (2001).mkv", ("Film",)),
        ("/films/Some.Film.2001.1080p.mkv", ("Some Film", "films")),
        ("/films/2001 A Space Odyssey (1968) [tt1]/2001 A Space Odyssey (1968).mkv", ("2001 A Space Odyssey",)),
        ("/tv/Show/Season 1/Show - S01E02 - The Title [WEB].mkv", ("The Title",)),
        ("/tv/Show/Season 1/S01E02.mkv", ()),
        ("D:\\Films\\Film (2001)\\a.mkv", ("a", "Film")),
    ],
)
def test_names_to_search_for_come_from_the_path(path, terms):
    assert search_terms(path) == terms
