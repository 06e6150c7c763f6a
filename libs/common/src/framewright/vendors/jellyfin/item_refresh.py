"""Having Jellyfin look at one item again."""

import time
from collections.abc import Sequence

import httpx

from framewright.contracts.server import Server
from framewright.vendors.jellyfin.client import JellyfinClient
from framewright.vendors.jellyfin.lookup import Lookup


async def refresh_item(
    server: Server, http: httpx.AsyncClient, paths: Sequence[str], _library_ids: Sequence[str]
) -> str:
    """Refresh the item of the file without replacing anything; empty when a search does not show it.

    Raises:
        Retry, Reject: as the exchange does.
    """
    client = JellyfinClient(server, http)
    item_id = await Lookup(client, time.monotonic).quick(tuple(paths))
    told = await client.refresh_item(item_id) if item_id else None
    return str(told or "")
