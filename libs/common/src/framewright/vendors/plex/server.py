"""A Plex server as the publisher sees it.

Plex finds previews by the hash of the media part, so a file must be indexed before its output has a place. Writing the
file is not enough: `refresh` has the item analysed, and only then do players see it. `showing` asks for both: the flag that
players go by, and single thumbnails, which must be the very pictures of the file.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx

from framewright.contracts.server import Server
from framewright.domain.errors import NotIndexed, Outdated, Reject
from framewright.domain.frames import Rendition
from framewright.domain.media import is_under, segments, shorten
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
from framewright.vendors.plex import layout
from framewright.vendors.plex.client import ITEM_TYPES, Part, PlexClient, Section, ShownPart

ADOPTED = "sd"
"""What Plex adds to a part's `indexes` once it has noticed the preview file."""

FLAGLESS = "Plex adopts the file when it analyses the item, which it is asked to do"

STALE = "Plex still shows earlier previews: it keeps them in memory until it is restarted"


class PlexServer:
    """Fulfils `framewright.domain.ports.MediaServer`."""

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self._server = server
        self._client = PlexClient(server, http)

    async def identify(self) -> ServerIdentity:
        """Machine identifier, friendly name and version; the token is shown only to the configured server."""
        known = exchange.verified(self._server, await self._client.identity())
        return ServerIdentity(known.id, await self._client.friendly_name(), known.version)

    async def libraries(self) -> list[Library]:
        """Movie and show sections."""
        return [
            Library(section.key, section.title, section.kind, section.locations)
            for section in await self._client.sections()
            if section.kind in ITEM_TYPES
        ]

    async def renditions(self, wanted: Rendition) -> tuple[Rendition, ...]:
        """As wanted: a Plex preview file says its own interval and size."""
        return (wanted,)

    async def outputs(self, target: PublishTarget) -> Located:
        """The index file in the part's bundle.

        Raises:
            NotIndexed: Plex does not know the file or has not hashed it, or the item that is meant does not hold it; nothing was
                asked of it.
            Outdated: Plex knows a file of another size at this path, whose bundle is not ours to write to.
            Reject: the data folder is not configured or not there (OUTPUT_ROOT_MISSING).
        """
        await self._require_root()
        part = await (self._part_of_item(target) if target.item_id else self._part_of_any(target))
        output = layout.index_file(self._server.output.plex_config_folder, part.hash, target.rendition)
        return Located((output,), item_id=part.item_id)

    async def hindrance(self, target: PublishTarget, located: Located) -> Hindrance | None:  # noqa: ARG002
        """None: Plex takes the file as it is."""
        return None

    async def refresh(self, target: PublishTarget, located: Located) -> str:
        """Have the item analysed, which makes Plex adopt the file that lies in its bundle."""
        item_id = located.item_id or (await self.outputs(target)).item_id
        return str(await self._client.analyze(item_id))

    async def showing(self, target: PublishTarget, located: Located, written: Sequence[Written]) -> Showing:  # noqa: ARG002
        """Shown when the part is flagged and some of its thumbnails are byte by byte those of the file."""
        parts = await self._client.shown_parts(located.item_id)
        wanted = [segments(path) for path in target.remote_paths]
        part = next((part for part in parts if segments(part.file) in wanted), None)
        if part is None:
            return Showing(ShowingState.NOT_YET, "Plex does not list the file at present")
        if ADOPTED not in part.indexes.split(","):
            return Showing(ShowingState.NOT_YET, FLAGLESS)
        return await self._compared(part, located)

    async def remind(self, target: PublishTarget, located: Located) -> str:  # noqa: ARG002
        """Have the item analysed again; the preview file is left as it is."""
        return str(await self._client.analyze(located.item_id))

    async def aclose(self) -> None:
        """Nothing to release: the HTTP client belongs to whoever gave it."""

    @property
    def _name(self) -> str:
        return self._server.name or self._server.id

    async def _compared(self, part: ShownPart, located: Located) -> Showing:
        bif = await readback.our_bif(located.outputs[0].path)
        chosen = readback.samples(len(bif.frames))
        for number in chosen:
            moment = bif.times_ms[number]
            shown = await self._client.thumbnail(part.id, moment)
            if shown is None:
                reason = f"Plex has flagged the file and gives no thumbnail at {readback.clock_text(moment)}"
                return Showing(ShowingState.NOT_YET, reason)
            if shown != bytes(bif.frames[number]):
                return Showing(ShowingState.NOT_YET, STALE)
        proof = f"{len(chosen)} of {len(bif.frames)} thumbnails were read back as they were written"
        return Showing(ShowingState.SHOWN, f"Plex shows the previews: {proof}")

    async def _require_root(self) -> None:
        config_folder = self._server.output.plex_config_folder
        if not config_folder:
            raise Reject(f"{self._name}: plex_config_folder is not set", code=exchange.OUTPUT_ROOT_MISSING)
        root = layout.bundles_root(config_folder)
        if not await asyncio.to_thread(Path(root).is_dir):
            raise Reject(f"{self._name}: there is no folder {root}", code=exchange.OUTPUT_ROOT_MISSING)

    async def _part_of_item(self, target: PublishTarget) -> Part:
        wanted = [segments(path) for path in target.remote_paths]
        held = [part for part in await self._client.parts_of(target.item_id) if segments(part.file) in wanted]
        if not held:
            said = f"the item {shorten(target.item_id)} does not hold {shorten(target.local_path)}"
            raise NotIndexed(f"{self._name}: {said}")
        for part in held:
            if len(part.hash) >= layout.SHORTEST_HASH:
                return part
        raise NotIndexed(f"{self._name}: {shorten(target.local_path)} is not read yet")

    async def _part_of_any(self, target: PublishTarget) -> Part:
        sections = _sections_for(target, await self._client.sections())
        for remote in target.remote_paths:
            for section in sections:
                part = await self._part_in(section, remote, target.size)
                if part is not None:
                    return part
        known = "" if sections else "; no section of the server holds it"
        raise NotIndexed(f"{self._name}: {shorten(target.local_path)} is not indexed yet{known}")

    async def _part_in(self, section: Section, remote: str, size: int) -> Part | None:
        """The hashed part of exactly this path; several items may hold it, and the same hash then."""
        wanted = segments(remote)
        named = await self._client.parts_named(section, layout.file_name(remote))
        ours = [part for part in named if segments(part.file) == wanted]
        if size and any(part.size not in {0, size} for part in ours):
            raise Outdated(f"{self._name}: Plex still knows an earlier version of {shorten(remote)}")
        for item_id in dict.fromkeys(part.item_id for part in ours):
            for part in await self._client.parts_of(item_id):
                if segments(part.file) == wanted and len(part.hash) >= layout.SHORTEST_HASH:
                    return part
        return None


def _sections_for(target: PublishTarget, sections: list[Section]) -> list[Section]:
    """The section that ownership named; else every one with a location above the file (two may share a folder)."""
    video = [section for section in sections if section.kind in ITEM_TYPES]
    named = [section for section in video if section.key == target.library_id]
    return named or [section for section in video if _holds(section, target.remote_paths)]


def _holds(section: Section, paths: tuple[str, ...]) -> bool:
    return any(is_under(path, place) for path in paths for place in section.locations)
