"""The folder server as the publisher sees it: everything is a question of paths."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.domain.frames import Rendition
from framewright.domain.media import shorten
from framewright.domain.ownership import Library
from framewright.domain.publishing import (
    Hindrance,
    Located,
    PublishTarget,
    ServerIdentity,
    Showing,
    ShowingState,
    Written,
)
from framewright.vendors.exchange import OUTPUT_ROOT_MISSING
from framewright.vendors.folder import layout

VERSION = "1"
"""Of the layout on disk."""


class FolderServer:
    """Fulfils `framewright.domain.ports.MediaServer` without a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def identify(self) -> ServerIdentity:
        """The configured id and name: nobody else can answer."""
        return ServerIdentity(self._server.id, self._server.name, VERSION)

    async def libraries(self) -> list[Library]:
        """The configured roots."""
        return list(self._server.libraries)

    async def renditions(self, wanted: Rendition) -> tuple[Rendition, ...]:
        """As wanted: WebVTT says its own times and sizes."""
        return (wanted,)

    async def outputs(self, target: PublishTarget) -> Located:
        """The WebVTT folder and the extra formats.

        Raises:
            Reject: the output folder is not configured or not there (OUTPUT_ROOT_MISSING); no library holds the
                file (NOT_OWNED).
        """
        place = await self._place(target)
        found = layout.outputs(target.local_path, place, target.rendition, self._server.output.formats)
        return Located(found)

    async def hindrance(self, target: PublishTarget, located: Located) -> Hindrance | None:  # noqa: ARG002
        """None: nobody else writes there."""
        return None

    async def refresh(self, target: PublishTarget, located: Located) -> str:  # noqa: ARG002 - nobody is told
        """Nothing: whoever reads the folder sees the files."""
        return "nobody to tell: the folder itself is the server"

    async def showing(self, target: PublishTarget, located: Located, written: Sequence[Written]) -> Showing:  # noqa: ARG002
        """Nobody can be asked: what lies in the folder is what is shown."""
        return Showing(ShowingState.CANNOT_BE_ASKED, "the folder itself is the server")

    async def remind(self, target: PublishTarget, located: Located) -> str:  # noqa: ARG002
        """Nobody to remind."""
        return ""

    async def aclose(self) -> None:
        """Nothing to release."""

    async def _place(self, target: PublishTarget) -> layout.Place:
        output = self._server.output
        name = self._server.name or self._server.id
        if not output.save_with_media and not (output.folder and await asyncio.to_thread(Path(output.folder).is_dir)):
            raise Reject(f"{name}: output.folder is not set or there is no such folder", code=OUTPUT_ROOT_MISSING)
        place = layout.place_for(self._server, target)
        if place is None:
            raise Reject(f"{name}: no library holds {shorten(target.local_path)}", code="NOT_OWNED")
        return place
