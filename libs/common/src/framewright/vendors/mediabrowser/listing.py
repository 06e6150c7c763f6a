"""The files that Emby or Jellyfin knows, a sample or all of them page by page; sources as in `dialect`."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from framewright.domain.libraries import ListedFile
from framewright.domain.listing import ListedItem, ListingPage, ListingSort, ListingWish
from framewright.vendors import exchange, paging
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.mediabrowser.dialect import VirtualFolder, video_libraries
from framewright.vendors.paging import Row, Rows

VIDEOS = {"Recursive": "true", "IncludeItemTypes": "Movie,Episode", "Fields": "Path,MediaSources,DateCreated"}

SORTS = {
    # The name decides between equal dates: what comes in one scan often has one.
    ListingSort.NEWEST: {"SortBy": "DateCreated,SortName", "SortOrder": "Descending"},
    ListingSort.OLDEST: {"SortBy": "DateCreated,SortName", "SortOrder": "Ascending"},
    ListingSort.NATURAL: {"SortBy": "SortName", "SortOrder": "Ascending"},
}


class Source(msgspec.Struct):
    """One version of an item."""

    id: str = msgspec.field(default="", name="Id")
    path: str | None = msgspec.field(default=None, name="Path")
    size: int | None = msgspec.field(default=None, name="Size")


class Item(msgspec.Struct):
    """A film or an episode with its versions, or a folder of them: a series, a season, a collection."""

    id: str = msgspec.field(default="", name="Id")
    path: str | None = msgspec.field(default=None, name="Path")
    sources: tuple[Source, ...] | None = msgspec.field(default=None, name="MediaSources")
    created: datetime | None = msgspec.field(default=None, name="DateCreated")
    is_folder: bool | None = msgspec.field(default=None, name="IsFolder")
    provider_ids: dict[str, str | None] | None = msgspec.field(default=None, name="ProviderIds")

    def files(self) -> list[tuple[str, int]]:
        """Path and size of each version; the item's own path where the server tells no versions."""
        versions = [(source.path, source.size or 0) for source in self.sources or () if source.path]
        return versions or ([(self.path, 0)] if self.path else [])


class Page(msgspec.Struct):
    """Some of the items of a query; `total` counts all of them."""

    items: tuple[Item, ...] = msgspec.field(default=(), name="Items")
    total: int = msgspec.field(default=0, name="TotalRecordCount")


async def listed_files(to: Endpoint, folders: Iterable[VirtualFolder], limit: int) -> list[ListedFile]:
    """Up to `limit` files, as many of each library; raises as `exchange.ask` does."""
    libraries = video_libraries(folders)
    found: list[ListedFile] = []
    for library in libraries:
        share = max(1, limit // len(libraries))
        query = {**VIDEOS, "ParentId": library.id, "SortBy": "SortName", "Limit": str(share)}
        page = await ask_page(to, query)
        found += [ListedFile(*file) for item in page.items for file in item.files()][:share]
    return found


async def library_page(to: Endpoint, wish: ListingWish, cursor: str) -> ListingPage:
    """One page of a library: every version of every film and episode.

    Neither server filters by the day of coming: newest first the reading ends at the first older item; in another order
    all items are read and the older ones left out.

    Raises:
        Retry, Reject: as `exchange.ask`.
    """
    query = {**VIDEOS, **SORTS[wish.sort], "ParentId": wish.library.id}

    async def fetch(start: int, count: int) -> Rows:
        page = await ask_page(to, {**query, "StartIndex": str(start), "Limit": str(count)})
        return Rows([_row(item) for item in page.items], page.total)

    return await paging.page(wish, cursor, fetch)


async def ask_page(to: Endpoint, query: Mapping[str, str]) -> Page:
    """The answer to one query of items."""
    return await exchange.ask(to, Call("GET", "/Items", query, most_bytes=exchange.LONG_LIST), Page)


def _row(item: Item) -> Row:
    files = tuple(ListedItem(path, size, item.created, item.id) for path, size in item.files())
    return Row(item.id, item.created, files)
