"""An Emby server as the publisher sees it: the output lies beside the video and needs no id."""

import httpx

from framewright.contracts.server import Server
from framewright.domain.frames import Rendition
from framewright.domain.ownership import Library
from framewright.domain.publishing import Located, PublishTarget, ServerIdentity
from framewright.vendors import exchange
from framewright.vendors.emby import layout
from framewright.vendors.emby.client import EmbyClient
from framewright.vendors.mediabrowser import dialect


class EmbyServer:
    """Fulfils `framewright.domain.ports.MediaServer`."""

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self._server = server
        self._client = EmbyClient(server, http)

    async def identify(self) -> ServerIdentity:
        """Id, name and version; raises `Reject` when another server than the configured one answers."""
        return exchange.verified(self._server, await self._client.system_info())

    async def libraries(self) -> list[Library]:
        """The libraries that may hold video."""
        return dialect.video_libraries(await self._client.folders())

    async def rendition(self, wanted: Rendition) -> Rendition:
        """As wanted: the file name says width and interval."""
        return wanted

    async def outputs(self, target: PublishTarget) -> Located:
        """The sidecar; no request is sent."""
        return Located((layout.sidecar(target.local_path, target.rendition),))

    async def refresh(self, target: PublishTarget, located: Located) -> str:
        """Report the video file, then refresh its item where the server knows it already."""
        paths = dialect.spellings(target)
        told = [await self._client.report_updated(paths[0])]
        item_id = located.item_id or await self._client.item_id(paths)
        if item_id and (refreshed := await self._client.refresh_item(item_id)):
            told.append(refreshed)
        return ", ".join(map(str, told))

    async def aclose(self) -> None:
        """Nothing to release: the HTTP client belongs to whoever gave it."""
