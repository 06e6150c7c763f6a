"""An item in the words of the protocol: the attributes of a Metadata object and its arrays."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from framewright.formats.nfo import Actor, Nfo
from framewright.vendors.plex.provider.item import Item, PictureKind
from framewright.vendors.plex.provider.words import METADATA_KEY, ItemKind

_PAGES = {"imdb": "imdb", "tmdb": "tmdb", "themoviedb": "tmdb", "tvdb": "tvdb", "thetvdb": "tvdb"}
"""The catalogues whose ids Plex understands, by the names that NFO files give them."""

_BADGES = {
    "imdb": ("imdb://image.rating", "audience"),
    "themoviedb": ("themoviedb://image.rating", "audience"),
    "tmdb": ("themoviedb://image.rating", "audience"),
    "tomatometerallcritics": ("rottentomatoes://image.rating.ripe", "critic"),
    "tomatometerallaudience": ("rottentomatoes://image.rating.upright", "audience"),
}
"""Ratings are shown with one of these badges or not at all: the list is closed."""

_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_COUNTRY = re.compile(r"([A-Za-z]{2}):\s*(\S.*)")
_MINUTE_MS = 60_000


def metadata(item: Item, children: Sequence[Item] | None = None) -> dict[str, Any]:
    """The Metadata object; with its children where they were asked for."""
    described = {**_required(item), **_parents(item), **_shown(item), **(_told(item, item.nfo) if item.nfo else {})}
    if children is not None:
        described["Children"] = {"size": len(children), "Metadata": [metadata(child) for child in children]}
    # The day is required, so it stands there even when it is empty, as in Plex's own example.
    return {**_without_blanks(described), "originallyAvailableAt": item.premiered}


def _without_blanks(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def _required(item: Item) -> dict[str, Any]:
    return {
        "ratingKey": item.key,
        "key": _address(item),
        "guid": item.guid,
        "type": item.kind.value,
        "title": item.title,
        "index": item.index,
    }


def _address(item: Item) -> str:
    below = "/children" if item.kind.has_children else ""
    return f"{METADATA_KEY}/{item.key}{below}"


def _parents(item: Item) -> dict[str, Any]:
    """The levels above: of an episode its season as parent and its show as grandparent."""
    season_or_show = item.parent
    if season_or_show is None:
        return {}
    told = _above("parent", season_or_show)
    if item.kind is ItemKind.EPISODE:
        told["parentIndex"] = season_or_show.index
    return {**told, **(_above("grandparent", season_or_show.parent) if season_or_show.parent else {})}


def _above(level: str, item: Item) -> dict[str, Any]:
    return {
        f"{level}RatingKey": item.key,
        f"{level}Key": _address(item),
        f"{level}Guid": item.guid,
        f"{level}Type": item.kind.value,
        f"{level}Title": item.title,
        f"{level}Thumb": item.picture(PictureKind.POSTER),
        f"{level}Art": item.picture(PictureKind.BACKGROUND),
    }


def _shown(item: Item) -> dict[str, Any]:
    first = {picture.kind: picture for picture in reversed(item.pictures)}
    return {
        "thumb": item.picture(PictureKind.POSTER, PictureKind.STILL),
        "art": item.picture(PictureKind.BACKGROUND),
        "Image": [images(one.kind, one.url, item.title) for one in item.pictures if first[one.kind] is one],
    }


def images(kind: PictureKind, url: str, title: str) -> dict[str, str]:
    """One Image object."""
    return {"type": kind.value, "url": url, "alt": title}


def _told(item: Item, nfo: Nfo) -> dict[str, Any]:
    told = {
        "originalTitle": nfo.original_title if nfo.original_title != item.title else "",
        "titleSort": nfo.sort_title,
        "year": nfo.year,
        "summary": nfo.plot or nfo.outline,
        "contentRating": content_rating(nfo.mpaa),
        "duration": nfo.runtime_min * _MINUTE_MS if nfo.runtime_min else None,
        "Guid": [{"id": one} for one in dict.fromkeys(_ids(nfo))],
        "Genre": _tags(nfo.genres),
        "Country": _tags(nfo.countries),
        "Role": [_role(order, actor) for order, actor in enumerate(_in_order(nfo.actors), 1)],
        "Director": [{"tag": name, "role": "Director"} for name in nfo.directors],
        "Writer": [{"tag": name, "role": "Writer"} for name in nfo.writers],
        "Rating": list(_ratings(nfo)),
    }
    if item.kind in {ItemKind.FILM, ItemKind.SHOW}:
        told |= {"tagline": nfo.tagline, "studio": next(iter(nfo.studios), ""), "Studio": _tags(nfo.studios)}
    if item.kind is ItemKind.SHOW:
        told["Network"] = _tags(nfo.studios)
    if item.kind is ItemKind.FILM and nfo.film_set:
        told["Collection"] = [_without_blanks({"tag": nfo.film_set.name, "summary": nfo.film_set.overview})]
    return told


def _tags(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"tag": name} for name in names]


def _in_order(actors: Sequence[Actor]) -> list[Actor]:
    """Those with a place in the cast first, the others as they stand in the file."""
    return sorted(actors, key=lambda actor: (actor.order is None, actor.order or 0))


def _role(order: int, actor: Actor) -> dict[str, Any]:
    return _without_blanks({"tag": actor.name, "role": actor.role, "thumb": actor.thumb, "order": order})


def _ids(nfo: Nfo) -> Iterator[str]:
    for name, value in nfo.ids:
        if name in _PAGES and _ID.fullmatch(value):
            yield f"{_PAGES[name]}://{value}"


def _ratings(nfo: Nfo) -> Iterator[dict[str, Any]]:
    for rating in nfo.ratings:
        if rating.source in _BADGES:
            image, who = _BADGES[rating.source]
            yield {"image": image, "type": who, "value": rating.value}


def content_rating(mpaa: str) -> str:
    """The age rating as Plex spells it: bare for the United States, `de/12` for others, whose country the file must name."""
    text = mpaa.partition(" / ")[0].strip()
    found = _COUNTRY.fullmatch(text)
    country, rating = (found[1].lower(), found[2]) if found else ("", text)
    rating = re.sub(r"(?i)^rated\s+", "", rating)
    return rating if country in {"", "us"} or not rating else f"{country}/{rating}"
