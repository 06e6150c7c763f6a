"""The built-in server over a directory: no HTTP, WebVTT previews for web players, other formats on request."""

import httpx

from framewright.contracts.server import Server
from framewright.domain.ports import MediaServer
from framewright.vendors.folder import calls, health, layout, places
from framewright.vendors.folder.server import FolderServer
from framewright.vendors.vendor import Vendor


def _connect(server: Server, _http: httpx.AsyncClient) -> MediaServer:
    """The configured folder; nobody is called."""
    return FolderServer(server)


VENDOR = Vendor(
    type="folder",
    connect=_connect,
    planned=layout.planned,
    calls=calls.planned_calls,
    auditor=health.auditor,
    place=places.place,
    video_stem=places.video_stem,
)
