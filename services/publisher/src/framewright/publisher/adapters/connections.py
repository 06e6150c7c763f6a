"""One connection pool per configured server, made anew when its configuration changes."""

import time
from collections.abc import Callable

import httpx

from framewright.chassis.http import client
from framewright.contracts.server import Server
from framewright.domain.ports import MediaServer
from framewright.vendors import media_server

RECOGNISED_SECONDS = 300.0
"""For so long a server that was recognised is taken for the same one."""


class Connections:
    """Live connections by server; `of` is cheap and never does IO. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._recognised: dict[str, tuple[Server, float]] = {}
        self._open: dict[str, tuple[Server, MediaServer, httpx.AsyncClient]] = {}
        self._outdated: list[tuple[MediaServer, httpx.AsyncClient]] = []

    def of(self, server: Server) -> MediaServer:
        """The connection for the server as it is configured now."""
        known = self._open.get(server.id)
        if known is not None and known[0] == server:
            return known[1]
        if known is not None:
            self._outdated.append((known[1], known[2]))
        http = client(timeout=server.timeout, verify=server.verify_ssl)
        connection = media_server(server, http)
        self._open[server.id] = (server, connection, http)
        return connection

    async def recognise(self, server: Server) -> None:
        """Make sure that the configured server answers at its address, where its identity is configured.

        Raises:
            Reject: code WRONG_SERVER, another one answers; UNAUTHORIZED, it refuses the credentials.
            Retry: nothing usable answers.
        """
        known, moment = self._recognised.get(server.id, (None, 0.0))
        if not server.server_identity or (known == server and self._clock() - moment < RECOGNISED_SECONDS):
            return
        await self.of(server).identify()
        self._recognised[server.id] = (server, self._clock())

    async def aclose(self) -> None:
        """Close everything that was ever opened."""
        for connection, http in [*((c, h) for _, c, h in self._open.values()), *self._outdated]:
            await connection.aclose()
            await http.aclose()
        self._open.clear()
        self._outdated.clear()
