"""A Jellyfin server as the publisher sees it.

The server's own options decide interval, width, sheet layout and place: tiles that differ from them are shown at the
wrong times or not at all. For tiles beside the video the order is write first, then notify, because a server that
extracts during its scan starts its own ffmpeg where it finds nothing. Where the server would delete the tiles, or show them by
a row that was made for others, `hindrance` says so and nothing is written.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import httpx

from framewright.contracts.server import Server
from framewright.domain.errors import NotIndexed, Reject
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
from framewright.vendors import exchange, readback
from framewright.vendors.exchange import Call
from framewright.vendors.jellyfin import adopting, layout, manifest
from framewright.vendors.jellyfin.adopting import Exhibit
from framewright.vendors.jellyfin.client import JellyfinClient
from framewright.vendors.jellyfin.lookup import Lookup
from framewright.vendors.jellyfin.manifest import ShownItem
from framewright.vendors.jellyfin.wishes import Wishes
from framewright.vendors.mediabrowser import dialect

T = TypeVar("T")

NOT_LOOKED_AT = "the library keeps trickplay in the server's data folder: turn on its SaveTrickplayWithMedia, or set jellyfin_config_folder"

OPTIONS_TTL = 300.0
"""Seconds for which the server's options are taken as read."""


class JellyfinServer:
    """Fulfils `framewright.domain.ports.MediaServer`; `clock` gives monotonic seconds."""

    def __init__(self, server: Server, http: httpx.AsyncClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._client = JellyfinClient(server, http)
        self._lookup = Lookup(self._client, clock)
        self._clock = clock
        self._wishes: Wishes | None = None
        self._registered: set[tuple[str, int]] = set()

    async def identify(self) -> ServerIdentity:
        """Id, name and version; the token is shown only to the configured server."""
        return await self._client.identity()

    async def libraries(self) -> list[Library]:
        """The libraries that may hold video."""
        return dialect.video_libraries(await self._client.folders())

    async def renditions(self, wanted: Rendition) -> tuple[Rendition, ...]:
        """The server's own interval at each of its own widths."""
        return (await self._read_wishes()).renditions(wanted)

    async def outputs(self, target: PublishTarget) -> Located:
        """A tile folder for each width, beside the video or in the server's data folder, as the library is set.

        A library set to the data folder gets its tiles beside the video all the same while that folder is not configured
        here; the note says that the server will not look there until one of the two settings changes.

        Raises:
            NotIndexed: the data folder is named by the item's id and the server does not know the file yet.
            Reject: the server's data folder is needed and not configured or not there (OUTPUT_ROOT_MISSING).
        """
        wishes = await self._read_wishes()
        renditions, with_media = wishes.fitted(target), wishes.with_media(target)
        ours = self._server.output
        unreachable = with_media is False and ours.save_with_media and not ours.jellyfin_config_folder
        if unreachable or (ours.save_with_media if with_media is None else with_media):
            outputs = tuple(layout.adjacent(target.local_path, one, wishes.tiles) for one in renditions)
            return Located(outputs, note=NOT_LOOKED_AT if unreachable else "")
        await self._require_root()
        item_id, root = await self._indexed(target), ours.jellyfin_config_folder
        return Located(tuple(layout.off_media(root, item_id, one, wishes.tiles) for one in renditions), item_id)

    async def hindrance(self, target: PublishTarget, located: Located) -> Hindrance | None:
        """Tiles would be deleted; or good ones lie there whose row says another interval or layout and never changes.

        The server is asked for its rows only where tiles of a width lie already.
        """
        wishes = await self._read_wishes()
        if deleted := wishes.hindrance(target):
            return deleted
        there = [one for one in located.outputs if wishes.keeps_rows and await readback.has_width(one.path)]
        if not there:
            return None
        paths = dialect.spellings(target)
        item_id = located.item_id or await self._lookup.thorough(paths, target.library_id)
        item = await self._listed(item_id, paths) if item_id else None
        return manifest.held(item.rows(item_id), there, wishes.major) if item else None

    async def refresh(self, target: PublishTarget, located: Located) -> str:
        """Report the video file, then refresh its item and register its tiles where the server knows it already."""
        paths = dialect.spellings(target)
        told: list[Call | None] = [await self._client.report_created(paths[0])]
        item_id = located.item_id or await self._lookup.quick(paths)
        if item_id:
            told.append(await self._client.refresh_item(item_id))
            told += await self._register(item_id, target, located)
        return ", ".join(str(call) for call in told if call is not None)

    async def showing(self, target: PublishTarget, located: Located, written: Sequence[Written]) -> Showing:
        """Shown when the manifest has the right row for each width and the server gives our sheets."""
        paths = dialect.spellings(target)
        item_id = located.item_id or await self._lookup.quick(paths)
        if not item_id:
            return Showing(ShowingState.NOT_YET, adopting.UNKNOWN)
        wishes, item = await self._read_wishes(), await self._listed(item_id, paths)
        exhibits = (
            Exhibit(item_id, target, output, content, wishes, located.note)
            for output, content in zip(located.outputs, written, strict=True)
        )
        return adopting.together([await self._shown(exhibit, item) for exhibit in exhibits])

    async def remind(self, target: PublishTarget, located: Located) -> str:
        """Register the tiles with the plugin, or refresh the item where that makes the server look at them.

        A file that the server does not know yet is reported again.
        """
        paths = dialect.spellings(target)
        item_id = located.item_id or await self._lookup.quick(paths)
        if not item_id:
            return str(await self._client.report_created(paths[0]))
        if registered := await self._register(item_id, target, located):
            return ", ".join(map(str, registered))
        if (await self._read_wishes()).waits_for_the_day(target):
            return ""
        return str(await self._client.refresh_item(item_id) or "")

    async def aclose(self) -> None:
        """Nothing to release: the HTTP client belongs to whoever gave it."""

    @property
    def _name(self) -> str:
        return self._server.name or self._server.id

    async def _shown(self, exhibit: Exhibit, item: ShownItem | None) -> Showing:
        """What the plugin can put right is not yet wrong for good: it is asked once for each width of an item."""
        found = await adopting.shown(self._client, exhibit, item)
        key = (exhibit.item_id, exhibit.output.rendition.width)
        if found.state is ShowingState.MISALIGNED and exhibit.wishes.bridged and key not in self._registered:
            return Showing(ShowingState.NOT_YET, f"{found.reason}; the plugin is asked to put it right")
        return found

    async def _listed(self, version_id: str, paths: tuple[str, ...]) -> ShownItem | None:
        """The item that lists the version: the version itself, but since 12.0 a further one is listed by its item alone."""
        item = await self._client.shown_item(version_id)
        if item is not None:
            return item
        owner = await self._lookup.owner(version_id, paths)
        return await self._client.shown_item(owner) if owner else None

    async def _read_wishes(self) -> Wishes:
        wishes = self._wishes
        if wishes is None or self._clock() - wishes.read_at >= OPTIONS_TTL:
            options = await _told(self._client.trickplay_options())
            folders = await _told(self._client.folders())
            identity = await _told(self._client.system_info())
            bridged = await _told(self._client.bridged())
            major = _major(identity.version if identity else "")
            wishes = self._wishes = Wishes(options, folders or (), self._clock(), major, bool(bridged))
        return wishes

    async def _register(self, item_id: str, target: PublishTarget, located: Located) -> list[Call]:
        """Have the plugin write the row of each width; no calls where it is not installed or does not want to."""
        wishes, calls = await self._read_wishes(), list[Call]()
        for output in located.outputs if wishes.bridged else ():
            written = Written(output.rendition.interval_ms, output.rendition.width)
            call = await adopting.registered(self._client, Exhibit(item_id, target, output, written, wishes))
            if call is not None:
                calls.append(call)
                self._registered.add((item_id, output.rendition.width))
        return calls

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
            raise NotIndexed(f"{self._name}: {shorten(target.local_path)} is not indexed yet")
        return found


def _major(version: str) -> int:
    """The first number of a version; 0 when there is none."""
    first = version.partition(".")[0]
    return int(first) if first.isascii() and first.isdigit() else 0


async def _told(question: Awaitable[T]) -> T | None:
    """The answer, None when this server does not know the question (an older version, or a stand-in)."""
    try:
        return await question
    except Reject as error:
        if error.code != exchange.REFUSED:
            raise
        return None
