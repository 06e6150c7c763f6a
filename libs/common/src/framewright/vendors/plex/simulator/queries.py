"""Plex's filter language, as far as clients use it here: type, title, year, file, guid, addedAt, sort, limit."""

import time
from collections.abc import Callable, Mapping

from framewright.vendors.plex.simulator.items import TYPE_NUMBERS, Item

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_KINDS = {str(number): kind for kind, number in TYPE_NUMBERS.items()}

_FILTERS: dict[str, Callable[[Item, str], bool]] = {
    "title": lambda item, value: value.casefold() in item.title.casefold(),
    "year": lambda item, value: str(item.year) == value,
    "file": lambda item, value: any(value in file.remote for file in item.files),
    "guid": lambda item, value: value in item.guids,
    "addedAt>>": lambda item, value: item.added_at > _moment(value),
    "addedAt>": lambda item, value: item.added_at >= _moment(value),
    "addedAt<<": lambda item, value: item.added_at < _moment(value),
}


class QueryError(Exception):
    """The server fails on this query, with status 500."""


def selected(items: list[Item], query: Mapping[str, str], kind: str) -> list[Item]:
    """The items of the asked type (else of `kind`) that pass every filter, sorted and cut.

    Raises:
        QueryError: `file` without `type`, on which real servers fail.
    """
    if "file" in query and "type" not in query:
        raise QueryError
    wanted = _KINDS.get(query.get("type", ""), kind)
    found = [item for item in items if item.kind == wanted]
    for name, value in query.items():
        test = _FILTERS.get(name.rpartition(".")[2])
        if test is not None:
            found = [item for item in found if test(item, value)]
    return _cut(_sorted(found, query.get("sort", "")), query.get("limit"))


def _sorted(items: list[Item], order: str) -> list[Item]:
    name, _, way = order.partition(":")
    keys: dict[str, Callable[[Item], str | int]] = {
        "addedAt": lambda item: item.added_at,
        "titleSort": lambda item: item.title.casefold(),
        "year": lambda item: item.year or 0,
    }
    key = keys.get(name.rpartition(".")[2])
    return items if key is None else sorted(items, key=key, reverse=way.startswith("desc"))


def _cut(items: list[Item], limit: str | None) -> list[Item]:
    return items if limit is None else items[: int(limit)]


def _moment(value: str) -> float:
    """A time in epoch seconds, given so or as `-30d`."""
    if value.startswith("-"):
        return time.time() - int(value[1:-1]) * _UNITS[value[-1]]
    return float(value)
