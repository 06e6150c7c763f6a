"""Whether it is the configured server that answers at its address: asked before anything else may show it the credentials.

Every service recognises a server in one place, here, and remembers it for a while: one more call for each file would cost more
than the work itself.
"""

import time
from collections.abc import Callable

import httpx

from framewright.contracts.server import Server, ServerAuth
from framewright.vendors.servers import media_server

RECOGNISED_SECONDS = 300.0
"""For so long a server that was recognised is taken for the same one."""

Likeness = tuple[str, str, bool, str, ServerAuth]
"""What decides who answers and what it is shown."""


class Recogniser:
    """Remembers which servers were recognised, each as it was configured then; `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._recognised: dict[str, tuple[Likeness, float]] = {}

    async def recognise(self, server: Server, http: httpx.AsyncClient) -> None:
        """Make sure that the configured server answers at its address, where its identity is configured.

        Raises:
            Reject: code WRONG_SERVER, another one answers, and was shown no credential; UNAUTHORIZED, it refuses ours.
            Retry: nothing usable answers.
        """
        known, moment = self._recognised.get(server.id, (None, 0.0))
        likeness = (server.type, server.url, server.verify_ssl, server.server_identity, server.auth)
        if not server.server_identity or (known == likeness and self._clock() - moment < RECOGNISED_SECONDS):
            return
        connection = media_server(server, http)
        try:
            await connection.identify()
        finally:
            await connection.aclose()
        self._recognised[server.id] = (likeness, self._clock())
