"""NFO files as Kodi, Metarr and their like write them, and as nobody should."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.domain.errors import Reject
from framewright.formats.nfo import MOST_BYTES, Actor, FilmSet, Nfo, NfoKind, Rating, parse_nfo
from framewright.formats.stacked_xml import DEEPEST, MOST_ELEMENTS

FILM = """<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<!-- made by a program -->
<movie>
  <title>Kung Fury</title><originaltitle>Kung Fury!</originaltitle><sorttitle>Kung Fury 1</sorttitle>
  <ratings>
    <rating name="imdb" max="10" default="true"><value>8.0</value><votes>35</votes></rating>
    <rating name="tomatometerallcritics" max="100"><value>91</value></rating>
  </ratings>
  <plot>During an unfortunate series of events…</plot><outline>A cop.</outline><tagline>It takes a cop</tagline>
  <runtime>31</runtime><mpaa>US:NR</mpaa><premiered>2015-05-28</premiered>
  <uniqueid type="imdb" default="true">tt3472226</uniqueid><uniqueid type="tmdb">251516</uniqueid>
  <genre>Action</genre><genre>Comedy</genre><country>Sweden / Finland</country><studio>Laser Unicorns</studio>
  <director>David Sandberg</director><credits>David Sandberg</credits><credits>Somebody Else</credits>
  <set><name>Fury Collection</name><overview>All of them.</overview></set>
  <actor><name>David Sandberg</name><role>Kung Fury</role><order>0</order><thumb>https://i.example/d.jpg</thumb></actor>
  <actor><name>Jorma Taccone</name><role>Adolf</role><thumb>/home/me/jorma.jpg</thumb></actor>
</movie>
"""

TOLD = Nfo(
    kind=NfoKind.FILM,
    title="Kung Fury",
    original_title="Kung Fury!",
    sort_title="Kung Fury 1",
    year=2015,
    premiered="2015-05-28",
    plot="During an unfortunate series of events…",
    outline="A cop.",
    tagline="It takes a cop",
    runtime_min=31,
    mpaa="US:NR",
    genres=("Action", "Comedy"),
    studios=("Laser Unicorns",),
    countries=("Sweden", "Finland"),
    directors=("David Sandberg",),
    writers=("David Sandberg", "Somebody Else"),
    actors=(
        Actor("David Sandberg", "Kung Fury", "https://i.example/d.jpg", 0),
        Actor("Jorma Taccone", "Adolf"),
    ),
    ratings=(Rating("imdb", 8.0), Rating("tomatometerallcritics", 9.1)),
    ids=(("imdb", "tt3472226"), ("tmdb", "251516")),
    film_set=FilmSet("Fury Collection", "All of them."),
)

EPISODES = """<?xml version="1.0" encoding="ISO-8859-1"?>
<episodedetails><title>Caf\xe9</title><season>1</season><episode>1</episode><aired>2020-01-05</aired></episodedetails>
<episodedetails><title>\xc9t\xe9</title><season>1</season><episode>2</episode></episodedetails>
"""


def nfo(inner: str, root: str = "movie") -> Nfo:
    (found,) = parse_nfo(f"<{root}><title>T</title>{inner}</{root}>".encode())
    return found


def test_a_film_says_all_there_is_to_say():
    (film,) = parse_nfo(FILM.encode())

    assert film == TOLD


def test_several_episodes_stand_in_one_file_in_its_one_encoding():
    found = parse_nfo(EPISODES.encode("latin-1"))

    assert [(one.title, one.season, one.episode, one.premiered) for one in found] == [
        ("Café", 1, 1, "2020-01-05"),
        ("Été", 1, 2, ""),
    ]


def test_a_show_names_its_seasons_and_a_season_needs_no_title():
    show = nfo('<namedseason number="1">Dawn</namedseason><namedseason number="x">?</namedseason>', "tvshow")
    (season,) = parse_nfo(b"<season><seasonnumber>2</seasonnumber><plot>Dusk falls.</plot></season>")

    assert (show.kind, show.season_names) == (NfoKind.SHOW, ((1, "Dawn"),))
    assert (season.kind, season.title, season.season, season.plot) == (NfoKind.SEASON, "", 2, "Dusk falls.")


@pytest.mark.parametrize(
    "data",
    [
        FILM.encode("utf-8-sig"),
        b"\r\n  " + FILM.encode(),
        FILM.replace("UTF-8", "UTF-16").encode("utf-16"),
        FILM.encode() + b"https://www.imdb.com/title/tt3472226/?a=1&b=2",
        FILM.encode() + b"\n<!-- written by hand -->\n",
        FILM.encode() + b"\x00\x00 and then <noise",
    ],
    ids=["byte order mark", "blanks before", "UTF-16", "address behind", "comment behind", "noise behind"],
)
def test_what_stands_around_the_one_root_changes_nothing(data: bytes):
    assert parse_nfo(data) == parse_nfo(FILM.encode())


@pytest.mark.parametrize(
    ("inner", "field", "value"),
    [
        ("<id>tt0000001</id>", "ids", (("imdb", "tt0000001"),)),
        ("<id>17</id><tmdbid>5</tmdbid>", "ids", (("tmdb", "5"),)),
        ('<tmdbid>5</tmdbid><uniqueid type="TMDB">6</uniqueid>', "ids", (("tmdb", "6"),)),
        ("<rating>7,5</rating>", "ratings", (Rating("", 7.5),)),
        ("<rating>75</rating>", "ratings", ()),
        ('<ratings><rating name="x" max="0"><value>1</value></rating></ratings>', "ratings", ()),
        ("<ratings><rating><value>nan</value></rating></ratings>", "ratings", ()),
        ("<set>Trilogy</set>", "film_set", FilmSet("Trilogy")),
        ("<set><overview>no name</overview></set>", "film_set", None),
        ("<runtime>95 min</runtime>", "runtime_min", 95),
        ("<runtime>0</runtime>", "runtime_min", None),
        ("<premiered>2015-13-01</premiered>", "premiered", ""),
        ("<premiered>2015-05-28 20:15:00</premiered>", "premiered", "2015-05-28"),
        ("<year>1998</year><premiered>1999-01-01</premiered>", "year", 1998),
        ("<year>17</year>", "year", None),
        ("<actor><role>nobody</role></actor>", "actors", ()),
        ("<plot>a &amp; b</plot>", "plot", "a & b"),
        ("<plot><![CDATA[a < b]]></plot>", "plot", "a < b"),
    ],
)
def test_older_spellings_are_read_and_nonsense_counts_as_not_said(inner: str, field: str, value: object):
    assert getattr(nfo(inner), field) == value


BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{}]><movie><title>&z;</title></movie>""".format(
    "".join(f'<!ENTITY {chr(98 + n)} "{10 * f"&{chr(97 + n)};"}">' for n in range(25))
)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not well-formed"),
        (b"https://www.themoviedb.org/movie/251516", "not well-formed"),
        (b"<movie><title>T</title>", "not well-formed"),
        (b"<movie><title>T</movie>", "not well-formed"),
        (b"<movie><title>T &nbsp; T</title></movie>", "not well-formed"),
        (b"<movie><title>\xff</title></movie>", "not well-formed"),
        (b"<episodedetails><title>T</title></episodedetails><episodedetails><title>", "not well-formed"),
        (b"<movie><plot>no title</plot></movie>", "a movie has no title"),
        (b"<artist><title>T</title></artist>", "describes nothing"),
        (b"<html></html>", "describes nothing"),
        (BOMB.encode(), "declares entities"),
        (b'<!DOCTYPE movie [<!ENTITY x SYSTEM "file:///etc/passwd">]><movie><title>&x;</title></movie>', "entities"),
        (b"<movie>" + b"<a>" * DEEPEST, "too deeply"),
        (b"<movie>" + b"<a/>" * MOST_ELEMENTS + b"</movie>", "too many"),
        (b"<a/>" * (MOST_BYTES // 4), "roots"),
        (b"<movie><title>" + b"x" * MOST_BYTES, "larger than"),
        (b"\xff\xfe\x00", "no UTF-16"),
    ],
)
def test_what_is_no_good_file_is_refused_with_its_reason(data: bytes, why: str):
    with pytest.raises(Reject, match=why) as refused:
        parse_nfo(data)

    assert refused.value.code == "BAD_NFO"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes):
    for wrapped in (data, b"<movie><title>T</title>" + data + b"</movie>" + data):
        with suppress(Reject):
            assert parse_nfo(wrapped)
