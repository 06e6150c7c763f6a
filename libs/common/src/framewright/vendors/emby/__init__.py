"""Emby Server: previews are BIF files beside the video, found when the item is scanned or refreshed."""

import httpx

from framewright.contracts.server import Server
from framewright.domain.ports import MediaServer
from framewright.vendors.emby.server import EmbyServer

TYPE = "emby"


def connect(server: Server, http: httpx.AsyncClient) -> MediaServer:
    """The connection to a configured server; no request is sent yet."""
    return EmbyServer(server, http)
