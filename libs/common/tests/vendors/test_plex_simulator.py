"""python-plexapi, which nobody here wrote, gets along with the simulated Plex."""

import asyncio
import datetime
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from plexapi.exceptions import BadRequest, NotFound, Unauthorized
from plexapi.server import PlexServer

from framewright.vendors.plex.simulator.state import Viewing
from framewright.vendors.simulation.instruments import Fault, FaultKind


@pytest.fixture
def plex(bench, token):
    """The bench with python-plexapi connected to it; the library is synchronous, so `run` takes it to a thread."""

    @asynccontextmanager
    async def connected(**options):
        async with bench("plex", **options) as desk:
            desk.run = asyncio.to_thread
            library = await asyncio.to_thread(PlexServer, desk.url, token)
            try:
                yield desk, library
            finally:
                library._session.close()

    return connected


async def test_sections_and_their_folders(plex):
    async with plex() as (desk, server):
        sections = await desk.run(server.library.sections)

        assert [(section.type, section.title, section.locations) for section in sections] == [
            ("movie", "Films", ["/data/films"]),
            ("show", "Series", ["/data/tv"]),
        ]


async def test_items_are_searched_filtered_and_paged(plex):
    async with plex() as (desk, server):
        for number in range(105):
            desk.add(f"films/Other {number} (1999)/Other {number}.mkv")
        desk.state.scan("1", "")
        films = await desk.run(server.library.section, "Films")

        assert len(await desk.run(films.all)) == 106
        assert [film.title for film in await desk.run(lambda: films.search(title="Film"))] == ["Film"]
        assert len(await desk.run(lambda: films.search(year=2001))) == 1
        recent = datetime.datetime.now() - datetime.timedelta(hours=1)
        assert len(await desk.run(lambda: films.search(filters={"addedAt>>": recent}, maxresults=5))) == 5
        assert [hit.title for hit in await desk.run(lambda: server.search("film", limit=3))] == ["Film"]


async def test_shows_have_seasons_and_episodes(plex, episode):
    async with plex() as (desk, server):
        series = await desk.run(server.library.section, "Series")
        (show,) = await desk.run(series.all)

        (season,) = await desk.run(show.seasons)
        (found,) = await desk.run(show.episodes)

        assert (show.title, season.seasonNumber, found.seasonEpisode) == ("Show", 1, "s01e02")
        assert found.media[0].parts[0].file == f"/data/{episode}"
        assert show.leafCount == 1


async def test_ids_of_the_folder_name_are_guids(plex):
    async with plex() as (desk, server):
        films = await desk.run(server.library.section, "Films")
        (film,) = await desk.run(films.all)

        assert [guid.id for guid in film.guids] == ["tmdb://1"]


async def test_analysis_sets_the_flag_only_for_a_file_that_parses(plex, bif):
    async with plex() as (desk, server):
        films = await desk.run(server.library.section, "Films")
        (film,) = await desk.run(films.all)
        part_hash = (
            (await desk.run(server.query, f"/library/metadata/{film.ratingKey}/tree")).find(".//MediaPart").get("hash")
        )
        index = Path(
            desk.data, "Media/localhost", part_hash[0], f"{part_hash[1:]}.bundle/Contents/Indexes/index-sd.bif"
        )
        index.parent.mkdir(parents=True)

        index.write_bytes(bif()[:-1])
        await desk.run(film.analyze)
        cut_short = (await desk.run(film.reload)).hasPreviewThumbnails
        index.write_bytes(bif())
        await desk.run(film.analyze)

        assert not cut_short
        assert (await desk.run(film.reload)).hasPreviewThumbnails


async def test_a_served_preview_is_kept_until_the_restart(plex, bif, film, token):
    async with plex() as (desk, _):
        located = await desk.server.outputs(desk.target(film))
        index = Path(located.outputs[0].path)
        index.parent.mkdir(parents=True)
        index.write_bytes(bif(3))
        part = desk.state.part(desk.state.item(located.item_id).file)
        url, headers = f"{desk.url}/library/parts/{part.id}/indexes/sd", {"X-Plex-Token": token}

        first = (await desk.http.get(url, headers=headers)).content
        index.write_bytes(bif(5))
        cached = (await desk.http.get(url, headers=headers)).content
        await desk.http.post(f"{desk.url}/_simulator/restart")
        fresh = (await desk.http.get(url, headers=headers)).content

        assert first == cached == bif(3)
        assert fresh == bif(5)
        assert (await desk.http.get(f"{url}/25000", headers=headers)).content[:2] == b"\xff\xd8"


async def test_a_partial_scan_finds_new_files_and_is_an_activity(plex):
    async with plex() as (desk, server):
        films = await desk.run(server.library.section, "Films")
        desk.add("films/New/New.mkv")
        desk.add("films/Unscanned/Unscanned.mkv")

        await desk.run(lambda: films.update(path="/data/films/New"))

        assert [film.title for film in await desk.run(films.all)] == ["Film", "New"]
        (activity,) = server.activities
        assert (activity.type, activity.subtitle) == ("library.update.section", "/data/films/New")


async def test_settings_are_read_and_saved(plex):
    async with plex() as (desk, server):
        settings = await desk.run(lambda: server.settings)
        settings.get("GenerateBIFBehavior").set("asap")
        await desk.run(settings.save)

        assert desk.state.prefs["GenerateBIFBehavior"] == "asap"


async def test_sessions_say_who_plays_what(plex):
    async with plex() as (desk, server):
        desk.state.viewings.append(Viewing(desk.state.items()[0].rating_key))

        (session,) = await desk.run(server.sessions)

        assert (session.title, session.usernames, session.player.product) == ("Film", ["admin"], "Plex Web")


async def test_refusals_are_those_that_the_library_knows(plex):
    async with plex() as (desk, server):
        with pytest.raises(NotFound):
            await desk.run(server.fetchItem, 99999)
        with pytest.raises(Unauthorized):
            await desk.run(PlexServer, desk.url, "another")
        desk.state.instruments.inject(Fault(FaultKind.STATUS, path="/library/sections"))
        with pytest.raises(BadRequest, match="503"):
            await desk.run(server.library.sections)


async def test_a_query_by_file_without_a_type_fails_as_it_does_on_real_servers(bench, token):
    async with bench("plex") as desk:
        url = f"{desk.url}/library/sections/1/all?file=a.mkv"

        response = await desk.http.get(url, headers={"X-Plex-Token": token})

        assert response.status_code == 500
