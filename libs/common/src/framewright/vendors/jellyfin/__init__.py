"""Jellyfin: previews are trickplay tiles beside the video or in the server's data folder, catalogued by the server."""

import httpx

from framewright.contracts.server import Server
from framewright.domain.ports import MediaServer
from framewright.vendors.jellyfin.server import JellyfinServer

TYPE = "jellyfin"


def connect(server: Server, http: httpx.AsyncClient) -> MediaServer:
    """The connection to a configured server; no request is sent yet."""
    return JellyfinServer(server, http)
