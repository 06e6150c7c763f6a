"""Kodi's NFO files: what a person, or a program like Metarr, wrote down about a film, a show, a season or an episode.

XML whose root is `movie`, `tvshow`, `season` or `episodedetails`. A file of several episodes holds several roots one after
another, and a web address may stand behind the last one. Older spellings that other programs still write are read as
well: `<id>tt…</id>`, `<imdbid>`, `<rating>`, `<set>` with plain text, several values in one element with ` / ` between.
Source: Kodi wiki, "NFO files" (Movies, TV shows, Episodes; versions 19 to 21).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from framewright.domain.errors import Reject
from framewright.formats.stacked_xml import Element, read_roots

MOST_BYTES = 4 * 2**20
"""A file with every actor and stream of a long film takes about 100 KB."""

_NUMBER = re.compile(r"\d{1,9}")
_FIRST_YEAR, _LAST_YEAR = 1800, 2999
_OLDER_IDS = {"imdbid": "imdb", "imdb_id": "imdb", "tmdbid": "tmdb", "tvdbid": "tvdb"}


class NfoKind(StrEnum):
    """What a file tells of, by the name of its root."""

    FILM = "movie"
    SHOW = "tvshow"
    SEASON = "season"
    EPISODE = "episodedetails"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who plays; `thumb` is a web address or empty, `order` the place in the cast."""

    name: str
    role: str = ""
    thumb: str = ""
    order: int | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """Somebody's verdict from 0 to 10; `source` is Kodi's name for who gave it (`imdb`, `themoviedb`, …)."""

    source: str
    value: float


@dataclass(frozen=True, slots=True)
class FilmSet:
    """The series of films that one belongs to."""

    name: str
    overview: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nfo:
    """One thing as its file describes it; what is not said is empty or None.

    `premiered` is YYYY-MM-DD (the day of first broadcast for an episode), `runtime_min` in minutes, `ids` pairs of a
    catalogue's name and its id, `season_names` the names of a show's seasons by number.
    """

    kind: NfoKind
    title: str
    original_title: str = ""
    sort_title: str = ""
    year: int | None = None
    premiered: str = ""
    plot: str = ""
    outline: str = ""
    tagline: str = ""
    runtime_min: int | None = None
    mpaa: str = ""
    genres: tuple[str, ...] = ()
    studios: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    actors: tuple[Actor, ...] = ()
    ratings: tuple[Rating, ...] = ()
    ids: tuple[tuple[str, str], ...] = ()
    film_set: FilmSet | None = None
    season: int | None = None
    episode: int | None = None
    season_names: tuple[tuple[int, str], ...] = ()


def parse_nfo(data: bytes) -> tuple[Nfo, ...]:
    """Everything that the file describes, in its order; more than one only in a file of several episodes.

    Raises:
        Reject: code BAD_NFO: too large, no XML, entities declared, another root, or a thing without a title.
    """
    if len(data) > MOST_BYTES:
        raise _bad(f"it is larger than {MOST_BYTES} bytes")
    kinds = {kind.value: kind for kind in NfoKind}
    try:
        roots = list(read_roots(data))
    except Reject as error:
        raise _bad(error.reason) from error
    found = tuple(_described(kinds[root.tag], root) for root in roots if root.tag in kinds)
    if not found:
        raise _bad(f"it describes nothing: there is no {' and no '.join(kinds)} in it")
    return found


def _described(kind: NfoKind, root: Element) -> Nfo:
    title = root.text("title")
    if not title and kind is not NfoKind.SEASON:
        raise _bad(f"a {kind} has no title")
    premiered = _day(root.text("aired", "premiered") if kind is NfoKind.EPISODE else root.text("premiered", "aired"))
    return Nfo(
        kind=kind,
        title=title,
        original_title=root.text("originaltitle"),
        sort_title=root.text("sorttitle"),
        year=_year(root.text("year") or premiered),
        premiered=premiered,
        plot=root.text("plot"),
        outline=root.text("outline"),
        tagline=root.text("tagline"),
        runtime_min=_number(root, "runtime") or None,
        mpaa=root.text("mpaa"),
        genres=_values(root, "genre"),
        studios=_values(root, "studio"),
        countries=_values(root, "country"),
        directors=_values(root, "director"),
        writers=_values(root, "credits", "writer"),
        actors=tuple(_actors(root)),
        ratings=tuple(_ratings(root)),
        ids=tuple(dict(_ids(root)).items()),
        film_set=_film_set(root),
        season=_number(root, "seasonnumber") if kind is NfoKind.SEASON else _number(root, "season"),
        episode=_number(root, "episode"),
        season_names=tuple(_season_names(root)),
    )


def _actors(root: Element) -> Iterator[Actor]:
    for actor in root.all("actor"):
        if name := actor.text("name"):
            thumb = actor.text("thumb")
            shown = thumb if thumb.startswith(("http://", "https://")) else ""
            yield Actor(name, actor.text("role"), shown, _number(actor, "order"))


def _ratings(root: Element) -> Iterator[Rating]:
    for rating in (one for group in root.all("ratings") for one in group.all("rating")):
        value, most = _decimal(rating.text("value")), _decimal(rating.attributes.get("max", "10"))
        if value is not None and most and 0 <= value <= most:
            yield Rating(rating.attributes.get("name", "").lower(), round(10 * value / most, 2))
    plain = _decimal(root.text("rating"))
    if plain is not None and 0 <= plain <= 10:  # noqa: PLR2004 - the end of the scale
        yield Rating("", plain)


def _ids(root: Element) -> Iterator[tuple[str, str]]:
    """Every id, the least trustworthy first: what comes later counts."""
    plain = root.text("id")
    if plain.startswith("tt"):
        yield "imdb", plain
    yield from ((name, root.text(tag)) for tag, name in _OLDER_IDS.items() if root.text(tag))
    for given in root.all("uniqueid"):
        if given.plain and given.attributes.get("type"):
            yield given.attributes["type"].lower(), given.plain


def _film_set(root: Element) -> FilmSet | None:
    given = next(iter(root.all("set")), None)
    name = (given.text("name") or given.plain) if given else ""
    return FilmSet(name, given.text("overview")) if given and name else None


def _season_names(root: Element) -> Iterator[tuple[int, str]]:
    for named in root.all("namedseason"):
        number = named.attributes.get("number", "")
        if _NUMBER.fullmatch(number) and named.plain:
            yield int(number), named.plain


def _values(root: Element, *tags: str) -> tuple[str, ...]:
    """Every value of these children, those in one element apart, each once."""
    values = (value.strip() for child in root.all(*tags) for value in child.plain.split(" / "))
    return tuple(dict.fromkeys(filter(None, values)))


def _number(element: Element, tag: str) -> int | None:
    """The number with which the text begins."""
    found = _NUMBER.match(element.text(tag))
    return int(found[0]) if found else None


def _day(text: str) -> str:
    """The day, without the time that some programs write behind it; empty when it is none."""
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return ""


def _year(text: str) -> int | None:
    found = _NUMBER.match(text)
    year = int(found[0]) if found else 0
    return year if _FIRST_YEAR <= year <= _LAST_YEAR else None


def _decimal(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _bad(reason: str) -> Reject:
    return Reject(f"not a good NFO file: {reason}", code="BAD_NFO")
