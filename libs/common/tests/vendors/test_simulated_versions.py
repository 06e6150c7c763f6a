"""Which files the simulated servers take for versions of one item, and how they show them."""

import asyncio

import pytest
from plexapi.server import PlexServer

from framewright.vendors.mediabrowser.simulator.versions import EMBY, JELLYFIN_BEFORE_12, JELLYFIN_FROM_12, grouped
from framewright.vendors.simulation.disk import FoundFile, Shelf

RULES = {"emby": EMBY, "10": JELLYFIN_BEFORE_12, "12": JELLYFIN_FROM_12}
EVERY = frozenset(RULES)
FILM = [f"films/Pair (2020)/Pair (2020) - {label}.mkv" for label in ("1080p", "4K")]
EPISODE = [f"tv/Show/Season 2/Show S02E01 Twins - {label}.mkv" for label in ("1080p", "2160p")]


def items_of(kind: str, folder: str, names: list[str], rules: str) -> list[list[str]]:
    """The file names of each item, its first version first."""
    shelf = Shelf("A library", kind, "/data", "/srv")
    files = [FoundFile(shelf, f"/data/{folder}/{name}", f"/srv/{folder}/{name}", 1, 1) for name in names]
    return [[file.remote.rpartition("/")[2] for file in item] for item in grouped(files, RULES[rules])]


@pytest.mark.parametrize(
    ("folder", "names", "merged_by"),
    [
        ("Pair (2020)", ["Pair (2020) - 1080p.mkv", "Pair (2020) - 4K.mkv"], EVERY),
        ("Pair (2020)", ["Pair (2020).mkv", "pair (2020) [4K].mkv"], EVERY),
        ("Pair (2020)", ["Pair (2020).mkv", "Pair (2020) [4K] x.mkv"], {"10", "12"}),
        ("Pair (2020)", ["Pair (2020).mkv", "Pair (2020).4K.mkv"], {"12"}),
        ("Pair (2020)", ["Pair (2020).mkv", "Pair (2020)_4K.mkv"], {"12"}),
        ("Pair (2020)", ["Pair (2020).mkv", "Pair (2020) 4K.mkv"], frozenset()),
        ("Pair (2020)", ["Pair (2020) - a.mkv", "Pair (2020) - b.mkv", "Other.mkv"], frozenset()),
        ("Pair", ["Pair - (2020).mkv", "Pair - (2021).mkv"], EVERY),
        ("P", ["P - a.mkv", "P - b.mkv"], frozenset()),
        ("Pair", [f"Pair - {number}.mkv" for number in range(9)], {"10", "12"}),
    ],
)
@pytest.mark.parametrize("rules", RULES)
def test_films_of_a_folder_are_versions_when_each_adds_a_label_to_its_name(folder, names, merged_by, rules):
    items = items_of("movie", folder, names, rules)

    assert len(items) == (1 if rules in merged_by else len(names))


@pytest.mark.parametrize(
    ("rules", "first"),
    [("emby", "Pair - 1080p.mkv"), ("10", "Pair - 2160p.mkv"), ("12", "Pair - 2160p.mkv")],
)
def test_the_folders_own_name_stands_for_the_item_else_on_jellyfin_the_highest_resolution(rules, first):
    names = ["Pair - Cut.mkv", "Pair - 1080p.mkv", "Pair - 2160p.mkv", "Pair - 720p.mkv"]

    ((found, *_),) = items_of("movie", "Pair", names, rules)
    ((named, *_),) = items_of("movie", "Pair", [*names, "Pair.mkv"], rules)

    assert (found, named) == (first, "Pair.mkv")


@pytest.mark.parametrize(("rules", "count"), [("emby", 4), ("10", 4), ("12", 3)])
def test_episodes_of_one_number_in_one_folder_are_versions_from_12_on(rules, count):
    names = ["Show S01E01 - 1080p.mkv", "Show S01E01 - 2160p.mkv", "Show S01E02.mkv", "Extra.mkv"]

    assert len(items_of("show", "Show/Season 1", names, rules)) == count


@pytest.fixture
def twins(tmp_path):
    """Two versions of a film and of an episode, which the bench's servers know from the start."""
    for name in (*FILM, *EPISODE):
        path = tmp_path / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 50)


@pytest.mark.usefixtures("twins")
async def test_python_plexapi_sees_one_film_and_one_episode_with_two_files_each(bench, token):
    def read(url: str) -> list[tuple[str, list[str], int]]:
        server = PlexServer(url, token, timeout=5)
        try:
            found = [server.library.section("Films").get("Pair"), server.library.section("Series").get("Show")]
            items = [found[0], found[1].episode(season=2, episode=1)]
            return [(item.title, [media.parts[0].file for media in item.media], len(set(item.media))) for item in items]
        finally:
            server._session.close()

    async with bench("plex") as desk:
        film, episode = await asyncio.to_thread(read, desk.url)

    assert film == ("Pair", [f"/data/{name}" for name in FILM], 2)
    assert episode == ("Twins", [f"/data/{name}" for name in EPISODE], 2)


@pytest.mark.usefixtures("twins")
async def test_plex_gives_each_version_a_part_and_a_hash_of_its_own(bench):
    async with bench("plex") as desk:
        for name in (FILM[0], EPISODE[0]):
            item = next(one for one in desk.state.items() if one.file and one.file.remote == f"/data/{name}")
            parts = [desk.state.part(file) for file in item.files]

            assert len({part.id for part in parts}) == len({part.hash for part in parts}) == 2


@pytest.mark.usefixtures("twins")
async def test_a_film_of_which_plex_still_has_a_version_is_not_missing(bench):
    async with bench("plex") as desk:
        for name, missing in zip(FILM, ([], ["Pair"]), strict=True):
            (desk.media / name).unlink()
            desk.state.scan("1", "")

            assert [item.title for item in desk.state.missing("1")] == missing


@pytest.mark.parametrize(
    ("name", "title"), [("Pair (2020)/Pair (2020).mkv", "Pair"), ("Again/Pair (2020).avi", "Pair")]
)
@pytest.mark.usefixtures("twins")
async def test_plex_merges_films_of_one_title_and_year_wherever_they_lie(bench, name, title):
    async with bench("plex") as desk:
        desk.add(f"films/{name}")
        desk.state.scan("1", "")

        assert [len(item.files) for item in desk.state.items() if item.title == title] == [3]


@pytest.mark.parametrize(
    ("vendor", "version", "shown"),
    [
        ("emby", "4.8.11.0", [1, 1, 1, 1, 2]),
        ("jellyfin", "10.11.11", [1, 1, 1, 1, 2]),
        ("jellyfin", "12.0.0", [1, 1, 2, 2]),
    ],
)
@pytest.mark.usefixtures("twins")
async def test_emby_and_jellyfin_list_an_item_once_with_all_its_versions(bench, token, vendor, version, shown):
    async with bench(vendor, version=version) as desk:
        items = await listed(desk, token, "recursive=true&includeItemTypes=Movie,Episode")

        sources = [source for item in items for source in item["MediaSources"]]
        assert sorted(len(item["MediaSources"]) for item in items) == shown
        assert {source["Path"] for source in sources} >= {f"/data/{name}" for name in (*FILM, *EPISODE)}
        assert len({source["Id"] for source in sources}) == len(sources) == 6
        assert all(item["MediaSources"][0]["Path"] == item["Path"] for item in items)


@pytest.mark.parametrize(
    ("version", "asked", "paths"),
    [
        ("10.11.11", "", [f"/data/{FILM[1]}"]),
        ("12.0.0", "", []),
        ("12.0.0", "&videoTypes=VideoFile", [f"/data/{FILM[1]}", f"/data/{FILM[0]}"]),
    ],
)
@pytest.mark.usefixtures("twins")
async def test_from_12_jellyfin_hides_further_versions_even_from_those_who_name_them(
    bench, token, version, asked, paths
):
    async with bench("jellyfin", version=version) as desk:
        (item,) = await listed(desk, token, "recursive=true&searchTerm=Pair")

        found = await listed(desk, token, f"ids={item['MediaSources'][1]['Id']}{asked}")

        assert [source["Path"] for row in found for source in row["MediaSources"]] == paths


async def listed(desk, token: str, query: str) -> list[dict]:
    """The items of a query, with their files."""
    headers = {"X-Emby-Token": token} if desk.vendor == "emby" else {"Authorization": f'MediaBrowser Token="{token}"'}
    answer = await desk.http.get(f"{desk.url}/Items?{query}&fields=Path,MediaSources", headers=headers)
    return answer.json()["Items"]
