"""The folder server as the publisher sees it: everything is a question of paths."""

import asyncio
from pathlib import Path

from framewright.contracts.server import Server, server_paths
from framewright.domain.errors import Reject
from framewright.domain.frames import Rendition
from framewright.domain.media import is_under, segments, shorten
from framewright.domain.ownership import Library, to_local
from framewright.domain.publishing import Located, PublishTarget, ServerIdentity
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

    async def rendition(self, wanted: Rendition) -> Rendition:
        """As wanted: WebVTT says its own times and sizes."""
        return wanted

    async def outputs(self, target: PublishTarget) -> Located:
        """The WebVTT folder and the extra formats.

        Raises:
            Reject: the output folder is not configured or not there (OUTPUT_ROOT_MISSING); no library holds the
                file (NOT_OWNED).
        """
        place = await self._place(target)
        found = layout.outputs(target.local_path, place, target.rendition, self._server.output.formats)
        return Located(found, lock=target.local_path)

    async def refresh(self, target: PublishTarget, located: Located) -> str:  # noqa: ARG002 - nobody is told
        """Nothing: whoever reads the folder sees the files."""
        return "nobody to tell: the folder itself is the server"

    async def aclose(self) -> None:
        """Nothing to release."""

    async def _place(self, target: PublishTarget) -> layout.Place:
        if self._server.output.save_with_media:
            return layout.beside_media(target.local_path)
        name, root = self._server.name or self._server.id, self._server.output.folder
        if not root or not await asyncio.to_thread(Path(root).is_dir):
            raise Reject(f"{name}: output.folder is not set or there is no such folder", code=OUTPUT_ROOT_MISSING)
        library_root = self._library_root(target)
        place = layout.mirrored(target.local_path, library_root, root) if library_root else None
        if place is None:
            raise Reject(f"{name}: no library holds {shorten(target.local_path)}", code="NOT_OWNED")
        return place

    def _library_root(self, target: PublishTarget) -> str:
        """The longest local root above the file, of the named library where one is named; empty when there is none."""
        paths = server_paths(self._server)
        named = [library for library in paths.libraries if library.id == target.library_id] or paths.libraries
        roots = [root for library in named for remote in library.remote_paths for root in to_local(paths, remote)]
        holding = [root for root in roots if is_under(target.local_path, root)]
        return max(holding, key=lambda root: len(segments(root)), default="")
