"""What each server really shows, remembered: whoever looks at many files asks a server once."""

import asyncio
import time
from collections.abc import Callable

import httpx
import structlog

from framewright import vendors
from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError
from framewright.domain.frames import Rendition
from framewright.vendors.recognition import Recogniser

log = structlog.get_logger("renditions")


class Renditions:
    """The servers' own widths and intervals, asked at most every five minutes; a server that is down delays nobody."""

    TTL = 300.0
    PATIENCE = 2.0

    def __init__(self, http: Callable[[Server], httpx.AsyncClient]) -> None:
        self._http = http
        self._recogniser = Recogniser()
        self._known: dict[tuple[Server, Rendition], tuple[float, tuple[Rendition, ...]]] = {}

    async def of(self, server: Server, wanted: Rendition) -> tuple[Rendition, ...]:
        """The server's own answer, the last known one while it is silent, else what is wanted."""
        key = (server, wanted)
        asked, known = self._known.get(key, (0.0, (wanted,)))
        if asked and time.monotonic() - asked < self.TTL:
            return known
        try:
            async with asyncio.timeout(self.PATIENCE):
                known = await self._asked(server, wanted)
        except (FramewrightError, TimeoutError) as error:
            log.warning("server did not say what it shows", server=server.name, reason=str(error))
        self._known[key] = (time.monotonic(), known)
        return known

    async def _asked(self, server: Server, wanted: Rendition) -> tuple[Rendition, ...]:
        http = self._http(server)
        await self._recogniser.recognise(server, http)
        return await vendors.media_server(server, http).renditions(wanted)
