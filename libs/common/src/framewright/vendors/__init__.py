"""Every vendor, registered in one table: media servers that are written to, and sources that send events.

A vendor is a folder. Adding one is its folder and one line here; nothing else in the system names a vendor.
"""

from collections.abc import Callable, Mapping

import httpx

from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.domain.ports import MediaServer
from framewright.domain.publishing import PublishTarget
from framewright.vendors import autoscan, custom, emby, folder, jellyfin, plex, radarr, sonarr
from framewright.vendors.emby import layout as emby_layout
from framewright.vendors.emby import webhook as emby_webhook
from framewright.vendors.folder import layout as folder_layout
from framewright.vendors.jellyfin import layout as jellyfin_layout
from framewright.vendors.jellyfin import webhook as jellyfin_webhook
from framewright.vendors.plex import layout as plex_layout
from framewright.vendors.plex import webhook as plex_webhook
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


def source(name: str) -> Source | None:
    """The source whose endpoint is called `name`."""
    return next((one for one in SOURCES if one.name == name), None)


def recognise(payload: Mapping[str, object]) -> Source | None:
    """Which source sends payloads of this shape; None when none is known to."""
    return next((one for one in SOURCES if one.recognises(payload)), None)


__all__ = [
    "PLANNED",
    "SERVERS",
    "SOURCES",
    "Source",
    "Understood",
    "media_server",
    "planned_outputs",
    "recognise",
    "source",
]
