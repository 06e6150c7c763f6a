"""The work queue, the disk, and the servers' own wishes."""

import asyncio
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import httpx
import structlog

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.outgoing import Outgoing
from framewright.contracts.base import decode
from framewright.contracts.catalogue import JOBS
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError, Retry
from framewright.domain.frames import Rendition
from framewright.domain.media import is_video, shorten
from framewright.router.domain import MOST_FILES_OF_A_FOLDER, Occupant
from framewright.vendors import media_server

log = structlog.get_logger("router")


class JobQueue:
    """The JOBS stream: the guard keeps one message per path over every lane and class."""

    def __init__(self, bus: Bus, locks: Bucket) -> None:
        self._bus = bus
        self._outgoing = Outgoing(bus)
        self._locks = locks

    async def offer(self, request: ExtractRequestedV1) -> bool:
        """See `Queue.offer`."""
        return await self._outgoing.offer(request)

    async def occupant(self, request: ExtractRequestedV1) -> Occupant | None:
        """See `Queue.occupant`."""
        found = await self._bus.get_matching(JOBS.name, request.guard())
        return None if found is None else Occupant(found[0], decode(ExtractRequestedV1, found[1]))

    async def in_work(self, request: ExtractRequestedV1) -> bool:
        """See `Queue.in_work`: the extractor's lease on the path."""
        return await self._locks.get(f"extract.{request.path_id}") is not None

    async def replace(self, occupant: Occupant, request: ExtractRequestedV1) -> None:
        """See `Queue.replace`; both being there for a moment costs at most a second look at a fresh file."""
        await self._outgoing.send_beside(request)
        await self._bus.delete_message(JOBS.name, occupant.sequence)


class MountedDisk:
    """The media as this machine sees it; nothing outside the media root is ever looked at."""

    def __init__(self, media_root: str) -> None:
        self._root = Path(media_root).resolve()

    async def first_existing(self, paths: Sequence[str]) -> str | None:
        """See `Disk.first_existing`; in a thread, because a hung network mount must not stop the router."""
        return await asyncio.to_thread(lambda: next((path for path in paths if self._exists(path)), None))

    async def videos(self, folder: str) -> list[str] | None:
        """See `Disk.videos`; bounded, in name order, links to folders not followed."""
        return await asyncio.to_thread(self._videos, folder)

    def _exists(self, path: str) -> bool:
        try:
            mode = Path(path).stat().st_mode
        except (OSError, ValueError):
            return False
        return self._inside(path) and (stat.S_ISREG(mode) or stat.S_ISDIR(mode))

    def _videos(self, folder: str) -> list[str] | None:
        if not Path(folder).is_dir() or not self._inside(folder):
            return None
        try:
            os.scandir(folder).close()
        except OSError as error:
            raise Retry(f"{shorten(folder)} cannot be read: {error.strerror}", code="UNREADABLE") from error
        found = list(islice(_walk(folder), MOST_FILES_OF_A_FOLDER + 1))
        if len(found) > MOST_FILES_OF_A_FOLDER:
            log.warning("the folder holds too many videos for one event", folder=folder, taken=MOST_FILES_OF_A_FOLDER)
        return found[:MOST_FILES_OF_A_FOLDER]

    def _inside(self, path: str) -> bool:
        return self._root == Path("/") or Path(path).resolve().is_relative_to(self._root)


class Renditions:
    """What each server really shows, asked of it at most every five minutes; a server that is down delays nobody."""

    TTL = 300.0
    PATIENCE = 2.0

    def __init__(self, http: Callable[[Server], httpx.AsyncClient]) -> None:
        self._http = http
        self._known: dict[tuple[Server, Rendition], tuple[float, Rendition]] = {}

    async def of(self, server: Server, wanted: Rendition) -> Rendition:
        """The server's own answer, the last known one while it is silent, else what is wanted."""
        key = (server, wanted)
        asked, known = self._known.get(key, (0.0, wanted))
        if asked and time.monotonic() - asked < self.TTL:
            return known
        try:
            connection = media_server(server, self._http(server))
            known = await asyncio.wait_for(connection.rendition(wanted), self.PATIENCE)
        except (FramewrightError, TimeoutError) as error:
            log.warning("server did not say what it shows", server=server.name, reason=str(error))
        self._known[key] = (time.monotonic(), known)
        return known


def _walk(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(filter(_is_shown, folders))
        yield from (f"{parent}/{name}" for name in sorted(files) if is_video(name) and _is_shown(name))


def _is_shown(name: str) -> bool:
    """Hidden files are not, nor are names that are not UTF-8 (lone surrogates, PEP 383): no message can carry them."""
    return not name.startswith(".") and not any("\ud800" <= char <= "\udfff" for char in name)
