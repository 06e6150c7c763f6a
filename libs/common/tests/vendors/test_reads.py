"""What is read from every vendor: pages of libraries, items by their ids, what is played; against the simulators."""

import asyncio
import os
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from plexapi.server import PlexServer
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from framewright import vendors
from framewright.chassis.testing.http import serving
from framewright.contracts.server import Server, ServerAuth
from framewright.domain.errors import Reject, Retry
from framewright.domain.listing import ListingSort, ListingWish
from framewright.domain.ownership import Library
from framewright.vendors.simulation.bulk import Bulk
from framewright.vendors.simulation.instruments import Fault, FaultKind, Watched

MEDIA_SERVERS = ["plex", "emby", "jellyfin"]
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def came(desk, name: str, minutes_ago: float) -> None:
    """A film that the server got to know so long before NOW."""
    path = desk.add(f"films/{name} (2001)/{name} (2001).mkv")
    moment = (NOW - timedelta(minutes=minutes_ago)).timestamp()
    os.utime(path, (moment, moment))


async def films(desk) -> Library:
    return next(one for one in await desk.server.libraries() if one.name == "Films")


def named(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(" (2001).mkv")


def rescan(desk) -> None:
    index = desk.state.index if desk.vendor == "plex" else desk.state.catalogue._index
    index.scan()


async def all_pages(desk, wish: ListingWish, between=lambda: None) -> tuple[list[str], list[int]]:
    """The file names of all pages in order, and the number of files of each page."""
    names, sizes, cursor = [], [], ""
    while not sizes or cursor:
        page = await vendors.library_page(desk.configured(), desk.http, wish, cursor)
        names += [named(one.path) for one in page.items]
        sizes.append(len(page.items))
        cursor = page.cursor
        between()
    return names, sizes


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
async def test_every_order_gives_every_file_once(bench, vendor):
    async with bench(vendor) as desk:
        for number in range(7):
            came(desk, f"Film {number}", minutes_ago=10 * number)
        rescan(desk)
        library = await films(desk)
        films_only = [f"Film {number}" for number in range(7)]

        newest = await all_pages(desk, ListingWish(library, sort=ListingSort.NEWEST, page_size=3))
        oldest = await all_pages(desk, ListingWish(library, sort=ListingSort.OLDEST, page_size=3))
        natural = await all_pages(desk, ListingWish(library, page_size=100))

        assert newest == (["Film", *films_only], [3, 3, 2])
        assert oldest == ([*reversed(films_only), "Film"], [3, 3, 2])
        assert natural == (["Film", *films_only], [8])


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
async def test_a_page_says_size_time_item_and_total(bench, vendor, film):
    async with bench(vendor) as desk:
        os.utime(desk.media / film, (NOW.timestamp(), NOW.timestamp()))
        rescan(desk)

        page = await vendors.library_page(desk.configured(), desk.http, ListingWish(await films(desk)))

        (item,) = page.items
        assert (item.path, item.size, item.added_at) == (f"/data/{film}", len(film) * 50, NOW)
        assert (page.total, page.cursor) == (1, "")
        assert await vendors.item_files(desk.configured(), desk.http, item.item_id) == [f"/data/{film}"]


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
@pytest.mark.parametrize("sort", list(ListingSort))
async def test_a_lookback_is_exact_to_the_second_and_read_to_its_end(bench, vendor, sort):
    async with bench(vendor) as desk:
        (desk.media / "films/Film (2001) {tmdb-1}/Film (2001).mkv").unlink()
        for number in range(6):
            came(desk, f"Film {number}", minutes_ago=15 * number)
        rescan(desk)
        since = NOW - timedelta(minutes=45)
        wish = ListingWish(await films(desk), since=since, sort=sort, page_size=2)
        a_second_later = ListingWish(wish.library, since=since + timedelta(seconds=1), sort=sort, page_size=2)

        found, _ = await all_pages(desk, wish)
        later, _ = await all_pages(desk, a_second_later)

        assert sorted(found) == ["Film 0", "Film 1", "Film 2", "Film 3"]
        assert sorted(later) == ["Film 0", "Film 1", "Film 2"]


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
@pytest.mark.parametrize("sort", list(ListingSort))
async def test_nothing_is_skipped_while_films_come_and_go(bench, vendor, sort):
    async with bench(vendor) as desk:
        for number in range(60):
            came(desk, f"Film {number:02d}", minutes_ago=100 + number)
        rescan(desk)
        gone, coming = iter(range(0, 60, 7)), iter(range(900))

        def turn() -> None:
            name = f"Film {next(gone, 0):02d}"
            (desk.media / f"films/{name} (2001)/{name} (2001).mkv").unlink(missing_ok=True)
            came(desk, f"Another {next(coming)}", minutes_ago=0)
            rescan(desk)

        found, _ = await all_pages(desk, ListingWish(await films(desk), sort=sort, page_size=5), turn)

        staying = {f"Film {number:02d}" for number in range(60)} - {f"Film {number:02d}" for number in range(0, 60, 7)}
        assert staying - set(found) == set()


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
async def test_a_page_is_found_again_when_many_vanished_before_it(bench, vendor):
    async with bench(vendor) as desk:
        for number in range(90):
            came(desk, f"Film {number:02d}", minutes_ago=number)
        rescan(desk)
        wish = ListingWish(await films(desk), sort=ListingSort.NATURAL, page_size=50)
        first = await vendors.library_page(desk.configured(), desk.http, wish)
        for number in range(40):
            (desk.media / f"films/Film {number:02d} (2001)/Film {number:02d} (2001).mkv").unlink()
        rescan(desk)

        second = await vendors.library_page(desk.configured(), desk.http, wish, first.cursor)

        assert [named(one.path) for one in second.items] == [f"Film {number:02d}" for number in range(49, 90)]


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
async def test_a_series_stands_for_its_episodes(bench, vendor, episode):
    async with bench(vendor) as desk:
        desk.add("tv/Show/Season 2/Show S02E01.mkv")
        rescan(desk)
        shows = {"plex": lambda: next(one.rating_key for one in desk.state.items() if one.kind == "show")}
        item_id = shows.get(vendor, lambda: desk.state.catalogue.series()[0].id)()

        found = await vendors.item_files(desk.configured(), desk.http, item_id)

        assert sorted(found) == sorted([f"/data/{episode}", "/data/tv/Show/Season 2/Show S02E01.mkv"])


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
async def test_ids_of_catalogues_name_films_and_whole_series(bench, vendor, film):
    async with bench(vendor) as desk:
        desk.add("films/Other (2002) {tmdb-11}/Other (2002).mkv")
        desk.add("tv/Tale {tvdb-7}/Season 1/Tale S01E01.mkv")
        rescan(desk)
        server = desk.configured()

        assert await vendors.provider_files(server, desk.http, {"tmdb": "1"}) == [f"/data/{film}"]
        assert await vendors.provider_files(server, desk.http, {"tmdb": "1", "imdb": ""}) == [f"/data/{film}"]
        tale = await vendors.provider_files(server, desk.http, {"tvdb": "7"})
        assert tale == ["/data/tv/Tale {tvdb-7}/Season 1/Tale S01E01.mkv"]
        assert await vendors.provider_files(server, desk.http, {"tmdb": "999"}) == []
        assert await vendors.provider_files(server, desk.http, {}) == []


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
async def test_an_item_that_is_gone_has_no_files(bench, vendor):
    async with bench(vendor) as desk:
        assert await vendors.item_files(desk.configured(), desk.http, "987654") == []


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
async def test_sessions_say_what_is_played_and_how(bench, vendor, film, episode):
    async with bench(vendor) as desk:
        quiet = await vendors.sessions(desk.configured(), desk.http)
        watched = [Watched(f"/data/{film}", transcoding=True, user="ann"), Watched(f"/data/{episode}", state="paused")]
        desk.state.instruments.watch(*watched)

        playing = await vendors.sessions(desk.configured(), desk.http)

        assert quiet == ()
        assert [(one.path, one.state, one.transcoding, one.user) for one in playing] == [
            (f"/data/{film}", "playing", True, "ann"),
            (f"/data/{episode}", "paused", False, "admin"),
        ]
        assert await vendors.item_files(desk.configured(), desk.http, playing[1].item_id) == [f"/data/{episode}"]


async def test_who_watches_can_be_set_from_outside(bench, film):
    async with bench("jellyfin") as desk:
        url = f"{desk.url}/_simulator/sessions"

        accepted = await desk.http.put(url, json=[{"path": f"/data/{film}"}])
        refused = await desk.http.put(url, json={"path": 1})

        assert (accepted.status_code, refused.status_code) == (204, 400)
        assert [one.path for one in await vendors.sessions(desk.configured(), desk.http)] == [f"/data/{film}"]


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
async def test_a_library_of_a_hundred_thousand_is_paged_without_being_built(bench, vendor):
    async with bench(vendor, bulk=Bulk(100_000)) as desk:
        library = (await desk.server.libraries())[-1]
        wish = ListingWish(library, sort=ListingSort.OLDEST, page_size=500)

        first = await vendors.library_page(desk.configured(), desk.http, wish)
        last = await vendors.library_page(desk.configured(), desk.http, wish, "99990:")

        assert library.name == "Bulk"
        assert (first.total, len(first.items), first.items[0].path) == (100_000, 500, Bulk(1).path(99_999))
        assert ([one.path for one in last.items][-1], len(last.items), last.cursor) == (Bulk(1).path(0), 10, "")


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
async def test_a_lookback_into_a_large_library_ends_with_it(bench, vendor):
    async with bench(vendor, bulk=Bulk(100_000)) as desk:
        library = (await desk.server.libraries())[-1]
        since = datetime.fromtimestamp(Bulk(1).newest - 60 * 149, UTC)
        wish = ListingWish(library, since=since, sort=ListingSort.NEWEST, page_size=100)

        found, sizes = await all_pages(desk, wish)

        assert (len(set(found)), sizes) == (150, [100, 50])


async def test_python_plexapi_pages_through_the_same_listing(bench, token):
    async with bench("plex", bulk=Bulk(450)) as desk:

        def read() -> tuple[int, str]:
            server = PlexServer(desk.url, token, timeout=5)
            try:
                found = server.library.section("Bulk").all()
                return len(found), found[0].media[0].parts[0].file
            finally:
                server._session.close()

        assert await asyncio.to_thread(read) == (450, Bulk(1).path(0))


@pytest.mark.parametrize(
    ("vendor", "path", "body"),
    [
        (
            "plex",
            "/library/sections/1/all",
            {
                "MediaContainer": {
                    "totalSize": 1,
                    "Metadata": [
                        {
                            "ratingKey": "5",
                            "addedAt": 99999999999999999,
                            "Media": [
                                {"Part": [{"file": "/f/a.mkv", "size": 1}, {"file": "/f/b.mkv", "size": 2}]},
                                {"Part": [{"file": "/f/4k.mkv", "size": 3}]},
                            ],
                        }
                    ],
                }
            },
        ),
        (
            "jellyfin",
            "/Items",
            {
                "TotalRecordCount": 1,
                "Items": [
                    {
                        "Id": "5",
                        "Path": "/f/a.mkv",
                        "DateCreated": "2026-05-01T12:00:00.1234567Z",
                        "MediaSources": [
                            {"Path": "/f/a.mkv", "Size": 1},
                            {"Path": "/f/b.mkv", "Size": 2},
                            {"Path": "/f/4k.mkv", "Size": 3},
                        ],
                    }
                ],
            },
        ),
    ],
)
async def test_every_version_of_an_item_is_given(vendor, path, body):
    async def answer(_request) -> JSONResponse:
        return JSONResponse(body)

    async with serving(Starlette(routes=[Route(path, answer)])) as url, httpx.AsyncClient(verify=False) as http:
        server = Server(id="s", type=vendor, url=url, auth=ServerAuth(token="t"))

        page = await vendors.library_page(server, http, ListingWish(Library("1", kind="movie")))

        assert [(one.path, one.size) for one in page.items] == [("/f/a.mkv", 1), ("/f/b.mkv", 2), ("/f/4k.mkv", 3)]


async def test_a_server_that_ignores_paging_is_cut_into_pages_all_the_same():
    async def answer(_request) -> JSONResponse:
        rows = [{"ratingKey": str(n), "Media": [{"Part": [{"file": f"/f/{n}.mkv"}]}]} for n in range(5)]
        return JSONResponse({"MediaContainer": {"size": 5, "Metadata": rows}})

    app = Starlette(routes=[Route("/library/sections/1/all", answer)])
    async with serving(app) as url, httpx.AsyncClient(verify=False) as http:
        server, wish = Server(id="s", type="plex", url=url), ListingWish(Library("1", kind="movie"), page_size=2)
        files, cursor = [], ""
        while not files or cursor:
            page = await vendors.library_page(server, http, wish, cursor)
            files, cursor = files + [one.path for one in page.items], page.cursor

        assert files == [f"/f/{n}.mkv" for n in range(5)]


@pytest.mark.parametrize("vendor", MEDIA_SERVERS)
async def test_failures_are_instructions(bench, vendor):
    async with bench(vendor) as desk:
        wish = ListingWish(await films(desk))
        desk.state.instruments.inject(Fault(FaultKind.MALFORMED, times=1), Fault(FaultKind.STATUS, times=1))

        with pytest.raises(Retry) as html:
            await vendors.library_page(desk.configured(), desk.http, wish)
        with pytest.raises(Retry) as broken:
            await vendors.sessions(desk.configured(), desk.http)
        with pytest.raises(Reject) as refused:
            await vendors.item_files(desk.configured(auth=ServerAuth(token="wrong")), desk.http, "1")
        with pytest.raises(Reject) as bent:
            await vendors.library_page(desk.configured(), desk.http, wish, "x:1")

        codes = [one.value.code for one in (html, broken, refused, bent)]
        assert codes == ["BAD_ANSWER", "SERVER_ERROR", "UNAUTHORIZED", "VALIDATION_ERROR"]


async def test_a_folder_has_no_items_and_plays_nothing(bench):
    async with bench("folder") as desk:
        assert await vendors.item_files(desk.configured(), desk.http, "1") == []
        assert await vendors.provider_files(desk.configured(), desk.http, {"tmdb": "1"}) == []
        assert await vendors.sessions(desk.configured(), desk.http) == ()
        with pytest.raises(Reject, match="nobody can be asked"):
            await vendors.library_page(desk.configured(), desk.http, ListingWish(Library("1")))
