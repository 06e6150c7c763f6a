"""Plex takes metadata from here: films, shows, seasons and episodes from real files, asked for as Plex asks."""

import asyncio

import pytest

from .conftest import FILM
from .plex_as_client import PlexClient

pytestmark = pytest.mark.integration


async def test_the_two_providers_say_what_they_can_describe(ui, plex):
    films, shows = plex

    shown = await ui.json("/api/plex/provider")

    assert [one["kind"] for one in shown["providers"]] == ["movies", "shows"]
    assert [one["identifier"] for one in shown["providers"]] == [films.root["identifier"], shows.root["identifier"]]
    assert [[one["type"] for one in part.root["Types"]] for part in plex] == [[1], [2, 3, 4]]
    assert {one["type"] for one in films.root["Feature"]} == {"match", "metadata"}
    assert "loopback" in shown["warning"]


@pytest.mark.parametrize(
    "spelled",
    [
        "/data/Movies/The Film (2024)/The Film (2024).mkv",
        "Movies/The Film (2024)/The Film (2024).mkv",
        "/Movies/The Film (2024)/The Film (2024).mkv",
        "The Film (2024)/The Film (2024).mkv",
    ],
)
async def test_a_film_is_found_by_its_file_however_plex_spells_it(plex, spelled):
    films, _ = plex

    (found,) = await films.match(1, spelled, year=2024)

    assert (found["title"], found["year"], found["originallyAvailableAt"]) == ("The Film", 2024, "2024-03-01")


async def test_everything_the_nfo_of_a_film_says_reaches_plex(plex):
    films, _ = plex
    (matched,) = await films.match(1, "/data/Movies/The Film (2024)/The Film (2024).mkv")

    film = await films.metadata(matched["ratingKey"])

    assert film == matched
    assert film["titleSort"] == "Film, The"
    assert (film["summary"], film["contentRating"], film["duration"]) == ("It happens.", "PG-13", 95 * 60_000)
    assert (film["Genre"], film["Guid"], film["Collection"]) == (
        [{"tag": "Drama"}],
        [{"id": "tmdb://42"}],
        [{"tag": "The Films"}],
    )
    assert film["Role"] == [{"tag": "A. Two", "role": "Herself", "order": 1}]
    assert [one["type"] for one in film["Image"]] == ["coverPoster", "background", "clearLogo"]
    assert "banner" not in str(film)


async def test_a_film_is_found_again_by_the_guid_that_plex_keeps(plex):
    films, shows = plex
    (matched,) = await films.match(1, "/data/Movies/The Film (2024)/The Film (2024).mkv")

    (again,) = await films.match(1, guid=matched["guid"], manual=1)

    assert again == matched
    assert await films.match(1, guid="tmdb://42") == []
    assert (await shows.get(matched["ratingKey"])).status_code == 404


async def test_versions_of_a_film_beside_one_nfo_are_one_film(plex, media):
    films, _ = plex
    for version in ("1080p", "4k"):
        media(f"films/Twice (2020)/Twice (2020) - {version}.mkv")
    media("films/Twice (2020)/movie.nfo", FILM.replace("The Film", "Twice"))

    found = [await films.match(1, f"Twice (2020)/Twice (2020) - {version}.mkv") for version in ("1080p", "4k")]

    assert found[0] == found[1]
    assert found[0][0]["title"] == "Twice"


async def test_a_show_is_found_by_its_first_file_with_its_seasons(plex):
    _, shows = plex

    (show,) = await shows.match(2, "/data/TV Shows/The Show/Season 1/The Show S01E01-E02.mkv", includeChildren=1)

    assert (show["title"], show["summary"], show["key"]) == (
        "The Show",
        "All of it.",
        f"/library/metadata/{show['ratingKey']}/children",
    )
    assert [(one["index"], one["title"]) for one in show["Children"]["Metadata"]] == [
        (1, "Season 1"),
        (2, "The Return"),
    ]
    assert show["Children"]["size"] == 2


async def test_seasons_have_their_own_words_pictures_and_days(plex):
    _, shows = plex
    (show,) = await shows.match(2, "TV Shows/The Show/Season 1/The Show S01E03.mkv")

    first, second = await shows.pages(show["ratingKey"], "children", 1)
    (matched,) = await shows.match(
        3, "The Show/Season 2/The Show S02E01.mkv", parentTitle="?", index=2, includeChildren=1
    )

    assert (first["originallyAvailableAt"], "summary" in first) == ("2021-01-01", False)
    assert [one["type"] for one in first["Image"]] == ["coverPoster"]
    assert second["summary"] == "They return."
    assert {**second, "Children": matched["Children"]} == matched
    assert (matched["parentGuid"], matched["Children"]["size"]) == (show["guid"], 1)


async def test_episodes_are_found_by_number_by_day_and_by_name(plex):
    _, shows = plex
    third = "The Show/Season 1/The Show S01E03.mkv"

    by_number = await shows.match(4, third, grandparentTitle="?", parentIndex=1, index=3)
    by_day = await shows.match(4, third, date="2021-01-03")
    by_name = await shows.match(4, third)
    (found,) = by_number

    assert by_number == by_day == by_name
    assert (found["title"], found["index"], found["parentIndex"]) == ("Part 3", 3, 1)
    assert (found["parentTitle"], found["grandparentTitle"]) == ("Season 1", "The Show")
    assert found["summary"] == "The third."
    assert [one["type"] for one in found["Image"]] == ["snapshot"]
    assert await shows.match(4, third, parentIndex=1, index=9) == []


async def test_every_episode_of_a_file_of_several_is_told_page_by_page(plex):
    _, shows = plex
    (show,) = await shows.match(2, "The Show/Season 1/The Show S01E01-E02.mkv")

    episodes = await shows.pages(show["ratingKey"], "grandchildren", 2)
    season = await shows.metadata(episodes[0]["parentRatingKey"], includeChildren=1)

    assert [(one["parentIndex"], one["index"], one["title"]) for one in episodes] == [
        (1, 1, "Part 1"),
        (1, 2, "Part 2"),
        (1, 3, "Part 3"),
        (2, 1, "Part 1"),
    ]
    assert season["Children"]["Metadata"] == episodes[:3]
    assert await shows.metadata(episodes[1]["ratingKey"]) == episodes[1]


async def test_a_file_without_an_nfo_matches_nothing(plex, media):
    films, shows = plex
    media("films/Bare (2020)/Bare (2020).mkv")
    media("shows/Bare/Season 1/Bare S01E01.mkv")

    found = [
        await films.match(1, "/data/Movies/Bare (2020)/Bare (2020).mkv"),
        await films.match(1, "/data/Movies/Not There (2020)/Not There (2020).mkv"),
        await films.match(1),
        await shows.match(2, "/data/TV Shows/Bare/Season 1/Bare S01E01.mkv"),
        await shows.match(3, "The Show/Season 1/The Show S01E03.mkv", index=7),
    ]

    assert found == [[], [], [], [], []]


async def test_a_broken_nfo_matches_nothing_and_is_told_of_once(plex, media, caplog, capsys):
    films, _ = plex
    media("films/Broken (2020)/Broken (2020).mkv")
    media("films/Broken (2020)/Broken (2020).nfo", "<movie><title>Broken")

    found = [await films.match(1, "Broken (2020)/Broken (2020).mkv") for _ in range(3)]

    told = caplog.text + capsys.readouterr().out
    assert found == [[], [], []]
    assert told.count("an NFO file is left alone") == 1
    assert "not well-formed" in told


async def test_a_thing_whose_nfo_is_gone_is_unknown(plex, tmp_path):
    films, _ = plex
    (film,) = await films.match(1, "The Film (2024)/The Film (2024).mkv")
    (tmp_path / "films/The Film (2024)/The Film (2024).nfo").unlink()

    answers = [await films.get(film["ratingKey"], below) for below in ("", "/images", "/children")]
    made_up = await films.get("bm90IGFuIGlkIG9mIG91cnM")

    assert {one.status_code for one in (*answers, made_up)} == {404}
    assert made_up.json()["code"] == "NOT_FOUND"
    assert made_up.json()["MediaContainer"]["size"] == 0


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"type": 2},
        {"type": 99},
        {"type": "film"},
        {"type": 1, "filename": ["x"]},
        {"type": 1, "index": {}},
        {"type": 1, "year": "last"},
    ],
)
async def test_a_match_that_is_no_match_is_refused(plex, body):
    films, _ = plex

    answer = await films.post(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_a_page_that_is_none_is_refused(plex):
    _, shows = plex
    (show,) = await shows.match(2, "The Show/Season 1/The Show S01E03.mkv")

    answers = [
        await shows.get(show["ratingKey"], "/children", **{"X-Plex-Container-Start": -1}),
        await shows.get(show["ratingKey"], "/children", **{"X-Plex-Container-Size": "many"}),
    ]

    assert [one.status_code for one in answers] == [400, 400]


async def test_there_is_no_library_of_extras(plex):
    films, _ = plex
    (film,) = await films.match(1, "The Film (2024)/The Film (2024).mkv")

    answer = await films.get(film["ratingKey"], "/extras")

    assert answer.json()["MediaContainer"]["Metadata"] == []


@pytest.mark.parametrize(
    "spelled",
    [
        "/data/Movies/../../etc/passwd",
        "../outside/Outside.mkv",
        "/data/Movies/linked/Outside.mkv",
        "/outside/Outside.mkv",
        "/data/Movies/The Film (2024)/\x00.mkv",
        "x" * 9000,
        "C:\\outside\\Outside.mkv",
    ],
)
async def test_nothing_outside_the_libraries_is_read(plex, media, tmp_path, spelled):
    films, _ = plex
    media("outside/Outside.mkv")
    media("outside/Outside.nfo", FILM)
    (tmp_path / "films/linked").symlink_to(tmp_path / "outside")

    found = await films.match(1, spelled)

    assert found == []


async def test_a_linked_nfo_is_not_followed_out_of_the_library(plex, media, tmp_path):
    films, _ = plex
    media("films/Linked (2020)/Linked (2020).mkv")
    media("outside/secret.nfo", FILM)
    (tmp_path / "films/Linked (2020)/Linked (2020).nfo").symlink_to(tmp_path / "outside/secret.nfo")

    found = await films.match(1, "Linked (2020)/Linked (2020).mkv")

    assert found == []


@pytest.mark.parametrize(
    "changes", [{"exclude_paths": [{"value": r"Film \(2024\)\.mkv$", "type": "regex"}]}, {"enabled": False}]
)
async def test_what_a_server_excludes_or_has_switched_off_is_not_described(ui, configured, stranger, changes):
    await configured(**changes)
    films = await PlexClient.added(stranger, (await ui.json("/api/plex/provider"))["providers"][0]["url"])

    found = await films.match(1, "The Film (2024)/The Film (2024).mkv")

    assert found == []


async def test_a_windows_server_is_understood(ui, configured, stranger, tmp_path):
    library = {"id": "1", "name": "Films", "kind": "movie", "remote_paths": ["D:\\Media\\Movies"]}
    mapping = {"remote_prefix": "D:\\Media\\Movies", "local_prefix": f"{tmp_path}/films"}
    await configured(libraries=[library], path_mappings=[mapping])
    films = await PlexClient.added(stranger, (await ui.json("/api/plex/provider"))["providers"][0]["url"])

    whole = await films.match(1, "d:\\media\\movies\\The Film (2024)\\The Film (2024).mkv")
    part = await films.match(1, "Movies\\The Film (2024)\\The Film (2024).mkv")

    assert [one["title"] for one in (*whole, *part)] == ["The Film", "The Film"]


async def test_many_questions_at_once_get_the_same_answers(plex):
    _, shows = plex

    found = await asyncio.gather(*(shows.match(2, "The Show/Season 1/The Show S01E03.mkv") for _ in range(20)))

    assert all(one == found[0] for one in found)
