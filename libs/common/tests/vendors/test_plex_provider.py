"""Plex's protocol for metadata providers: its words, its numbers, its refusals."""

import json

import pytest

from framewright.domain.errors import Reject
from framewright.formats.nfo import Actor, Nfo, NfoKind, Rating
from framewright.vendors import (
    PlexItem,
    PlexItemKind,
    PlexPage,
    PlexPicture,
    PlexPictureKind,
    PlexProvider,
    plex_definition,
    plex_metadata,
    plex_metadata_container,
    plex_own_key,
    plex_page,
    plex_wish,
)

FILMS, SHOWS = PlexProvider


def film(**told: object) -> dict[str, object]:
    """A film of which this is told, as Plex gets it."""
    nfo = Nfo(kind=NfoKind.FILM, title="T", **told)  # type: ignore[arg-type]
    return plex_metadata(PlexItem(provider=FILMS, kind=PlexItemKind.FILM, key="k", title="T", nfo=nfo))


def test_the_root_document_is_as_the_documents_say():
    films = "tv.plex.agents.custom.framewright.movies"

    assert plex_definition(FILMS, "1.2.3") == {
        "MediaProvider": {
            "identifier": films,
            "title": "Framewright: NFO files of movies",
            "version": "1.2.3",
            "Types": [{"type": 1, "Scheme": [{"scheme": films}]}],
            "Feature": [
                {"type": "metadata", "key": "/library/metadata"},
                {"type": "match", "key": "/library/metadata/matches"},
            ],
        }
    }


def test_a_provider_of_shows_knows_all_three_levels_and_no_other():
    types = plex_definition(SHOWS, "1")["MediaProvider"]["Types"]

    assert [one["type"] for one in types] == [2, 3, 4]


def test_what_is_not_known_is_not_said_but_the_day_is():
    assert film() == {
        "ratingKey": "k",
        "key": "/library/metadata/k",
        "guid": "tv.plex.agents.custom.framewright.movies://movie/k",
        "type": "movie",
        "title": "T",
        "originallyAvailableAt": "",
    }


@pytest.mark.parametrize(
    ("told", "field", "value"),
    [
        ({"plot": "", "outline": "Short."}, "summary", "Short."),
        ({"original_title": "T"}, "originalTitle", None),
        ({"original_title": "Ö"}, "originalTitle", "Ö"),
        ({"mpaa": "Rated PG-13"}, "contentRating", "PG-13"),
        ({"mpaa": "US:R / US:Rated R"}, "contentRating", "R"),
        ({"mpaa": "DE: 12"}, "contentRating", "de/12"),
        ({"mpaa": "TV-MA"}, "contentRating", "TV-MA"),
        ({"runtime_min": 2}, "duration", 120_000),
        ({"studios": ("A", "B")}, "studio", "A"),
        ({"studios": ("A", "B")}, "Studio", [{"tag": "A"}, {"tag": "B"}]),
        ({"studios": ("A",)}, "Network", None),
        (
            {"ids": (("themoviedb", "5"), ("imdb", "tt1"), ("eidr", "9"))},
            "Guid",
            [{"id": "tmdb://5"}, {"id": "imdb://tt1"}],
        ),
        ({"ids": (("tmdb", "../5"),)}, "Guid", None),
        ({"writers": ("W",)}, "Writer", [{"tag": "W", "role": "Writer"}]),
    ],
)
def test_what_an_nfo_says_in_the_words_of_plex(told: dict[str, object], field: str, value: object):
    assert film(**told).get(field) == value


def test_only_ratings_with_a_badge_are_shown():
    ratings = (Rating("imdb", 8.1), Rating("tomatometerallcritics", 9.1), Rating("trakt", 7.0), Rating("", 5.0))

    shown = film(ratings=ratings)["Rating"]

    assert shown == [
        {"image": "imdb://image.rating", "type": "audience", "value": 8.1},
        {"image": "rottentomatoes://image.rating.ripe", "type": "critic", "value": 9.1},
    ]


def test_the_cast_stands_in_its_order():
    cast = (Actor("Last"), Actor("Second", order=7), Actor("First", "Lead", "https://i.example/1.jpg", 0))

    shown = film(actors=cast)["Role"]

    assert shown == [
        {"tag": "First", "role": "Lead", "thumb": "https://i.example/1.jpg", "order": 1},
        {"tag": "Second", "order": 2},
        {"tag": "Last", "order": 3},
    ]


def test_an_episode_names_both_levels_above_it():
    poster = PlexPicture(PlexPictureKind.POSTER, "http://x/p")
    still = PlexPicture(PlexPictureKind.STILL, "http://x/s")
    show = PlexItem(provider=SHOWS, kind=PlexItemKind.SHOW, key="s", title="Show", pictures=(poster,))
    season = PlexItem(provider=SHOWS, kind=PlexItemKind.SEASON, key="s0", title="Specials", index=0, parent=show)
    episode = PlexItem(
        provider=SHOWS, kind=PlexItemKind.EPISODE, key="e", title="E", index=0, pictures=(still,), parent=season
    )

    told = plex_metadata(episode)

    assert (told["index"], told["parentIndex"], told["thumb"]) == (0, 0, "http://x/s")
    assert (told["parentKey"], told["parentTitle"]) == ("/library/metadata/s0/children", "Specials")
    assert (told["grandparentGuid"], told["grandparentThumb"]) == (show.guid, "http://x/p")
    assert "parentThumb" not in told


def test_of_several_pictures_of_a_kind_the_first_is_shown():
    pictures = tuple(PlexPicture(PlexPictureKind.POSTER, f"http://x/{number}") for number in range(2))

    told = plex_metadata(PlexItem(provider=FILMS, kind=PlexItemKind.FILM, key="k", title="T", pictures=pictures))

    assert told["Image"] == [{"type": "coverPoster", "url": "http://x/0", "alt": "T"}]
    assert told["thumb"] == "http://x/0"


def test_a_wish_is_read_however_its_numbers_are_written():
    body = {"type": "4", "index": "3", "parentIndex": 0, "manual": "1", "includeChildren": True, "year": None, "x": 1}

    wish = plex_wish(SHOWS, json.dumps(body).encode())

    assert (wish.kind, wish.index, wish.parent_index, wish.year) == (PlexItemKind.EPISODE, 3, 0, None)
    assert (wish.manual, wish.include_children, wish.filename) == (True, True, "")


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{}", b'{"type": 1}', b'{"type": 2, "title": 7}', b"[" * 9999])
def test_a_wish_that_is_none_is_refused(body: bytes):
    with pytest.raises(Reject) as refused:
        plex_wish(SHOWS, body)

    assert refused.value.code == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    ("headers", "query", "page"),
    [
        ({}, {}, PlexPage(0, 20)),
        ({"x-plex-container-start": "40", "x-plex-container-size": "10"}, {}, PlexPage(40, 10)),
        ({}, {"X-Plex-Container-Start": "1", "X-Plex-Container-Size": "0"}, PlexPage(1, 0)),
    ],
)
def test_a_page_comes_in_headers_or_parameters(headers: dict[str, str], query: dict[str, str], page: PlexPage):
    assert plex_page(headers, query) == page


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "٣", "1" * 10])
def test_a_page_is_counted_in_plain_numbers(text: str):
    with pytest.raises(Reject, match="x-plex-container-start must be a number"):
        plex_page({"x-plex-container-start": text}, {})


def test_a_container_counts_what_is_in_it_and_what_there_is():
    container = plex_metadata_container(SHOWS, [{}, {}], offset=4, total=9)["MediaContainer"]

    assert (container["offset"], container["size"], container["totalSize"]) == (4, 2, 9)


@pytest.mark.parametrize(
    ("guid", "key"),
    [
        ("tv.plex.agents.custom.framewright.movies://movie/k", "k"),
        ("tv.plex.agents.custom.framewright.shows://show/k", ""),
        ("plex://movie/k", ""),
        ("", ""),
    ],
)
def test_a_guid_of_ours_is_told_from_others(guid: str, key: str):
    assert plex_own_key(FILMS, guid) == key
