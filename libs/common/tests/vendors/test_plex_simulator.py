"""python-plexapi, which nobody here wrote, gets along with the simulated Plex."""

import datetime as dt
from contextlib import contextmanager
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from plexapi.exceptions import BadRequest, NotFound, Unauthorized
from plexapi.server import PlexServer

from framewright.vendors.plex.simulator.state import Viewing
from framewright.vendors.simulation.instruments import Fault, FaultKind


@pytest.fixture
def plex(bench, token):
    """The bench on a thread of its own, because python-plexapi is synchronous, and a connection to it."""

    @contextmanager
    def connected(**options):
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(bench("plex", **options)) as desk:
            server = PlexServer(desk.url, token, timeout=5)
            try:
                yield desk, server
            finally:
                server._session.close()

    return connected


def test_sections_and_their_folders(plex):
    with plex() as (_, server):
        sections = server.library.sections()

        assert [(section.type, section.title, section.locations) for section in sections] == [
            ("movie", "Films", ["/data/films"]),
            ("show", "Series", ["/data/tv"]),
        ]


def test_items_are_searched_filtered_and_paged(plex):
    with plex() as (desk, server):
        for number in range(105):
            desk.add(f"films/Other {number} (1999)/Other {number}.mkv")
        desk.state.scan("1", "")
        films = server.library.section("Films")

        assert len(films.all()) == 106
        assert [film.title for film in films.search(title="Film")] == ["Film"]
        assert len(films.search(year=2001)) == 1
        recent = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
        assert len(films.search(filters={"addedAt>>": recent}, maxresults=5)) == 5
        assert [hit.title for hit in server.search("film", limit=3)] == ["Film"]
        assert len(films.recentlyAdded(maxresults=3)) == 3


def test_shows_have_seasons_and_episodes(plex, episode):
    with plex() as (_, server):
        (show,) = server.library.section("Series").all()

        (season,) = show.seasons()
        (found,) = show.episodes()

        assert (show.title, season.seasonNumber, found.seasonEpisode) == ("Show", 1, "s01e02")
        assert found.media[0].parts[0].file == f"/data/{episode}"
        assert show.leafCount == 1


def test_ids_of_the_folder_name_are_guids(plex):
    with plex() as (_, server):
        (film,) = server.library.section("Films").all()

        assert [guid.id for guid in film.guids] == ["tmdb://1"]


def test_analysis_sets_the_flag_only_for_a_file_that_parses(plex, bif):
    with plex() as (desk, server):
        (film,) = server.library.section("Films").all()
        part_hash = server.query(f"/library/metadata/{film.ratingKey}/tree").find(".//MediaPart").get("hash")
        bundle = Path(desk.data, "Media/localhost", part_hash[0], f"{part_hash[1:]}.bundle/Contents/Indexes")
        bundle.mkdir(parents=True)

        (bundle / "index-sd.bif").write_bytes(bif()[:-1])
        film.analyze()
        cut_short = film.reload().hasPreviewThumbnails
        (bundle / "index-sd.bif").write_bytes(bif())
        film.analyze()

        assert not cut_short
        assert film.reload().hasPreviewThumbnails


def test_a_partial_scan_finds_new_files_and_is_an_activity(plex):
    with plex() as (desk, server):
        films = server.library.section("Films")
        desk.add("films/New/New.mkv")
        desk.add("films/Unscanned/Unscanned.mkv")

        films.update(path="/data/films/New")

        assert [film.title for film in films.all()] == ["Film", "New"]
        (activity,) = server.activities
        assert (activity.type, activity.subtitle) == ("library.update.section", "/data/films/New")


def test_settings_are_read_and_saved(plex):
    with plex() as (desk, server):
        settings = server.settings
        settings.get("GenerateBIFBehavior").set("asap")
        settings.save()

        assert desk.state.prefs["GenerateBIFBehavior"] == "asap"


def test_sessions_say_who_plays_what(plex):
    with plex() as (desk, server):
        desk.state.viewings.append(Viewing(desk.state.items()[0].rating_key))

        (session,) = server.sessions()

        assert (session.title, session.usernames, session.player.product) == ("Film", ["admin"], "Plex Web")


def test_refusals_are_those_that_the_library_knows(plex):
    with plex() as (desk, server):
        with pytest.raises(NotFound):
            server.fetchItem(99999)
        with pytest.raises(Unauthorized):
            PlexServer(desk.url, "another")
        desk.state.instruments.inject(Fault(FaultKind.STATUS, path="/library/sections"))
        with pytest.raises(BadRequest, match="503"):
            server.library.sections()


async def test_a_served_preview_is_kept_until_the_restart(bench, bif, film, token):
    async with bench("plex") as desk:
        located = await desk.server.outputs(desk.target(film))
        desk.put(located.outputs[0].path, bif(3))
        part = desk.state.part(desk.state.item(located.item_id).file)
        url, headers = f"{desk.url}/library/parts/{part.id}/indexes/sd", {"X-Plex-Token": token}

        first = (await desk.http.get(url, headers=headers)).content
        desk.put(located.outputs[0].path, bif(5))
        cached = (await desk.http.get(url, headers=headers)).content
        await desk.http.post(f"{desk.url}/_simulator/restart")
        fresh = (await desk.http.get(url, headers=headers)).content

        assert first == cached == bif(3)
        assert fresh == bif(5)
        assert (await desk.http.get(f"{url}/25000", headers=headers)).content[:2] == b"\xff\xd8"


async def test_a_query_by_file_without_a_type_fails_as_it_does_on_real_servers(bench, token):
    async with bench("plex") as desk:
        url = f"{desk.url}/library/sections/1/all?file=a.mkv"

        response = await desk.http.get(url, headers={"X-Plex-Token": token})

        assert response.status_code == 500
