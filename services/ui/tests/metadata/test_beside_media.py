"""Names beside media: which file is meant, which NFO describes it, which pictures are its."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.contracts.server import Server
from framewright.domain.ownership import Library, PathMapping
from framewright.formats.nfo import Nfo, NfoKind
from framewright.ui.domain.episode_names import episodes_named
from framewright.ui.domain.sidecars import episode_art, film_art, film_nfo, season_art, show_art
from framewright.ui.domain.surveys import Part, noted, survey_of
from framewright.ui.domain.whereabouts import MOST_CANDIDATES, candidates, roots_above

DEN = Server(
    id="den",
    type="plex",
    libraries=(Library("1", "Films", remote_paths=("/data/Movies",)), Library("2", remote_paths=("/data/TV",))),
    path_mappings=(PathMapping("/data", "/media"),),
)
ATTIC = Server(
    id="attic",
    type="plex",
    libraries=(Library("1", remote_paths=("D:\\Movies",)),),
    path_mappings=(PathMapping("D:\\Movies", "/attic"),),
)
JELLYFIN = Server(id="jf", type="jellyfin", libraries=(Library("1", remote_paths=("/other",)),))


def episode(season: int | None = None, number: int | None = None, day: str = "") -> Nfo:
    return Nfo(kind=NfoKind.EPISODE, title="E", season=season, episode=number, premiered=day)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("The Show - S01E02 - Title", [(1, 2)]),
        ("the.show.s1e2.1080p", [(1, 2)]),
        ("The Show S2024E15", [(2024, 15)]),
        ("S01E01E02E03", [(1, 1), (1, 2), (1, 3)]),
        ("S01E01-E03", [(1, 1), (1, 2), (1, 3)]),
        ("S01E01-03", [(1, 1), (1, 2), (1, 3)]),
        ("S01E01-2024", [(1, 1)]),
        ("S01E01-720p", [(1, 1)]),
        ("S01E03-E01", [(1, 3)]),
        ("S00E05 Special", [(0, 5)]),
        ("The Show 1x02", [(1, 2)]),
        ("The Show 1920x1080", []),
        ("The Show 2024-05-01", []),
        ("Births01E02", []),
        ("", []),
    ],
)
def test_a_name_tells_of_its_episodes(name: str, found: list[tuple[int, int]]):
    assert episodes_named(name) == found


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("/data/Movies/F (1)/F.mkv", "/media/Movies/F (1)/F.mkv"),
        ("Movies/F (1)/F.mkv", "/media/Movies/F (1)/F.mkv"),
        ("/Movies/F (1)/F.mkv", "/media/Movies/F (1)/F.mkv"),
        ("F (1)/F.mkv", "/media/Movies/F (1)/F.mkv"),
        ("F.mkv", "/media/TV/F.mkv"),
        ("d:/movies/F\\F.mkv", "/attic/F/F.mkv"),
        ("movies\\F\\F.mkv", "/attic/F/F.mkv"),
        ("F\\F.mkv", "/attic/F/F.mkv"),
        ("Cafe\u0301.mkv", "/media/Movies/Caf\u00e9.mkv"),
    ],
)
def test_a_name_may_be_a_whole_path_or_a_part_of_one(name: str, local: str):
    assert local in candidates([DEN, ATTIC], name)


def test_what_a_name_repeats_of_the_library_is_not_said_twice():
    found = candidates([DEN, JELLYFIN], "data/TV/Show/S01/a.mkv")

    assert found == [
        "/media/Movies/data/TV/Show/S01/a.mkv",
        "/media/TV/data/TV/Show/S01/a.mkv",
        "/media/TV/Show/S01/a.mkv",
    ]


@given(st.text(max_size=60), st.sampled_from(["", "/data/Movies/", "../", "Movies/", "C:\\"]))
def test_no_name_leads_above_a_root(text: str, head: str):
    found = candidates([DEN, ATTIC], head + text)

    assert len(found) <= MOST_CANDIDATES
    assert all(local.startswith("/") and ".." not in local.split("/") for local in found)


@pytest.mark.parametrize(
    ("path", "roots"),
    [
        ("/media/Movies/F/F.nfo", ("/media/Movies",)),
        ("/media/Movies", ("/media/Movies",)),
        ("/media", ()),
        ("/media/Other/x", ()),
        ("/media/Movies/../Other/x", ()),
        ("/other/x", ()),
        ("relative", ()),
        ("", ()),
    ],
)
def test_only_libraries_of_plex_servers_may_be_looked_at(path: str, roots: tuple[str, ...]):
    assert roots_above([DEN, JELLYFIN], path) == roots


@pytest.mark.parametrize(
    ("names", "alone", "found"),
    [
        (["F.mkv", "F.nfo", "movie.nfo"], True, "F.nfo"),
        (["F.mkv", "MOVIE.NFO"], True, "MOVIE.NFO"),
        (["F.mkv", "movie.nfo"], False, ""),
        (["F.mkv", "f.NFO"], False, "f.NFO"),
        (["F.mkv"], True, ""),
    ],
)
def test_the_nfo_with_the_name_of_the_film_comes_first(names: list[str], alone: bool, found: str):
    assert film_nfo(names, "F.mkv", alone=alone) == found


def test_pictures_go_to_the_place_that_plex_has_for_them():
    names = ["poster.jpg", "Folder.JPG", "F-fanart.png", "clearlogo.png", "banner.jpg", "landscape.jpg", "poster.txt"]

    found = film_art([*names, "F.mkv"], "F.nfo", alone=True)

    assert [(kind.value, name) for kind, name in found] == [
        ("background", "F-fanart.png"),
        ("coverPoster", "poster.jpg"),
        ("coverPoster", "Folder.JPG"),
        ("clearLogo", "clearlogo.png"),
    ]
    assert film_art(["F.mkv", "F-poster.jpg"], "movie.nfo", alone=True)[0][1] == "F-poster.jpg"


def test_seasons_have_pictures_by_their_number_in_the_folder_of_the_show():
    names = ["poster.jpg", "season01-poster.jpg", "season02.jpg", "season-specials-poster.png", "season01-fanart.jpg"]

    found = {number: [name for _, name in season_art(names, number, own=False)] for number in range(4)}

    assert found == {
        0: ["season-specials-poster.png"],
        1: ["season01-poster.jpg", "season01-fanart.jpg"],
        2: ["season02.jpg"],
        3: [],
    }
    assert [name for _, name in season_art(["folder.jpg"], 3, own=True)] == ["folder.jpg"]
    assert [name for _, name in show_art(names)] == ["poster.jpg"]


def test_an_episode_has_a_still_of_its_name():
    found = episode_art(["S01E01-thumb.jpg", "S01E01.png", "S01E02-thumb.jpg"], "S01E01.nfo")

    assert [(kind.value, name) for kind, name in found] == [
        ("snapshot", "S01E01-thumb.jpg"),
        ("snapshot", "S01E01.png"),
    ]


@pytest.mark.parametrize(
    ("name", "things", "found"),
    [
        ("S01E05.nfo", [episode(9, 9)], [(1, 5)]),
        ("2024-05-01.nfo", [episode(2024, 12)], [(2024, 12)]),
        ("2024-05-01.nfo", [episode()], []),
        ("S01E01-E02.nfo", [episode(1, 2), episode(1, 1)], [(1, 1), (1, 2)]),
        ("S01E01-E02.nfo", [episode(), episode()], [(1, 1), (1, 2)]),
    ],
)
def test_the_name_numbers_one_episode_and_several_carry_their_numbers(
    name: str, things: list[Nfo], found: list[tuple[int, int]]
):
    survey = survey_of("/tv/Show", [noted(f"/tv/Show/{name}", things)])

    assert sorted(survey.episodes) == found


def test_a_survey_knows_seasons_by_folder_day_and_order():
    season = Nfo(kind=NfoKind.SEASON, title="", premiered="2019-12-24")
    files = [
        noted("/tv/Show/Season 2/season.nfo", [season]),
        noted("/tv/Show/Season 2/S02E01.nfo", [episode(day="2021-02-01")]),
        noted("/tv/Show/S01E02.nfo", [episode(day="2020-01-08")]),
        noted("/tv/Show/S01E01.nfo", [episode(day="2020-01-01")]),
        noted("/tv/Show/b/S01E01 (copy).nfo", [episode(day="1999-01-01")]),
    ]

    survey = survey_of("/tv/Show", files)

    assert (survey.numbers, survey.of_season(1)) == ([1, 2], [(1, 1), (1, 2)])
    assert survey.seasons == {2: Part("/tv/Show/Season 2/season.nfo", 0, "2019-12-24")}
    assert survey.episodes[1, 1].path == "/tv/Show/S01E01.nfo"
    assert (survey.begin(), survey.begin(2), survey.begin(7)) == ("2020-01-01", "2021-02-01", "")
    assert (survey.on("2020-01-08"), survey.on("")) == ((1, 2), None)
