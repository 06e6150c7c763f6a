"""Plex Media Server: previews are BIF files in the bundle of the media part, adopted when the item is analysed."""

import httpx

from framewright.contracts.server import Server
from framewright.domain.ports import MediaServer
from framewright.vendors.plex.server import PlexServer

TYPE = "plex"


def connect(server: Server, http: httpx.AsyncClient) -> MediaServer:
    """The connection to a configured server; no request is sent yet."""
    return PlexServer(server, http)
