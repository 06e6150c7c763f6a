"""The files of items that are named by an id: the server's own, or that of a catalogue; sources as in `dialect`.

Items are asked for by a query and not by their own address, which a server refuses to an API key that belongs to no user.
"""

from collections.abc import AsyncIterator, Iterable, Mapping

from framewright.domain.listing import PAGE_SIZE, agree
from framewright.vendors.exchange import Endpoint
from framewright.vendors.mediabrowser.listing import VIDEOS, Item, ask_page

FIELDS = "Path,MediaSources,ProviderIds"

MOST_LOOKED_AT = 20_000
"""Items of one query whose ids are compared; what lies behind them is found by the next scan."""


async def item_files(to: Endpoint, item_id: str, more: Mapping[str, str] | None = None) -> list[str]:
    """Every version of the item, of a series, season or collection those of all below it; nothing when it is gone.

    `more` narrows the query down.
    """
    page = await ask_page(to, {"Ids": item_id, "Fields": FIELDS, **(more or {})})
    return await files_of(to, page.items)


async def matching_files(to: Endpoint, query: Mapping[str, str], provider_ids: Mapping[str, str]) -> list[str]:
    """The files of those items of a query that have one of these ids and contradict none of them."""
    found = [item async for item in paged(to, query) if agree(ids_of(item), provider_ids)]
    return await files_of(to, found)


async def files_of(to: Endpoint, items: Iterable[Item]) -> list[str]:
    """The files of these items, and of everything below those that are folders."""
    files: dict[str, None] = {}
    for item in items:
        if item.is_folder:
            below = {**VIDEOS, "ParentId": item.id}
            files |= {path: None async for leaf in paged(to, below) for path, _ in leaf.files()}
        else:
            files |= {path: None for path, _ in item.files()}
    return list(files)


async def paged(to: Endpoint, query: Mapping[str, str]) -> AsyncIterator[Item]:
    """The items of all pages, up to the cap."""
    start = 0
    while start < MOST_LOOKED_AT:
        page = await ask_page(to, {**query, "StartIndex": str(start), "Limit": str(PAGE_SIZE)})
        for item in page.items:
            yield item
        start += len(page.items)
        if not page.items or start >= page.total:
            return


def ids_of(item: Item) -> dict[str, str]:
    """The ids of catalogues that an item carries, by name in lower case."""
    return {name.lower(): value for name, value in (item.provider_ids or {}).items() if value}
