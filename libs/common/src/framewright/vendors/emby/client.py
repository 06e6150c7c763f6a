"""What is asked of an Emby server over HTTP; source: Emby's public REST reference 4.8."""

from collections.abc import Iterable

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.domain.publishing import ServerIdentity
from framewright.vendors import exchange
from framewright.vendors.exchange import Call
from framewright.vendors.mediabrowser import dialect, scanning
from framewright.vendors.mediabrowser.dialect import ItemRefresh, VirtualFolder

REFRESH_FLAGS = {"Recursive": "false", "MetadataRefreshMode": "Default", "ImageRefreshMode": "Default"}

TICKS_PER_MS = 10_000

_NO_QUERY_ROUTE = frozenset({404, 405})
_ABSENT = frozenset({404})


class _Folders(msgspec.Struct):
    items: tuple[VirtualFolder, ...] = msgspec.field(default=(), name="Items")


class _Thumbnail(msgspec.Struct):
    ticks: int = msgspec.field(default=0, name="PositionTicks")


class _ThumbnailSet(msgspec.Struct):
    thumbnails: tuple[_Thumbnail, ...] | None = msgspec.field(default=None, name="Thumbnails")


class EmbyClient:
    """The calls, each one exchange; see `framewright.vendors.exchange.send` for what they raise."""

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self._server = server
        self._endpoint = exchange.endpoint(server, http, {"X-Emby-Token": server.auth.secret})

    async def identity(self) -> ServerIdentity:
        """Who answers; see `dialect.identify`."""
        return await dialect.identify(self._server, self._endpoint)

    async def folders(self) -> tuple[VirtualFolder, ...]:
        """The libraries; servers before 4.8 have only the older call."""
        newer = Call("GET", "/Library/VirtualFolders/Query", expected=_NO_QUERY_ROUTE)
        response = await exchange.send(self._endpoint, newer)
        if response.is_success:
            return exchange.decoded(self._endpoint, newer, response, _Folders).items
        return await exchange.ask(self._endpoint, Call("GET", "/Library/VirtualFolders"), tuple[VirtualFolder, ...])

    async def report_updated(self, path: str) -> Call:
        """Tell the server to look at the file; success is any 2xx, servers differ."""
        return await dialect.report_updated(self._endpoint, [path], "Modified")

    async def item_id(self, remote_paths: tuple[str, ...]) -> str:
        """The id of the item at one of these exact paths; empty when the server knows none of them."""
        for path in remote_paths:
            query = {"Path": path, "Recursive": "true", "Fields": "Path,MediaSources", "Limit": "2"}
            page = await dialect.find_items(self._endpoint, query)
            if found := dialect.match(page.items, [path]):
                item, source = found
                return (source.item_id if source else None) or item.id
        return ""

    async def refresh_item(self, item_id: str, *, recursive: bool = False) -> Call | None:
        """Have the item looked at again, and all below it where that is wished, without replacing anything."""
        flags = {**REFRESH_FLAGS, "Recursive": "true"} if recursive else REFRESH_FLAGS
        return await dialect.refresh_item(self._endpoint, ItemRefresh(item_id, flags))

    async def report(self, updates: Iterable[tuple[str, str]]) -> Call:
        """Tell the server which files changed, each with its word for how."""
        return await scanning.report(self._endpoint, updates)

    async def is_scanning(self) -> bool:
        """Whether the server looks at all libraries now."""
        return await scanning.is_scanning(self._endpoint)

    async def thumbnail_times(self, item_id: str, width: int) -> tuple[int, ...]:
        """When each thumbnail of a width is shown, in milliseconds; empty while the server shows none."""
        path = f"/Items/{exchange.segment(item_id)}/ThumbnailSet"
        call = Call("GET", path, {"Width": str(width)}, expected=_ABSENT)
        response = await exchange.send(self._endpoint, call)
        if not response.is_success:
            return ()
        found = exchange.decoded(self._endpoint, call, response, _ThumbnailSet).thumbnails or ()
        return tuple(one.ticks // TICKS_PER_MS for one in found)

    async def bif(self, item_id: str, width: int) -> bytes | None:
        """The preview file of a width as players get it; None while the server has none."""
        path = f"/Videos/{exchange.segment(item_id)}/index.bif"
        query, kind = {"Width": str(width)}, "application/octet-stream"
        call = Call("GET", path, query, accept=kind, expected=_ABSENT, most_bytes=exchange.PREVIEW_FILE)
        response = await exchange.send(self._endpoint, call)
        return response.content if response.is_success else None
