"""What Jellyfin plays right now; source: Jellyfin's OpenAPI document 12.0."""

import httpx

from framewright.contracts.playback import PlayingItem
from framewright.contracts.server import Server
from framewright.vendors.jellyfin.listing import reader
from framewright.vendors.mediabrowser import sessions as shared

ACTIVE_SECONDS = 120
"""A player reports every ten seconds or so; one that was silent for longer has gone without saying so."""


async def sessions(server: Server, http: httpx.AsyncClient) -> tuple[PlayingItem, ...]:
    """Every session that plays something; raises as `exchange.ask` does."""
    return await shared.sessions(reader(server, http), {"ActiveWithinSeconds": str(ACTIVE_SECONDS)})
