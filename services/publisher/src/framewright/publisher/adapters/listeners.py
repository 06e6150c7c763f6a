"""Asking servers for their sessions, over connections that are kept apart from those for work: a poll never waits for a slot."""

import httpx

from framewright.chassis.http import client
from framewright.contracts.playback import PlayingItem
from framewright.contracts.server import Server
from framewright.vendors import sessions

PATIENCE = 10.0
"""Longest wait in seconds for a server's answer."""


class Listeners:
    """One connection pool per server, made anew when its configuration changes."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Server, httpx.AsyncClient]] = {}

    async def sessions(self, server: Server) -> tuple[PlayingItem, ...]:
        """Everything that the server plays.

        Raises:
            Retry, Reject: as the vendor's `sessions`.
        """
        return await sessions(server, await self._http(server))

    async def aclose(self) -> None:
        """Close every pool."""
        for _, http in self._open.values():
            await http.aclose()
        self._open.clear()

    async def _http(self, server: Server) -> httpx.AsyncClient:
        known = self._open.get(server.id)
        if known is not None and known[0] == server:
            return known[1]
        self._open[server.id] = (server, client(timeout=min(server.timeout, PATIENCE), verify=server.verify_ssl))
        if known is not None:
            await known[1].aclose()
        return self._open[server.id][1]
