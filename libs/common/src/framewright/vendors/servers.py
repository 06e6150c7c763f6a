"""Every media server vendor in one table, and what is asked of whichever of them a configured server is."""

from collections.abc import AsyncGenerator, Mapping, Sequence

import httpx

from framewright.contracts.playback import PlayingItem
from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.domain.libraries import ListedFile
from framewright.domain.listing import ListingPage, ListingWish
from framewright.domain.planning import PlannedCall
from framewright.domain.ports import MediaServer
from framewright.domain.publishing import PublishTarget
from framewright.vendors import emby, folder, jellyfin, plex
from framewright.vendors.events import ServerEvent
from framewright.vendors.health import Auditor
from framewright.vendors.places import Place
from framewright.vendors.scanning import Scanner
from framewright.vendors.vendor import Reading, Vendor

VENDORS: Mapping[str, Vendor] = {
    vendor.type: vendor for vendor in (plex.VENDOR, emby.VENDOR, jellyfin.VENDOR, folder.VENDOR)
}


def media_server(server: Server, http: httpx.AsyncClient) -> MediaServer:
    """A connection to a configured server; no request is sent yet.

    Raises:
        Reject: code VALIDATION_ERROR, no vendor of that type.
    """
    return _vendor(server).connect(server, http)


def auditor(server: Server, http: httpx.AsyncClient) -> Auditor:
    """The check list of a configured server.

    Raises:
        Reject: code VALIDATION_ERROR, no vendor of that type.
    """
    return _vendor(server).auditor(server, http)


def scanner(server: Server, http: httpx.AsyncClient) -> Scanner | None:
    """The way to make a configured server look at what changed; None where nobody needs to be told."""
    vendor = VENDORS.get(server.type)
    return vendor.telling.scanner(server, http) if vendor and vendor.telling else None


async def refresh_item(
    server: Server, http: httpx.AsyncClient, paths: Sequence[str], library_ids: Sequence[str] = ()
) -> str:
    """Have a server look again at the item of a file (spellings of one path); the call in words, empty when it knows none.

    Raises:
        Retry, Reject: as the exchange does.
    """
    vendor = VENDORS.get(server.type)
    return await vendor.telling.refresh_item(server, http, paths, library_ids) if vendor and vendor.telling else ""


def planned_outputs(server: Server, target: PublishTarget) -> tuple[str, ...]:
    """Where the server's outputs for the file would go, without asking it anything; unknown parts in angle brackets."""
    vendor = VENDORS.get(server.type)
    return vendor.planned(server, target) if vendor else ()


def planned_calls(server: Server, target: PublishTarget) -> tuple[PlannedCall, ...]:
    """What the server would be told about the file, and when, without asking it anything."""
    vendor = VENDORS.get(server.type)
    return vendor.calls(server, target) if vendor else ()


def lists_files(server_type: str) -> bool:
    """Whether servers of this type have a list of their own; the files of the others are found by walking folders."""
    vendor = VENDORS.get(server_type)
    return vendor is not None and vendor.reading is not None


async def listed_files(server: Server, http: httpx.AsyncClient, limit: int) -> list[ListedFile]:
    """A sample of the files that the server knows, in its own spelling.

    Raises:
        Reject: code VALIDATION_ERROR, nobody can be asked at servers of this type; else as the exchange does.
        Retry: as the exchange does.
    """
    return await _asked(server).listed_files(server, http, limit)


async def library_page(server: Server, http: httpx.AsyncClient, wish: ListingWish, cursor: str = "") -> ListingPage:
    """One page of a library's files in the server's own spelling; an empty cursor begins.

    Raises:
        Reject: code VALIDATION_ERROR, nobody can be asked at servers of this type; else as the exchange does.
        Retry: as the exchange does.
    """
    return await _asked(server).library_page(server, http, wish, cursor)


async def item_files(server: Server, http: httpx.AsyncClient, item_id: str) -> list[str]:
    """The files of an item in the server's own spelling, of a folder of items those of all below it; none when it is gone.

    Raises:
        Retry, Reject: as the exchange does.
    """
    reading = _reading(server)
    return await reading.item_files(server, http, item_id) if reading else []


async def provider_files(server: Server, http: httpx.AsyncClient, provider_ids: Mapping[str, str]) -> list[str]:
    """The files of what has these ids of catalogues (`tmdb`, `tvdb`, `imdb`), in the server's own spelling.

    Raises:
        Retry, Reject: as the exchange does.
    """
    reading = _reading(server)
    return await reading.provider_files(server, http, provider_ids) if reading and any(provider_ids.values()) else []


async def sessions(server: Server, http: httpx.AsyncClient) -> tuple[PlayingItem, ...]:
    """What the server plays right now; nothing where there is no server to ask.

    Raises:
        Retry, Reject: as the exchange does.
    """
    reading = _reading(server)
    return await reading.sessions(server, http) if reading else ()


def server_events(server: Server, http: httpx.AsyncClient) -> AsyncGenerator[ServerEvent]:
    """What the server says while it happens, until the line breaks, which is an error like any other.

    Raises:
        Reject: code VALIDATION_ERROR, nobody can be asked at servers of this type; else as the exchange does.
        Retry: as the exchange does, also when the server ends the line or falls silent.
    """
    return _asked(server).events(server, http)


def output_place(server_type: str, path: str) -> Place | None:
    """What kind of place of this vendor the path is; None when it is none, and nothing there is ours to touch."""
    vendor = VENDORS.get(server_type)
    return vendor.place(path) if vendor else None


def video_stem(server_type: str, name: str) -> str:
    """The stem of the video that an entry of this name, beside it, is an output of; empty for anything else."""
    vendor = VENDORS.get(server_type)
    return vendor.video_stem(name) if vendor else ""


def _vendor(server: Server) -> Vendor:
    vendor = VENDORS.get(server.type)
    if vendor is None:
        raise Reject(f"no vendor of type {server.type!r}", code="VALIDATION_ERROR")
    return vendor


def _reading(server: Server) -> Reading | None:
    vendor = VENDORS.get(server.type)
    return vendor.reading if vendor else None


def _asked(server: Server) -> Reading:
    reading = _reading(server)
    if reading is None:
        raise Reject(f"nobody can be asked at a server of type {server.type!r}", code="VALIDATION_ERROR")
    return reading
