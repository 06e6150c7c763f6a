"""A Jellyfin server as the publisher sees it.

The server's own options decide interval, width, sheet layout and place: tiles that differ from them are shown at the
wrong times or not at all. For tiles beside the video the order is write first, then notify, because a server that
extracts during its scan starts its own ffmpeg where it finds nothing.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from framewright.contracts.server import Server
from framewright.domain.errors import NotIndexed, Reject
from framewright.domain.frames import Rendition
from framewright.domain.media import is_under, segments, shorten
from framewright.domain.ownership import Library
from framewright.domain.publishing import Located, PublishTarget, ServerIdentity
from framewright.vendors import exchange
from framewright.vendors.jellyfin import layout
from framewright.vendors.jellyfin.client import JellyfinClient, TrickplayOptions
from framewright.vendors.jellyfin.lookup import Lookup
from framewright.vendors.mediabrowser import dialect
from framewright.vendors.mediabrowser.dialect import VirtualFolder

OPTIONS_TTL = 300.0
"""Seconds for which the server's options are taken as read."""


class _Wishes:
    """What the server is set to, as last read."""

    def __init__(self, options: TrickplayOptions, folders: tuple[VirtualFolder, ...], read_at: float) -> None:
        self.options = options
        self.folders = folders
        self.read_at = read_at

    @property
    def tiles(self) -> tuple[int, int]:
        return self.options.tile_width, self.options.tile_height

    def rendition(self, wanted: Rendition) -> Rendition:
        """The server's interval always; the wanted width where the server has it, else the server's first."""
        widths = self.options.widths or (wanted.width,)
        width = wanted.width if wanted.width in widths else widths[0]
        return Rendition(width - width % 2, self.options.interval_ms)

    def with_media(self, target: PublishTarget) -> bool | None:
        """Whether the file's library keeps tiles beside the video; None when no library is known to hold the file."""
        for folder in self.folders:
            if folder.options is not None and target.library_id and folder.item_id == target.library_id:
                return folder.options.save_trickplay_with_media
        holding = [
            (len(segments(place)), folder.options.save_trickplay_with_media)
            for folder in self.folders
            for place in folder.locations or ()
            if folder.options is not None and any(is_under(path, place) for path in target.remote_paths)
        ]
        return max(holding)[1] if holding else None


class JellyfinServer:
    """Fulfils `framewright.domain.ports.MediaServer`; `clock` gives monotonic seconds."""

    def __init__(self, server: Server, http: httpx.AsyncClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._client = JellyfinClient(server, http)
        self._lookup = Lookup(self._client, clock)
        self._clock = clock
        self._wishes: _Wishes | None = None

    async def identify(self) -> ServerIdentity:
        """Id, name and version; raises `Reject` when another server than the configured one answers."""
        return exchange.verified(self._server, await self._client.system_info())

    async def libraries(self) -> list[Library]:
        """The libraries that may hold video."""
        return dialect.video_libraries(await self._client.folders())

    async def rendition(self, wanted: Rendition) -> Rendition:
        """The server's own interval, and its own width unless the wanted one is among them."""
        return (await self._read_wishes()).rendition(wanted)

    async def outputs(self, target: PublishTarget) -> Located:
        """The tile folder, beside the video or in the server's data folder, as the library is set.

        Raises:
            NotIndexed: the data folder is named by the item's id and the server does not know the file yet.
            Reject: the server's data folder is needed and not configured or not there (OUTPUT_ROOT_MISSING).
        """
        wishes = await self._read_wishes()
        rendition = wishes.rendition(target.rendition)
        with_media = wishes.with_media(target)
        if self._server.output.save_with_media if with_media is None else with_media:
            output = layout.adjacent(target.local_path, rendition, wishes.tiles)
            return Located((output,), lock=target.local_path)
        await self._require_root()
        item_id = await self._indexed(target)
        config_folder = self._server.output.jellyfin_config_folder
        return Located((layout.off_media(config_folder, item_id, rendition, wishes.tiles),), item_id, lock=item_id)

    async def refresh(self, target: PublishTarget, located: Located) -> str:
        """Report the video file, then refresh its item where the server knows it already."""
        paths = dialect.spellings(target)
        told = [await self._client.report_created(paths[0])]
        item_id = located.item_id or await self._lookup.quick(paths)
        if item_id and (refreshed := await self._client.refresh_item(item_id)):
            told.append(refreshed)
        return ", ".join(map(str, told))

    async def aclose(self) -> None:
        """Nothing to release: the HTTP client belongs to whoever gave it."""

    @property
    def _name(self) -> str:
        return self._server.name or self._server.id

    async def _read_wishes(self) -> _Wishes:
        wishes = self._wishes
        if wishes is None or self._clock() - wishes.read_at >= OPTIONS_TTL:
            options, folders = await self._client.trickplay_options(), await self._client.folders()
            wishes = self._wishes = _Wishes(options, folders, self._clock())
        return wishes

    async def _require_root(self) -> None:
        config_folder = self._server.output.jellyfin_config_folder
        if not config_folder:
            wanted = "its library keeps previews in the server's data folder, but jellyfin_config_folder is not set"
            raise Reject(f"{self._name}: {wanted}", code=exchange.OUTPUT_ROOT_MISSING)
        root = layout.data_root(config_folder)
        if not await asyncio.to_thread(Path(root).is_dir):
            raise Reject(f"{self._name}: there is no folder {root}", code=exchange.OUTPUT_ROOT_MISSING)

    async def _indexed(self, target: PublishTarget) -> str:
        paths = dialect.spellings(target)
        found = await self._lookup.thorough(paths, target.library_id)
        if not found:
            told = await self._client.report_created(paths[0])
            raise NotIndexed(f"{self._name}: {shorten(target.local_path)} is not indexed yet; asked by {told}")
        return found
