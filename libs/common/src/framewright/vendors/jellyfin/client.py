"""What is asked of a Jellyfin server over HTTP; source: Jellyfin's OpenAPI document 12.0, whose calls 10.10 has too.

Only the `Authorization: MediaBrowser …` header is used: servers from 12.0 on refuse the older forms.
"""

from collections.abc import Iterable

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.domain.publishing import ServerIdentity
from framewright.vendors import exchange
from framewright.vendors.exchange import Call
from framewright.vendors.jellyfin import bridge
from framewright.vendors.jellyfin.manifest import ShownItem
from framewright.vendors.mediabrowser import dialect, scanning
from framewright.vendors.mediabrowser.dialect import ItemRefresh, ItemsPage, VirtualFolder

REFRESH_FLAGS = {
    "metadataRefreshMode": "Default",
    "imageRefreshMode": "Default",
    "replaceAllMetadata": "false",
    "replaceAllImages": "false",
    "regenerateTrickplay": "false",
}
"""Nothing is replaced; `regenerateTrickplay` would delete the tiles."""

WINDOW = 200
"""How many of the newest items are looked through."""

PAGE = 1000

_VIDEOS = {"recursive": "true", "includeItemTypes": "Movie,Episode", "fields": "Path,MediaSources"}
_SEARCH_LIMIT = 50
_ABSENT = frozenset({404})


class TrickplayOptions(msgspec.Struct):
    """What the server makes and expects: interval in milliseconds, widths in pixels, tiles per sheet."""

    interval_ms: int = msgspec.field(default=10_000, name="Interval")
    widths: tuple[int, ...] = msgspec.field(default=(320,), name="WidthResolutions")
    tile_width: int = msgspec.field(default=10, name="TileWidth")
    tile_height: int = msgspec.field(default=10, name="TileHeight")


class _Configuration(msgspec.Struct):
    trickplay: TrickplayOptions = msgspec.field(default_factory=TrickplayOptions, name="TrickplayOptions")


class _Shown(msgspec.Struct):
    items: tuple[ShownItem, ...] = msgspec.field(default=(), name="Items")


class JellyfinClient:
    """The calls, each one exchange; see `framewright.vendors.exchange.send` for what they raise."""

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        headers = {"Authorization": dialect.authorization(server)}
        self._server = server
        self._endpoint = exchange.endpoint(server, http, headers)

    async def identity(self) -> ServerIdentity:
        """Who answers; see `dialect.identify`."""
        return await dialect.identify(self._server, self._endpoint)

    async def system_info(self) -> ServerIdentity:
        """Id, name and version."""
        return await dialect.system_info(self._endpoint)

    async def folders(self) -> tuple[VirtualFolder, ...]:
        """The libraries with their options."""
        return await exchange.ask(self._endpoint, Call("GET", "/Library/VirtualFolders"), tuple[VirtualFolder, ...])

    async def trickplay_options(self) -> TrickplayOptions:
        """The server-wide options."""
        answer = await exchange.ask(self._endpoint, Call("GET", "/System/Configuration"), _Configuration)
        return answer.trickplay

    async def search(self, term: str) -> ItemsPage:
        """Items whose name resembles the term."""
        query = {**_VIDEOS, "searchTerm": term, "limit": str(_SEARCH_LIMIT)}
        return await dialect.find_items(self._endpoint, query)

    async def newest(self) -> ItemsPage:
        """The items that were added last."""
        query = {**_VIDEOS, "sortBy": "DateCreated", "sortOrder": "Descending", "limit": str(WINDOW)}
        return await dialect.find_items(self._endpoint, query)

    async def page(self, library_id: str, start: int) -> ItemsPage:
        """One page of a library (of all libraries, with an empty id)."""
        query = {**_VIDEOS, "sortBy": "SortName", "startIndex": str(start), "limit": str(PAGE)}
        if library_id:
            query["parentId"] = library_id
        return await dialect.find_items(self._endpoint, query)

    async def report_created(self, path: str) -> Call:
        """Tell the server to look at the file."""
        return await dialect.report_updated(self._endpoint, [path], "Created")

    async def refresh_item(self, item_id: str) -> Call | None:
        """Have the item looked at again without replacing anything."""
        return await dialect.refresh_item(self._endpoint, ItemRefresh(item_id, REFRESH_FLAGS))

    async def report(self, updates: Iterable[tuple[str, str]]) -> Call:
        """Tell the server which files changed, each with its word for how."""
        return await scanning.report(self._endpoint, updates)

    async def is_scanning(self) -> bool:
        """Whether the server looks at all libraries now."""
        return await scanning.is_scanning(self._endpoint)

    async def shown_item(self, item_id: str) -> ShownItem | None:
        """The item with the manifest of its tiles; None when it is gone, or since 12.0 a further version of another one."""
        call = Call("GET", "/Items", {"ids": item_id, "fields": "Trickplay,MediaSources"})
        found = (await exchange.ask(self._endpoint, call, _Shown)).items
        return found[0] if found else None

    async def sheet(self, item_id: str, width: int, number: int) -> bytes | None:
        """One sheet as players get it; None when the server has none."""
        path = f"/Videos/{exchange.segment(item_id)}/Trickplay/{width}/{number}.jpg"
        query, most = {"mediaSourceId": item_id}, exchange.PREVIEW_FILE
        call = Call("GET", path, query, accept="image/jpeg", expected=_ABSENT, most_bytes=most)
        response = await exchange.send(self._endpoint, call)
        return response.content if response.is_success else None

    async def bridged(self) -> bool:
        """Whether the plugin Media Preview Bridge is installed."""
        return await bridge.answers(self._endpoint)

    async def register(self, item_id: str, wish: dict[str, str]) -> Call | None:
        """Have the plugin write the row of one width; None when it will not."""
        return await bridge.register(self._endpoint, item_id, wish)
