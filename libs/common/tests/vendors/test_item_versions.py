"""An item with two versions: each is a file with an output and an id of its own, against the simulators over real HTTP."""

from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from framewright import vendors
from framewright.domain.listing import ListingWish
from framewright.domain.publishing import OutputKind, ShowingState, Written
from framewright.vendors.jellyfin.layout import search_terms
from framewright.vendors.jellyfin.simulator import LibrarySettings
from framewright.vendors.simulation.instruments import Watched

BESIDE = {"Films": LibrarySettings(True, True, True), "Series": LibrarySettings(True, True, True)}
APART = {"Films": LibrarySettings(True, True, False), "Series": LibrarySettings(True, True, False)}
SERVERS = {
    "plex": ("plex", {}),
    "emby": ("emby", {}),
    "jellyfin 10.11, beside": ("jellyfin", {"version": "10.11.11", "libraries": BESIDE}),
    "jellyfin 10.11, apart": ("jellyfin", {"version": "10.11.11", "libraries": APART}),
    "jellyfin 12, beside": ("jellyfin", {"version": "12.0.0", "libraries": BESIDE}),
    "jellyfin 12, apart": ("jellyfin", {"version": "12.0.0", "libraries": APART}),
}
FILM = tuple(f"films/Pair (2020)/Pair (2020) - {label}.mkv" for label in ("1080p", "4K"))
EPISODE = tuple(f"tv/Show/Season 2/Show S02E01 Twins - {label}.mkv" for label in ("1080p", "2160p"))
ITEMS = {"film": FILM, "episode": EPISODE}


@pytest.fixture
def knowing(bench, tmp_path):
    """`async with knowing("plex", *names) as desk`: one of SERVERS that knows these files from the start."""

    @asynccontextmanager
    async def run(server, *names):
        for name in names:
            path = tmp_path / "media" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode() * 50)
        vendor, options = SERVERS[server]
        async with bench(vendor, **options) as desk:
            yield desk

    return run


@pytest.fixture
def publish(bif, sheet):
    """Write pictures where the vendor's class says and tell the server; `mark` makes them unlike others."""

    async def write(desk, name, mark):
        target = desk.target(name)
        located = await desk.server.outputs(target)
        (output,) = located.outputs
        if output.kind is OutputKind.BIF:
            desk.put(output.path, bif(4 + mark))
        else:
            sheet(Path(output.path) / "0.jpg", (320, 180 + 10 * mark))
        await desk.server.refresh(target, located)
        return target, located

    return write


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("server", SERVERS)
async def test_each_version_has_a_place_of_its_own_and_is_shown_there(knowing, publish, server, item):
    async with knowing(server, *ITEMS[item]) as desk:
        published = [await publish(desk, name, mark) for mark, name in enumerate(ITEMS[item])]

        assert len({located.outputs[0].path for _, located in published}) == 2
        assert [await state_of(desk, *one) for one in published] == [ShowingState.SHOWN] * 2


@pytest.mark.parametrize("server", SERVERS)
async def test_what_was_written_for_one_version_is_not_shown_of_the_other(knowing, publish, server):
    async with knowing(server, *FILM) as desk:
        first = await publish(desk, FILM[0], 0)
        second = desk.target(FILM[1]), await desk.server.outputs(desk.target(FILM[1]))

        assert await state_of(desk, *first) is ShowingState.SHOWN
        assert await state_of(desk, *second) is ShowingState.NOT_YET


@pytest.mark.parametrize("server", SERVERS)
async def test_a_version_that_is_replaced_leaves_the_other_ones_output_alone(knowing, publish, server):
    async with knowing(server, *FILM) as desk:
        for mark, name in enumerate(FILM):
            kept = await publish(desk, name, mark)
        before = read(kept)

        (desk.media / FILM[0]).write_bytes(b"a better copy" * 99)
        rescan(desk)
        replaced = await publish(desk, FILM[0], 5)

        assert [await state_of(desk, *one) for one in (replaced, kept)] == [ShowingState.SHOWN] * 2
        assert read(kept) == before != read(replaced)


@pytest.mark.parametrize("server", SERVERS)
async def test_a_version_that_goes_leaves_the_other_ones_output_alone(knowing, publish, server):
    async with knowing(server, *FILM) as desk:
        kept, gone = [await publish(desk, name, mark) for mark, name in enumerate(FILM)]
        before = read(kept)

        (desk.media / FILM[1]).unlink()
        rescan(desk)

        assert await state_of(desk, *kept) is ShowingState.SHOWN
        assert await state_of(desk, *gone) is ShowingState.NOT_YET
        assert read(kept) == before


@pytest.mark.parametrize("server", SERVERS)
async def test_a_version_that_comes_first_from_now_on_does_not_hide_the_other(knowing, publish, server):
    better = "films/Pair (2020)/Pair (2020) - 2160p.mkv"
    async with knowing(server, FILM[0]) as desk:
        alone = await publish(desk, FILM[0], 0)
        desk.add(better)
        rescan(desk)

        second = await publish(desk, better, 1)
        moved = (await desk.server.outputs(alone[0])).outputs != alone[1].outputs
        first = await publish(desk, FILM[0], 0) if moved else alone

        # Before 12 the type of a video is a part of its id, and with the item the tiles of that id are gone.
        assert moved == (server == "jellyfin 10.11, apart")
        assert [await state_of(desk, *one) for one in (first, second)] == [ShowingState.SHOWN] * 2


async def test_plex_flags_each_part_and_gives_its_own_thumbnails(knowing, publish, bif, token):
    async with knowing("plex", *FILM) as desk:
        for mark, name in enumerate(FILM):
            _, located = await publish(desk, name, mark)

        media = (await asked(desk, token, f"/library/metadata/{located.item_id}"))["MediaContainer"]["Metadata"][0][
            "Media"
        ]
        parts = [one["Part"][0] for one in media]
        pictures = [
            (
                await desk.http.get(f"{desk.url}/library/parts/{part['id']}/indexes/sd", headers=keys(desk, token))
            ).content
            for part in parts
        ]

        assert [(part["file"], part["indexes"]) for part in parts] == [(f"/data/{name}", "sd") for name in FILM]
        assert pictures == [bif(4), bif(5)]


@pytest.mark.parametrize("server", [name for name in SERVERS if name.startswith("jellyfin")])
async def test_jellyfins_manifest_has_the_tiles_of_each_version_of_the_item(knowing, publish, token, server):
    async with knowing(server, *FILM) as desk:
        published = [await publish(desk, name, mark) for mark, name in enumerate(FILM)]

        query = "recursive=true&searchTerm=Pair&fields=MediaSources,Trickplay"
        (item,) = (await asked(desk, token, f"/Items?{query}"))["Items"]
        versions = [source["Id"] for source in item["MediaSources"]]
        sheets = [f"{desk.url}/Videos/{item['Id']}/Trickplay/320/0.jpg?mediaSourceId={version}" for version in versions]
        served = [(await desk.http.get(url, headers=keys(desk, token))).content for url in sheets]

        assert {version: list(rows) for version, rows in item["Trickplay"].items()} == {
            key: ["320"] for key in versions
        }
        assert served == [read(one) for one in published]


async def test_emby_has_a_thumbnail_set_for_each_version(knowing, publish, token):
    async with knowing("emby", *FILM) as desk:
        for mark, name in enumerate(FILM):
            await publish(desk, name, mark)

        (item,) = (await asked(desk, token, f"/Items?Path=/data/{FILM[1]}&Fields=MediaSources"))["Items"]
        sets = [
            await asked(desk, token, f"/Items/{source['ItemId']}/ThumbnailSet?Width=320")
            for source in item["MediaSources"]
        ]

        assert [len(one["Thumbnails"]) for one in sets] == [4, 5]


@pytest.mark.parametrize("server", ["plex", "emby", "jellyfin 10.11, beside", "jellyfin 12, beside"])
async def test_a_listing_has_every_version_and_a_session_names_the_one_that_plays(knowing, server):
    async with knowing(server, *FILM) as desk:
        desk.state.instruments.watch(Watched(f"/data/{FILM[1]}"))
        library = next(one for one in await desk.server.libraries() if one.name == "Films")

        page = await vendors.library_page(desk.configured(), desk.http, ListingWish(library))
        (playing,) = await vendors.sessions(desk.configured(), desk.http)

        assert {one.path for one in page.items} >= {f"/data/{name}" for name in FILM}
        assert playing.path == f"/data/{FILM[1]}"


@pytest.mark.parametrize("server", ["jellyfin 10.11, apart", "jellyfin 12, apart"])
async def test_the_id_of_a_further_version_leads_to_its_file(knowing, server):
    async with knowing(server, *FILM) as desk:
        located = await desk.server.outputs(desk.target(FILM[1]))

        found = await vendors.item_files(desk.configured(), desk.http, located.item_id)

        assert f"/data/{FILM[1]}" in found


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("Show S02E01 Twins - 1080p", ("Twins",)),
        ("Show - S02E01 - Twins WEBDL-1080p", ("Twins",)),
        ("Show.S02E01.Twins.2160p.WEB.h265", ("Twins",)),
        ("Show S02E01 Twins - Director's Cut", ("Twins - Director's Cut", "Twins")),
        ("Show S02E01 - 4K", ("4K",)),
    ],
)
def test_an_episode_is_searched_without_the_label_of_its_version(name, terms):
    assert search_terms(f"/data/tv/Show/Season 2/{name}.mkv") == terms


async def state_of(desk, target, located) -> ShowingState:
    """What the vendor's class says of the outputs, whatever their number of thumbnails."""
    written = [Written(10_000, 320, 4, int(one.kind is OutputKind.TRICKPLAY)) for one in located.outputs]
    return (await desk.server.showing(target, located, written)).state


def read(published) -> bytes:
    """The pictures as they lie on disk."""
    path = Path(published[1].outputs[0].path)
    return (path / "0.jpg" if path.is_dir() else path).read_bytes()


def rescan(desk) -> None:
    if desk.vendor == "plex":
        desk.state.scan("1", "")
    else:
        desk.state.catalogue.scan()
        desk.state.settle()


def keys(desk, token: str) -> dict[str, str]:
    forms = {"plex": {"X-Plex-Token": token}, "emby": {"X-Emby-Token": token}}
    return forms.get(desk.vendor) or {"Authorization": f'MediaBrowser Token="{token}"'}


async def asked(desk, token: str, path: str) -> dict:
    headers = {"Accept": "application/json", **keys(desk, token)}
    return (await desk.http.get(desk.url + path, headers=headers)).json()
