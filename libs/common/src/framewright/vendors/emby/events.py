"""What Emby says while it happens, over its WebSocket; see `mediabrowser.events`.

The token travels in the address of the handshake, the one form that Emby's own clients use there; whether the header is taken
too is not documented. As they do, the base path `/emby` is left out. Pushes come at the period that was asked for.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace

import httpx

from framewright.contracts.server import Server
from framewright.vendors.emby.listing import reader
from framewright.vendors.events import ServerEvent
from framewright.vendors.mediabrowser import events as shared
from framewright.vendors.mediabrowser.dialect import device_id
from framewright.vendors.mediabrowser.events import Line, subscriptions

PERIOD_MS = 5_000


async def events(server: Server, http: httpx.AsyncClient) -> AsyncGenerator[ServerEvent]:
    """Everything that happens; raises as `mediabrowser.events.events` does."""
    to = reader(server, http)
    query = {"api_key": server.auth.secret, "deviceId": device_id(server)}
    line = Line("/embywebsocket", query, subscriptions(PERIOD_MS), server.verify_ssl)
    async for event in shared.events(replace(to, base=to.base.removesuffix("/emby")), line):
        yield event
