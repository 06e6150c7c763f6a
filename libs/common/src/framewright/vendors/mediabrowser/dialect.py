"""Calls and shapes that Emby and Jellyfin have in common; JSON only, names in PascalCase.

Sources: Jellyfin's OpenAPI document 12.0 and Emby's public REST reference 4.8.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import Retry
from framewright.domain.media import segments
from framewright.domain.ownership import Library
from framewright.domain.publishing import PublishTarget, ServerIdentity
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint

CLIENT = "Framewright"
DEVICE = "Framewright"
DEVICE_ID = "framewright-publisher"
"""The name of an installation that has none of its own yet."""

VERSION = "1"

KINDS = {"movies": "movie", "tvshows": "show"}
"""Library kinds in this system's words; others keep the server's own."""

WITHOUT_VIDEO = frozenset({"music", "musicvideos", "photos", "books", "audiobooks", "playlists", "livetv"})
"""Library kinds for which no previews are made."""

_GONE = frozenset({404})


class Source(msgspec.Struct):
    """One version of an item: Jellyfin's `id` is that of the version's own item, Emby says it in `item_id`."""

    id: str = msgspec.field(default="", name="Id")
    item_id: str | None = msgspec.field(default=None, name="ItemId")
    path: str | None = msgspec.field(default=None, name="Path")


class Item(msgspec.Struct):
    """A movie or an episode with the files that are its versions."""

    id: str = msgspec.field(default="", name="Id")
    path: str | None = msgspec.field(default=None, name="Path")
    sources: tuple[Source, ...] | None = msgspec.field(default=None, name="MediaSources")


class ItemsPage(msgspec.Struct):
    """One page of a query; `total` counts all pages."""

    items: tuple[Item, ...] = msgspec.field(default=(), name="Items")
    total: int = msgspec.field(default=0, name="TotalRecordCount")


class LibraryOptions(msgspec.Struct):
    """The library options that decide where Jellyfin's previews lie and what becomes of them; Emby has none such.

    None where the server does not say.
    """

    save_trickplay_with_media: bool = msgspec.field(default=False, name="SaveTrickplayWithMedia")
    extracts: bool | None = msgspec.field(default=None, name="EnableTrickplayImageExtraction")
    extracts_during_scan: bool | None = msgspec.field(default=None, name="ExtractTrickplayImagesDuringLibraryScan")


class VirtualFolder(msgspec.Struct):
    """A library as the server describes it."""

    name: str | None = msgspec.field(default=None, name="Name")
    locations: tuple[str, ...] | None = msgspec.field(default=None, name="Locations")
    kind: str | None = msgspec.field(default=None, name="CollectionType")
    item_id: str | None = msgspec.field(default=None, name="ItemId")
    options: LibraryOptions | None = msgspec.field(default=None, name="LibraryOptions")


class _SystemInfo(msgspec.Struct):
    id: str = msgspec.field(default="", name="Id")
    name: str | None = msgspec.field(default=None, name="ServerName")
    version: str = msgspec.field(default="", name="Version")


class PublicInfo(msgspec.Struct):
    """What a server tells everybody about itself; older ones do not name their product."""

    id: str = msgspec.field(default="", name="Id")
    name: str | None = msgspec.field(default=None, name="ServerName")
    version: str = msgspec.field(default="", name="Version")
    product: str | None = msgspec.field(default=None, name="ProductName")

    @property
    def identity(self) -> ServerIdentity:
        """The part that both servers tell."""
        return ServerIdentity(self.id, self.name or "", self.version)


@dataclass(frozen=True, slots=True)
class ItemRefresh:
    """Which flags go with the refresh of an item; metadata and images are never replaced."""

    item_id: str
    flags: Mapping[str, str]


def device_id(server: Server) -> str:
    """The name under which the server knows this installation."""
    return server.device_id or DEVICE_ID


def authorization(server: Server) -> str:
    """The value of the `Authorization` header; values are percent-encoded, as the servers decode them."""
    known = {"Client": CLIENT, "Device": DEVICE, "DeviceId": device_id(server), "Version": VERSION}
    fields = {"Token": server.auth.secret, **known}
    return "MediaBrowser " + ", ".join(f'{name}="{quote(value)}"' for name, value in fields.items())


async def public_info(to: Endpoint) -> PublicInfo:
    """Who answers at the address; asked without the credentials of `to`, because it may be anybody.

    Raises:
        Retry: code BAD_ANSWER, it is no media server; else as `exchange.send`.
        Reject: as `exchange.send`.
    """
    info = await exchange.ask(replace(to, headers={}), Call("GET", "/System/Info/Public"), PublicInfo)
    if not info.id:
        raise Retry(f"{to.name}: what answers there is no media server", code=exchange.BAD_ANSWER)
    return info


async def identify(server: Server, to: Endpoint) -> ServerIdentity:
    """Id, name and version of the configured server, which alone is shown the credentials; proves them as well.

    Raises:
        Reject: code WRONG_SERVER, another one answers; else as `exchange.send`.
        Retry: as `public_info`.
    """
    exchange.verified(server, (await public_info(to)).identity)
    return exchange.verified(server, await system_info(to))


async def system_info(to: Endpoint) -> ServerIdentity:
    """Id, name and version of the server; the call needs a valid token."""
    info = await exchange.ask(to, Call("GET", "/System/Info"), _SystemInfo)
    return ServerIdentity(info.id, info.name or "", info.version)


async def report_updated(to: Endpoint, paths: Iterable[str], update_type: str) -> Call:
    """Tell the server which files changed: leaf files in its own spelling, never folders.

    Folders reported together collapse to their common parent, which may be a whole library.
    """
    updates = [{"Path": path, "UpdateType": update_type} for path in paths]
    call = Call("POST", "/Library/Media/Updated", body={"Updates": updates})
    await exchange.send(to, call)
    return call


async def refresh_item(to: Endpoint, refresh: ItemRefresh) -> Call | None:
    """Refresh one item; None when it is gone, because then there is nothing to refresh."""
    path = f"/Items/{exchange.segment(refresh.item_id)}/Refresh"
    call = Call("POST", path, refresh.flags, expected=_GONE)
    response = await exchange.send(to, call)
    return call if response.is_success else None


async def find_items(to: Endpoint, query: Mapping[str, str]) -> ItemsPage:
    """One page of items."""
    return await exchange.ask(to, Call("GET", "/Items", query, most_bytes=exchange.LONG_LIST), ItemsPage)


def match(items: Iterable[Item], remote_paths: Iterable[str]) -> tuple[Item, Source | None] | None:
    """The item that holds one of these paths, with the version that is the file where the server tells versions."""
    wanted = [segments(path) for path in remote_paths]
    for item in items:
        for source in item.sources or ():
            if source.path and segments(source.path) in wanted:
                return item, source
        if item.path and segments(item.path) in wanted:
            return item, None
    return None


def video_libraries(folders: Iterable[VirtualFolder]) -> list[Library]:
    """The libraries that may hold video; a library without a kind is mixed."""
    return [
        Library(
            id=folder.item_id or folder.name or "",
            name=folder.name or "",
            kind=KINDS.get(folder.kind or "mixed", folder.kind or "mixed"),
            remote_paths=tuple(folder.locations or ()),
        )
        for folder in folders
        if folder.kind not in WITHOUT_VIDEO
    ]


def guid(item_id: str) -> str:
    """An id as it is compared: servers write the same one with dashes and without, in either case."""
    return item_id.replace("-", "").lower()


def spellings(target: PublishTarget) -> tuple[str, ...]:
    """The server's spellings of the file; ours where no mapping gives another."""
    return target.remote_paths or (target.local_path,)
