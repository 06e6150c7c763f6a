"""The files that Plex knows, a sample or all of them page by page; source: the public Plex API 1.1.1."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import httpx

from framewright.contracts.server import Server
from framewright.domain.libraries import ListedFile
from framewright.domain.listing import ListedItem, ListingPage, ListingSort, ListingWish
from framewright.domain.ownership import Library
from framewright.vendors import exchange, paging
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.paging import Row, Rows
from framewright.vendors.plex.client import ITEM_TYPES, PlexClient
from framewright.vendors.plex.wire import Answer, Item, reader

SORTS = {ListingSort.NEWEST: "addedAt:desc", ListingSort.OLDEST: "addedAt:asc", ListingSort.NATURAL: "titleSort"}

SLIM = {
    "excludeElements": "Genre,Country,Guid,Rating,Collection,Director,Writer,Role,Producer,Similar",
    "excludeFields": "summary,tagline",
}
"""What is of no interest here; a hint, which servers may ignore."""


LATEST = 2**33
"""Epoch seconds of the year 2242; a greater number is no moment at which anything was added."""


async def listed_files(server: Server, http: httpx.AsyncClient, limit: int) -> list[ListedFile]:
    """Up to `limit` files, as many of each section; raises as `exchange.ask` does."""
    to = reader(server, http)
    sections = [one for one in await PlexClient(server, http).sections() if one.kind in ITEM_TYPES]
    found: list[ListedFile] = []
    for section in sections:
        share = max(1, limit // len(sections))
        page = await _asked(to, section.key, {"type": ITEM_TYPES[section.kind]}, (0, share))
        found += [ListedFile(part.file, part.size) for item in page[0] for part in item.parts()][:share]
    return found


async def library_page(server: Server, http: httpx.AsyncClient, wish: ListingWish, cursor: str) -> ListingPage:
    """One page of a section: every part of every version. A section without films and episodes is empty.

    Raises:
        Retry, Reject: as `exchange.ask`.
    """
    to = reader(server, http)
    kind = await _item_type(server, http, wish.library)
    if not kind:
        return ListingPage(())
    query = {"type": kind, "sort": SORTS[wish.sort], **SLIM}
    if wish.since is not None:
        # Plex knows whole seconds and only "after"; a filter that is a second early takes nothing away.
        query["addedAt>>"] = str(math.floor(wish.since.timestamp()) - 1)

    async def fetch(start: int, count: int) -> Rows:
        items, total = await _asked(to, wish.library.id, query, (start, count))
        return Rows([_row(item) for item in items], total)

    return await paging.page(wish, cursor, fetch)


async def _asked(
    to: Endpoint, section: str, query: Mapping[str, str], part: tuple[int, int]
) -> tuple[Sequence[Item], int]:
    """The items from a position on, so many of them, and how many there are in all."""
    start, count = part
    paged = {**query, "X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(count)}
    call = Call("GET", f"/library/sections/{exchange.segment(section)}/all", paged, most_bytes=exchange.LONG_LIST)
    answer = (await exchange.ask(to, call, Answer)).MediaContainer
    if answer.total_size is None and len(answer.metadata) > count:
        return answer.metadata[start : start + count], len(answer.metadata)  # this server ignores paging
    return answer.metadata, answer.total_size if answer.total_size is not None else start + len(answer.metadata)


async def _item_type(server: Server, http: httpx.AsyncClient, library: Library) -> str:
    """The type number of what holds files; empty when nothing there does. A kind that was never told is asked for."""
    if library.kind in ITEM_TYPES:
        return ITEM_TYPES[library.kind]
    sections = await PlexClient(server, http).sections()
    return next((ITEM_TYPES.get(one.kind, "") for one in sections if one.key == library.id), "")


def _row(item: Item) -> Row:
    known = item.added_at is not None and 0 <= item.added_at < LATEST
    added = datetime.fromtimestamp(item.added_at or 0, UTC) if known else None
    return Row(item.key, added, tuple(ListedItem(part.file, part.size, added, item.key) for part in item.parts()))
