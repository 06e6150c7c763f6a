"""Small looks at the world around: media folders, waiting work, connections to media servers."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import msgspec

from framewright.chassis.bus import Bus
from framewright.chassis.http import client
from framewright.contracts.base import Lane
from framewright.contracts.catalogue import JOBS
from framewright.contracts.server import Server
from framewright.domain.errors import Retry
from framewright.domain.media import is_under
from framewright.domain.ports import MediaServer
from framewright.vendors import Recogniser

PATIENCE = 15.0
"""Longest wait in seconds for a media server while a person looks at a spinning wheel."""

FRESH = 5.0
"""Seconds for which queue depths are remembered; the broker counts subjects to answer."""

Connect = Callable[[Server, httpx.AsyncClient], MediaServer]


class MediaFolders:
    """Fulfils `Places`."""

    def __init__(self, root: str) -> None:
        self._root = root

    async def exists(self, path: str) -> bool:
        """See `Places.exists`."""
        return is_under(path, self._root) and await asyncio.to_thread(_is_there, path)

    async def is_folder(self, path: str) -> bool:
        """See `Places.is_folder`."""
        return await asyncio.to_thread(os.path.isdir, path)


class LaneDepths:
    """Fulfils `Queues`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._seen: dict[str, int] = {}
        self._at = -FRESH

    async def depths(self) -> Mapping[str, int]:
        """See `Queues.depths`."""
        if time.monotonic() - self._at > FRESH:
            self._at = time.monotonic()
            self._seen = {}
            with contextlib.suppress(Retry):
                self._seen = {lane.value: await self._bus.count(JOBS.name, f"jobs.v1.{lane}.>") for lane in Lane}
        return self._seen


@asynccontextmanager
async def recognised(server: Server, recogniser: Recogniser) -> AsyncGenerator[tuple[Server, httpx.AsyncClient]]:
    """The server as a person waits for it, and an HTTP client of its own, because certificates are checked per server.

    Raises:
        Retry, Reject: as `Recogniser.recognise`.
    """
    hasty = msgspec.structs.replace(server, timeout=min(server.timeout, PATIENCE))
    async with client(timeout=hasty.timeout, verify=hasty.verify_ssl) as http:
        await recogniser.recognise(hasty, http)
        yield hasty, http


def reaching(
    connect: Connect, recogniser: Recogniser, device_id: Callable[[], str]
) -> Callable[[Server], AbstractAsyncContextManager[MediaServer]]:
    """A `Reach` that gives connections to recognised servers only, also to candidates, under the name of this installation."""

    @asynccontextmanager
    async def reach(server: Server) -> AsyncGenerator[MediaServer]:
        introduced = msgspec.structs.replace(server, device_id=device_id())
        async with recognised(introduced, recogniser) as (hasty, http):
            media = connect(hasty, http)
            try:
                yield media
            finally:
                await media.aclose()

    return reach


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:
        return False
