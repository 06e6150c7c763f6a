"""One page of a long listing, exact although items come and go between two calls; see `framewright.domain.listing`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from framewright.domain.errors import Reject
from framewright.domain.listing import ListedItem, ListingPage, ListingSort, ListingWish

OVERLAP = 20
"""Items that are asked for once more, so that a few that vanished before them do not hide the next ones."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item as a server lists it, with its files."""

    id: str
    added_at: datetime | None
    files: tuple[ListedItem, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The items from the asked position on; `total` counts all of them, 0 where the server does not say."""

    rows: Sequence[Row]
    total: int = 0


Fetch = Callable[[int, int], Awaitable[Rows]]
"""Asks a server for so many items from a position on: `fetch(start, count)`."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to go on: the next position, and the id of the item before it."""

    start: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class _Cut:
    """What was read from `first` on, and the part of it that was not given before."""

    first: int
    read: Rows
    asked: int
    fresh: Sequence[Row]


async def page(wish: ListingWish, cursor: str, fetch: Fetch) -> ListingPage:
    """The page at the cursor.

    Raises:
        Reject: code VALIDATION_ERROR, the cursor is none; else as `fetch` does.
    """
    cut = await _cut(wish, _place(cursor), fetch)
    kept = [row for row in cut.fresh if _is_wanted(row, wish.since)]
    files = tuple(file for row in kept for file in row.files)
    end = cut.first + len(cut.read.rows)
    if wish.sort is ListingSort.NEWEST and len(kept) < len(cut.fresh):
        return ListingPage(files, "", end - len(cut.fresh) + len(kept))
    more = bool(cut.read.rows) and (end < cut.read.total or (not cut.read.total and len(cut.read.rows) >= cut.asked))
    return ListingPage(files, f"{end}:{cut.read.rows[-1].id}" if more else "", cut.read.total or end)


async def _cut(wish: ListingWish, place: _Place, fetch: Fetch) -> _Cut:
    """Read from a little before the place; from a whole page before it, when the item there is not found again."""
    if not place.anchor:
        read = await fetch(place.start, wish.page_size)
        return _Cut(place.start, read, wish.page_size, read.rows)
    for back in (OVERLAP, wish.page_size):
        first = max(0, place.start - back)
        asked = place.start - first + wish.page_size
        read = await fetch(first, asked)
        seen = [row.id for row in read.rows]
        if place.anchor in seen:
            behind = len(seen) - seen[::-1].index(place.anchor)
            return _Cut(first, read, asked, read.rows[behind:])
    return _Cut(first, read, asked, read.rows)


def _is_wanted(row: Row, since: datetime | None) -> bool:
    return since is None or row.added_at is None or _aware(row.added_at) >= since


def _aware(moment: datetime) -> datetime:
    """Servers that name no zone mean UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _place(cursor: str) -> _Place:
    start, _, anchor = cursor.partition(":")
    if cursor and not (start.isascii() and start.isdigit()):
        raise Reject(f"{cursor!r} is no cursor of a listing", code="VALIDATION_ERROR")
    return _Place(int(start), anchor) if cursor else _Place()
