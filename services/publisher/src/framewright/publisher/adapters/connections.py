"""One connection pool per configured server, made anew when its configuration changes."""

import httpx

from framewright.chassis.http import client
from framewright.contracts.server import Server
from framewright.domain.ports import MediaServer
from framewright.vendors import media_server


class Connections:
    """Live connections by server; `of` is cheap and never does IO."""

    def __init__(self) -> None:
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

    async def aclose(self) -> None:
        """Close everything that was ever opened."""
        for connection, http in [*((c, h) for _, c, h in self._open.values()), *self._outdated]:
            await connection.aclose()
            await http.aclose()
        self._open.clear()
        self._outdated.clear()
