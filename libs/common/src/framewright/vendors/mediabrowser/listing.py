"""A sample of the files that Emby or Jellyfin knows, with their sizes; sources as in `dialect`."""

from collections.abc import Iterable

import msgspec

from framewright.domain.libraries import ListedFile
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.mediabrowser.dialect import VirtualFolder, video_libraries


class _Source(msgspec.Struct):
    path: str | None = msgspec.field(default=None, name="Path")
    size: int | None = msgspec.field(default=None, name="Size")


class _Item(msgspec.Struct):
    path: str | None = msgspec.field(default=None, name="Path")
    sources: tuple[_Source, ...] | None = msgspec.field(default=None, name="MediaSources")


class _Page(msgspec.Struct):
    items: tuple[_Item, ...] = msgspec.field(default=(), name="Items")


async def listed_files(to: Endpoint, folders: Iterable[VirtualFolder], limit: int) -> list[ListedFile]:
    """Up to `limit` files, as many of each library; raises as `exchange.ask` does."""
    libraries = video_libraries(folders)
    found: list[ListedFile] = []
    for library in libraries:
        share = max(1, limit // len(libraries))
        query = {
            "ParentId": library.id,
            "Recursive": "true",
            "IncludeItemTypes": "Movie,Episode",
            "Fields": "Path,MediaSources",
            "SortBy": "SortName",
            "Limit": str(share),
        }
        page = await exchange.ask(to, Call("GET", "/Items", query), _Page)
        found += [file for item in page.items for file in _files(item)][:share]
    return found


def _files(item: _Item) -> list[ListedFile]:
    """The item's versions; the item's own path where the server tells no versions."""
    versions = [ListedFile(source.path, source.size or 0) for source in item.sources or () if source.path]
    return versions or ([ListedFile(item.path)] if item.path else [])
