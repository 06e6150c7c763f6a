"""Every vendor, registered in one table: media servers that are written to, and sources that send events.

A vendor is a folder. Adding one is its folder and one line here; nothing else in the system names a vendor.
"""

from collections.abc import Awaitable, Callable, Mapping

import httpx

from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.domain.libraries import ListedFile
from framewright.domain.planning import PlannedCall
from framewright.domain.ports import MediaServer
from framewright.domain.publishing import PublishTarget
from framewright.vendors import autoscan, custom, emby, folder, jellyfin, plex, radarr, sonarr
from framewright.vendors.emby import calls as emby_calls
from framewright.vendors.emby import layout as emby_layout
from framewright.vendors.emby import listing as emby_listing
from framewright.vendors.emby import webhook as emby_webhook
from framewright.vendors.folder import calls as folder_calls
from framewright.vendors.folder import layout as folder_layout
from framewright.vendors.jellyfin import calls as jellyfin_calls
from framewright.vendors.jellyfin import layout as jellyfin_layout
from framewright.vendors.jellyfin import listing as jellyfin_listing
from framewright.vendors.jellyfin import webhook as jellyfin_webhook
from framewright.vendors.plex import calls as plex_calls
from framewright.vendors.plex import layout as plex_layout
from framewright.vendors.plex import listing as plex_listing
from framewright.vendors.plex import webhook as plex_webhook
from framewright.vendors.sign_in import (
    API_KEYS,
    PASSWORDS,
    QUICK_CONNECT,
    Approval,
    FoundPlexServer,
    PlexAccount,
    PlexAddresses,
    PlexMethod,
    PlexPlace,
    PlexStanding,
    SignedIn,
    Visit,
)
from framewright.vendors.source import Source, Understood

SERVERS: Mapping[str, Callable[[Server, httpx.AsyncClient], MediaServer]] = {
    plex.TYPE: plex.connect,
    emby.TYPE: emby.connect,
    jellyfin.TYPE: jellyfin.connect,
    folder.TYPE: folder.connect,
}

PLANNED: Mapping[str, Callable[[Server, PublishTarget], tuple[str, ...]]] = {
    plex.TYPE: plex_layout.planned,
    emby.TYPE: emby_layout.planned,
    jellyfin.TYPE: jellyfin_layout.planned,
    folder.TYPE: folder_layout.planned,
}

CALLS: Mapping[str, Callable[[Server, PublishTarget], tuple[PlannedCall, ...]]] = {
    plex.TYPE: plex_calls.planned_calls,
    emby.TYPE: emby_calls.planned_calls,
    jellyfin.TYPE: jellyfin_calls.planned_calls,
    folder.TYPE: folder_calls.planned_calls,
}

LISTINGS: Mapping[str, Callable[[Server, httpx.AsyncClient, int], Awaitable[list[ListedFile]]]] = {
    plex.TYPE: plex_listing.listed_files,
    emby.TYPE: emby_listing.listed_files,
    jellyfin.TYPE: jellyfin_listing.listed_files,
}

# In the order in which the universal endpoint asks them; shapes that are certain come before loose ones.
SOURCES: tuple[Source, ...] = (
    radarr.SOURCE,
    sonarr.SOURCE,
    plex_webhook.SOURCE,
    emby_webhook.SOURCE,
    jellyfin_webhook.SOURCE,
    custom.SOURCE,
    autoscan.SOURCE,
)


def media_server(server: Server, http: httpx.AsyncClient) -> MediaServer:
    """A connection to a configured server.

    Raises:
        Reject: code VALIDATION_ERROR, no vendor of that type.
    """
    connect = SERVERS.get(server.type)
    if connect is None:
        raise Reject(f"no vendor of type {server.type!r}", code="VALIDATION_ERROR")
    return connect(server, http)


def planned_outputs(server: Server, target: PublishTarget) -> tuple[str, ...]:
    """Where the server's outputs for the file would go, without asking it anything; unknown parts in angle brackets."""
    describe = PLANNED.get(server.type)
    return describe(server, target) if describe else ()


def planned_calls(server: Server, target: PublishTarget) -> tuple[PlannedCall, ...]:
    """What the server would be told about the file, and when, without asking it anything."""
    describe = CALLS.get(server.type)
    return describe(server, target) if describe else ()


async def listed_files(server: Server, http: httpx.AsyncClient, limit: int) -> list[ListedFile]:
    """A sample of the files that the server knows, in its own spelling.

    Raises:
        Reject: code VALIDATION_ERROR, servers of this type have no list of their own; else as the exchange does.
        Retry: as the exchange does.
    """
    listing = LISTINGS.get(server.type)
    if listing is None:
        raise Reject(f"a server of type {server.type!r} has no list of its own", code="VALIDATION_ERROR")
    return await listing(server, http, limit)


def source(name: str) -> Source | None:
    """The source whose endpoint is called `name`."""
    return next((one for one in SOURCES if one.name == name), None)


def recognise(payload: Mapping[str, object]) -> Source | None:
    """Which source sends payloads of this shape; None when none is known to."""
    return next((one for one in SOURCES if one.recognises(payload)), None)


__all__ = [
    "API_KEYS",
    "CALLS",
    "LISTINGS",
    "PASSWORDS",
    "PLANNED",
    "QUICK_CONNECT",
    "SERVERS",
    "SOURCES",
    "Approval",
    "FoundPlexServer",
    "PlexAccount",
    "PlexAddresses",
    "PlexMethod",
    "PlexPlace",
    "PlexStanding",
    "SignedIn",
    "Source",
    "Understood",
    "Visit",
    "listed_files",
    "media_server",
    "planned_calls",
    "planned_outputs",
    "recognise",
    "source",
]
