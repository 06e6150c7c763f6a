"""The simulated Jellyfin does what the server's source says, version by version."""

import pytest

from framewright.vendors.jellyfin.simulator import JellyfinState, LibrarySettings, TrickplaySettings
from framewright.vendors.simulation.disk import Shelf

DEFAULTS = LibrarySettings()
SCANNING = LibrarySettings(True, True, True)
SWITCHED_OFF = LibrarySettings(False, True, True)


@pytest.fixture
def film_state(tmp_path):
    """A server of this version with one film, and the film's trickplay folder."""

    def make(version: str, library: LibrarySettings, **options):
        folder = tmp_path / "media/Film"
        folder.mkdir(parents=True)
        (folder / "Film.mkv").write_bytes(b"film")
        shelf = Shelf("Films", "movie", "/data", str(tmp_path / "media"))
        state = JellyfinState([shelf], version=version, libraries={"Films": library}, **options)
        return state, state.catalogue.videos()[0], folder / "Film.trickplay"

    return make


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
def test_nothing_is_adopted_while_extraction_during_scans_is_off(film_state, sheet, version):
    state, video, tiles = film_state(version, DEFAULTS)
    sheet(tiles / "320 - 10x10/0.jpg")

    state.settle()
    state.refresh(video)

    assert state.rows.get(video.id, {}) == {}


def test_the_daily_task_adopts_where_scans_do_not(film_state, sheet):
    state, video, tiles = film_state("10.11.11", LibrarySettings(True, False, True))
    sheet(tiles / "320 - 10x10/0.jpg")

    state.refresh_all_trickplay()

    assert set(state.rows[video.id]) == {320}


def test_before_12_the_count_is_that_of_the_sheets(film_state, sheet):
    state, video, tiles = film_state("10.11.11", SCANNING, trickplay=TrickplaySettings(interval=500))
    sheet(tiles / "320 - 10x10/0.jpg", (320, 180))
    sheet(tiles / "320 - 10x10/1.jpg", (320, 240))

    state.settle()

    row = state.rows[video.id][320]
    assert (row.thumbnail_count, row.interval, row.height) == (2, 500, 24)


def test_from_12_the_count_is_inferred_from_runtime_and_sheets(film_state, sheet):
    state, video, tiles = film_state("12.0.0", SCANNING, trickplay=TrickplaySettings(interval=500))
    for number in range(2):
        sheet(tiles / f"320 - 10x10/{number}.jpg")

    state.settle()

    row = state.rows[video.id][320]
    assert (row.thumbnail_count, row.interval) == (120, 500)


def test_before_12_a_stray_file_makes_the_adoption_throw(film_state, sheet):
    state, video, tiles = film_state("10.10.7", SCANNING)
    sheet(tiles / "320 - 10x10/0.jpg")
    (tiles / "320 - 10x10/0.jpg.meta").write_text("{}")

    state.settle()

    assert state.rows[video.id] == {}
    assert "no picture" in state.failures[0]


def test_before_12_folders_without_a_row_are_deleted(film_state, sheet):
    state, _, tiles = film_state("10.11.11", SCANNING)
    for name in ("320 - 10x10", "640 - 10x10", ".staging"):
        sheet(tiles / name / "0.jpg")

    state.settle()

    assert [path.name for path in tiles.iterdir()] == ["320 - 10x10"]


def test_from_12_every_well_named_folder_is_adopted_and_kept(film_state, sheet):
    state, video, tiles = film_state("12.0.0", SCANNING)
    for name in ("320 - 10x10", "640 - 5x5", "staging"):
        sheet(tiles / name / "0.jpg")

    state.settle()

    assert {row.tile_width for row in state.rows[video.id].values()} == {10, 5}
    assert sorted(path.name for path in tiles.iterdir()) == ["320 - 10x10", "640 - 5x5"]


def test_with_extraction_off_older_servers_delete_and_newer_ones_catalogue(film_state, sheet, tmp_path):
    state, video, tiles = film_state("10.11.11", SWITCHED_OFF)
    sheet(tiles / "320 - 10x10/0.jpg")
    state.settle()
    assert not tiles.exists()

    newer = JellyfinState(state.shelves, version="12.0.0", libraries={"Films": SWITCHED_OFF})
    sheet(tiles / "320 - 10x10/0.jpg")
    newer.settle()

    assert set(newer.rows[video.id]) == {320}
    assert tiles.exists()


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
def test_where_no_tiles_lie_the_server_extracts_itself(film_state, version):
    state, video, _ = film_state(version, SCANNING)

    state.settle()

    assert state.extractions == [(video.id, 320)]


def test_a_row_that_exists_is_never_updated(film_state, sheet):
    state, video, tiles = film_state("10.11.11", SCANNING)
    sheet(tiles / "320 - 10x10/0.jpg")
    state.settle()
    state.trickplay.interval = 2000

    state.refresh(video)

    assert state.rows[video.id][320].interval == 10_000


def test_regenerating_deletes_what_was_there(film_state, sheet):
    state, video, tiles = film_state("10.11.11", SCANNING)
    sheet(tiles / "320 - 10x10/0.jpg")
    state.settle()

    state.refresh(video, regenerate=True)

    assert state.rows[video.id] == {}
    assert not tiles.exists()


@pytest.mark.parametrize(
    ("version", "form", "status"),
    [
        ("10.11.11", {"X-Emby-Token": "{}"}, 200),
        ("12.0.0", {"X-Emby-Token": "{}"}, 401),
        ("12.0.0", {"X-Emby-Authorization": 'MediaBrowser Token="{}"'}, 401),
        ("12.0.0", {"Authorization": 'Emby Token="{}"'}, 401),
        ("12.0.0", {"Authorization": 'MediaBrowser Client="a", Token="{}"'}, 200),
        ("10.11.11", {}, 401),
    ],
)
async def test_from_12_the_older_forms_of_authorization_are_refused(bench, token, version, form, status):
    async with bench("jellyfin", version=version) as desk:
        headers = {name: value.format(token) for name, value in form.items()}

        response = await desk.http.get(f"{desk.url}/System/Info", headers=headers)

        assert response.status_code == status


async def test_a_login_gives_a_token_that_works(bench):
    async with bench("jellyfin") as desk:
        login = {"Username": "admin", "Pw": "admin"}
        answer = (await desk.http.post(f"{desk.url}/Users/AuthenticateByName", json=login)).json()
        wrong = await desk.http.post(f"{desk.url}/Users/AuthenticateByName", json={**login, "Pw": "x"})

        headers = {"Authorization": f'MediaBrowser Token="{answer["AccessToken"]}"'}
        assert (await desk.http.get(f"{desk.url}/System/Info", headers=headers)).status_code == 200
        assert wrong.status_code == 401
        assert 'admin"' not in desk.asked("POST", "/Users/*")[0].body.split("Pw")[1]


async def test_adopted_tiles_are_shown_in_manifest_playlist_and_sheets(bench, film, sheet, token):
    async with bench("jellyfin", libraries={"Films": SCANNING}) as desk:
        tiles = (desk.media / film).parent / "Film (2001).trickplay/320 - 10x10"
        sheet(tiles / "0.jpg")
        headers = {"Authorization": f'MediaBrowser Token="{token}"'}
        query = "recursive=true&fields=Trickplay&includeItemTypes=Movie"
        (item,) = (await desk.http.get(f"{desk.url}/Items?{query}", headers=headers)).json()["Items"]
        videos = f"{desk.url}/Videos/{item['Id']}/Trickplay/320"

        playlist = await desk.http.get(f"{videos}/tiles.m3u8", headers=headers)
        picture = await desk.http.get(f"{videos}/0.jpg", headers=headers)

        assert item["Trickplay"][item["Id"]]["320"]["Interval"] == 10_000
        assert "LAYOUT=10x10" in playlist.text
        assert picture.content == (tiles / "0.jpg").read_bytes()
