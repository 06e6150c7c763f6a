"""What is asked of a server about many of its files, and what it answers page by page; pure.

A page is cut by the server, so it counts *items*; an item with several versions or parts gives several files. The cursor of
a page says how to go on and survives a restart: it is a position together with the item that stood before it. Items that
come or go meanwhile move the others: the next page begins a little earlier, and what was given already is left out from
there up to that item. So nothing is skipped unless more than a whole page vanished between two calls; an item may be given
twice where the order changed, which is harmless.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from framewright.domain.ownership import Library

PAGE_SIZE = 1000
"""Items of a page: few calls for a large library, an answer of a megabyte or two."""


class ListingSort(StrEnum):
    """In which order the items of a library are given; `natural` is the server's own order by title."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NATURAL = ""


@dataclass(frozen=True, slots=True)
class ListingWish:
    """One library, all of it or what was added at `since` or later (an aware datetime), in pages of `page_size` items."""

    library: Library
    since: datetime | None = None
    sort: ListingSort = ListingSort.NATURAL
    page_size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One file of an item: `path` in the server's spelling, `size` in bytes (0: not said), when the server got to know it."""

    path: str
    size: int = 0
    added_at: datetime | None = None
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class ListingPage:
    """The files of one page; `cursor` asks for the next one and is empty at the end.

    `total` is how many items the server announces for the wish; where it cannot filter by date, how many the library has.
    A page may be empty although more follow.
    """

    items: tuple[ListedItem, ...]
    cursor: str = ""
    total: int = 0


def agree(own: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    """Whether an item with these ids of catalogues is the one that is asked for: one id is equal, and none differs.

    A bare `tmdb` number can name a film and a show; both then agree.
    """
    ours = {name.lower(): value.lower() for name, value in own.items() if value}
    theirs = {name.lower(): value.lower() for name, value in asked.items() if value}
    shared = ours.keys() & theirs.keys()
    return bool(shared) and all(ours[name] == theirs[name] for name in shared)
