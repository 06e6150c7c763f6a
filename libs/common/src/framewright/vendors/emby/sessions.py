"""What Emby plays right now; source: Emby's public REST reference 4.8."""

import httpx

from framewright.contracts.playback import PlayingItem
from framewright.contracts.server import Server
from framewright.vendors.emby.listing import reader
from framewright.vendors.mediabrowser import sessions as shared


async def sessions(server: Server, http: httpx.AsyncClient) -> tuple[PlayingItem, ...]:
    """Every session that plays something; raises as `exchange.ask` does."""
    return await shared.sessions(reader(server, http), {})
