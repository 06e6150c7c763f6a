"""Asking servers for their sessions and hearing their events, over connections that are kept apart from those for work.

A poll never waits for a slot, and a line that stays open takes none.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable

import httpx

from framewright.contracts.playback import PlayingItem
from framewright.contracts.server import Server
from framewright.publisher.adapters.connections import gated_client
from framewright.vendors import Gate, ServerEvent, server_events, sessions

PATIENCE = 10.0
"""Longest wait in seconds for a server's answer."""


class Listeners:
    """One connection pool per server, made anew when its configuration changes.

    Calls pass the server's gate, as those for work do: while a server is left alone it is not polled either, and a poll that
    is refused is how trouble with a server is noticed that nothing else asks for.
    """

    def __init__(self, gate: Callable[[str], Gate], recognise: Callable[[Server], Awaitable[None]]) -> None:
        self._gate = gate
        self._recognise = recognise
        self._open: dict[str, tuple[Server, httpx.AsyncClient]] = {}

    async def sessions(self, server: Server) -> tuple[PlayingItem, ...]:
        """Everything that the server plays.

        Raises:
            Busy: the server takes no calls now.
            Retry, Reject: as the vendor's `sessions`; another server answers at the address.
        """
        await self._recognise(server)
        return await sessions(server, await self._http(server))

    async def events(self, server: Server) -> AsyncGenerator[ServerEvent]:
        """What the server says while it happens, until the line breaks.

        Raises:
            Retry, Reject: as the vendor's `server_events`; another server answers at the address.
        """
        await self._recognise(server)
        async for event in server_events(server, await self._http(server)):
            yield event

    async def aclose(self) -> None:
        """Close every pool."""
        for _, http in self._open.values():
            await http.aclose()
        self._open.clear()

    async def _http(self, server: Server) -> httpx.AsyncClient:
        known = self._open.get(server.id)
        if known is not None and known[0] == server:
            return known[1]
        timeout = min(server.timeout, PATIENCE)
        http = gated_client(self._gate(server.id), timeout=timeout, verify=server.verify_ssl)
        self._open[server.id] = (server, http)
        if known is not None:
            await known[1].aclose()
        return http
