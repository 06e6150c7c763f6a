"""What Jellyfin says while it happens, over its WebSocket; see `mediabrowser.events`.

The token travels in the header of the handshake, as in every other call. A push goes out at once when playback begins, pauses
or ends, whatever period was asked for; the period only bounds the reports of progress.
"""

from collections.abc import AsyncGenerator

import httpx

from framewright.contracts.server import Server
from framewright.vendors.events import ServerEvent
from framewright.vendors.jellyfin.listing import reader
from framewright.vendors.mediabrowser import events as shared
from framewright.vendors.mediabrowser.events import Line, subscriptions

PERIOD_MS = 60_000


async def events(server: Server, http: httpx.AsyncClient) -> AsyncGenerator[ServerEvent]:
    """Everything that happens; raises as `mediabrowser.events.events` does."""
    line = Line("/socket", {}, subscriptions(PERIOD_MS), server.verify_ssl)
    async for event in shared.events(reader(server, http), line):
        yield event
