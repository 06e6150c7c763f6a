"""The built-in server over a directory: no HTTP, WebVTT previews for web players, other formats on request."""

import httpx

from framewright.contracts.server import Server
from framewright.domain.ports import MediaServer
from framewright.vendors.folder.server import FolderServer

TYPE = "folder"


def connect(server: Server, http: httpx.AsyncClient) -> MediaServer:  # noqa: ARG001 - every vendor connects alike
    """The configured folder; the HTTP client is not used."""
    return FolderServer(server)
