"""Which folder stands for a path that changed, how often a whole library may be scanned, and who waits for a path."""

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from framewright.chassis.bus import Bucket, Bus
from framewright.contracts.catalogue import PUBLISH, ServerQueue
from framewright.contracts.publish import ChangedPath
from framewright.contracts.server import Server, server_paths
from framewright.contracts.settings import Refresh
from framewright.domain.media import folder, is_under, is_video, media_id
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import ServerPaths, to_local
from framewright.publisher.domain.refreshing import LOOK


class RootScans:
    """Leave to scan a whole library, given once in `root_scan_minutes` to whichever replica asks first."""

    def __init__(self, locks: Bucket, settings: Callable[[], Refresh]) -> None:
        self._locks = locks
        self._settings = settings

    async def may_scan(self, server_id: str, library_id: str) -> bool:
        """Whether the library may be scanned now; the answer yes is given once.

        Raises:
            Retry: the bus is out of reach.
        """
        key = f"root-scan.{server_id}.{media_id(library_id)}"
        seconds = self._settings().root_scan_minutes * 60
        return await self._locks.lease(key, uuid.uuid4().hex, seconds) is not None


MOST_LOOKS = 16
"""Looks that are brought forward at once: each costs the server some calls."""


class Found:
    """Lets what waits for a server go at once; its own clock is much slower."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def tell(self, server: Server, remote_paths: Sequence[str]) -> None:
        """The server knows these paths now.

        Raises:
            Retry: the bus is out of reach.
        """
        for remote in remote_paths:
            for local in to_local(server_paths(server), remote):
                await self._bus.fire_now(PUBLISH.name, _waiting(server, ServerQueue.PUBLISH, media_id(local)))

    async def is_awaited(self, server: Server) -> bool:
        """Whether any request waits for the server to know a file or to show its outputs, or a look for its time.

        Raises:
            Retry: the bus is out of reach.
        """
        waiting = [_waiting(server, queue, "*") for queue in (ServerQueue.PUBLISH, ServerQueue.REFRESH)]
        return any([await self._bus.count(PUBLISH.name, one) for one in waiting])

    async def look(self, server: Server) -> None:
        """Let the looks go that wait for the server to have found what it was told of; what it is to be told waits on.

        Raises:
            Retry: the bus is out of reach.
        """
        places = await self._bus.subjects(PUBLISH.name, _waiting(server, ServerQueue.REFRESH, "*"))
        for place in sorted(one for one in places if one.endswith(LOOK))[:MOST_LOOKS]:
            await self._bus.fire_now(PUBLISH.name, place)


def _waiting(server: Server, queue: ServerQueue, place: str) -> str:
    return f"wait.{queue}.{server.type}.{server.id}.{place}"


async def nearest_folders(server: Server, changed: Sequence[ChangedPath]) -> Mapping[str, str]:
    """For each path, old ones of renames too, the folder to look at, in the server's spelling.

    It is the folder that holds the file, or the path itself where that is one. Of what is gone it is the nearest folder that
    still exists below a library's root, because a server that is sent to a folder which does not exist changes nothing.
    """
    gone = [one.path for one in changed if one.cause is ChangeKind.DELETED]
    gone += [one.previous for one in changed if one.previous]
    here = [one.path for one in changed if one.cause is not ChangeKind.DELETED]
    return await asyncio.to_thread(_folders, server, here, gone)


def _folders(server: Server, here: Sequence[str], gone: Sequence[str]) -> dict[str, str]:
    paths = server_paths(server)
    roots = [root for library in server.libraries for root in library.remote_paths]
    found = {path: _surviving(paths, path, roots) for path in gone}
    return {**found, **{path: _holding(paths, path) for path in here}}


def _holding(server: ServerPaths, remote: str) -> str:
    """The folder of a file; what can be seen here as a file is one, whatever it is called."""
    is_file = is_video(remote) or Path(to_local(server, remote)[0]).is_file()
    return folder(remote) if is_file else remote


def _surviving(server: ServerPaths, remote: str, roots: Sequence[str]) -> str:
    """The nearest existing folder in or below a root; the one that held the path where none can be seen here."""
    place = folder(remote)
    while any(is_under(place, root) for root in roots):
        if Path(to_local(server, place)[0]).is_dir():
            return place
        place = folder(place)
    return folder(remote)
