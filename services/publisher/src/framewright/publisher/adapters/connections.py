"""One connection pool per configured server, made anew when its configuration changes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from framewright.chassis.http import client
from framewright.contracts.server import Server
from framewright.domain.ports import MediaServer
from framewright.vendors import Gate, GatedClient, Recogniser, Scanner, item_files, media_server, scanner

CONNECT_SECONDS = 5.0

OUTDATED_SECONDS = 600.0
"""After so long nothing is at work over the connections of an earlier configuration any more."""


@dataclass(frozen=True, slots=True)
class Open:
    """What belongs to one server as it is configured now; `scanner` is None where nobody needs to be told to look."""

    server: Server
    media: MediaServer
    scanner: Scanner | None
    http: httpx.AsyncClient

    async def aclose(self) -> None:
        """Let go of both."""
        await self.media.aclose()
        await self.http.aclose()


class Connections:
    """Live connections by server; `of` is cheap and never does IO.

    `gate` finds what every call to a server must pass, None where nothing stands in the way. `clock` gives monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, gate: Callable[[str], Gate] | None = None) -> None:
        self._clock = clock
        self._gate = gate
        self._recogniser = Recogniser(clock)
        self._open: dict[str, Open] = {}
        self._outdated: list[tuple[Open, float]] = []

    def of(self, server: Server) -> MediaServer:
        """The connection for the server as it is configured now."""
        return self._opened(server).media

    def scanner(self, server: Server) -> Scanner | None:
        """The way to make the server look, over the same connections."""
        return self._opened(server).scanner

    async def files(self, server: Server, item_id: str) -> list[str]:
        """The files of an item, in the server's own spelling; none when it is gone.

        Raises:
            Retry, Reject: as the vendor's `item_files`.
        """
        return await item_files(server, self._opened(server).http, item_id)

    async def recognise(self, server: Server) -> None:
        """Make sure that the configured server answers at its address, where its identity is configured.

        Raises:
            Retry, Reject: as `Recogniser.recognise`.
        """
        await self._let_go()
        await self._recogniser.recognise(server, self._opened(server).http)

    async def aclose(self) -> None:
        """Close everything that was ever opened."""
        outdated = [one for one, _ in self._outdated]
        for one in [*self._open.values(), *outdated]:
            await one.aclose()
        self._open.clear()
        self._outdated.clear()

    async def _let_go(self) -> None:
        while self._outdated and self._clock() - self._outdated[0][1] >= OUTDATED_SECONDS:
            one, _ = self._outdated.pop(0)
            await one.aclose()

    def _opened(self, server: Server) -> Open:
        known = self._open.get(server.id)
        if known is not None and known.server == server:
            return known
        if known is not None:
            self._outdated.append((known, self._clock()))
        http = self._client(server)
        made = self._open[server.id] = Open(server, media_server(server, http), scanner(server, http), http)
        return made

    def _client(self, server: Server) -> httpx.AsyncClient:
        if self._gate is None:
            return client(timeout=server.timeout, verify=server.verify_ssl)
        return gated_client(self._gate(server.id), timeout=server.timeout, verify=server.verify_ssl)


def gated_client(gate: Gate, *, timeout: float, verify: bool) -> GatedClient:
    """A pooled client whose calls all pass the gate; a server that is down is given up sooner than one that is slow."""
    return GatedClient(
        gate,
        timeout=httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout)),
        verify=verify,
        follow_redirects=False,
        limits=httpx.Limits(max_connections=16, max_keepalive_connections=8),
    )


async def probe(server: Server) -> None:
    """Ask the server who it is, past its gate and over a connection of its own.

    Raises:
        Retry, Reject: as `MediaServer.identify`.
    """
    async with client(timeout=server.timeout, verify=server.verify_ssl) as http:
        connection = media_server(server, http)
        await connection.identify()
        await connection.aclose()
