"""Having Emby look at one item again."""

from collections.abc import Sequence

import httpx

from framewright.contracts.server import Server
from framewright.vendors.emby.client import EmbyClient


async def refresh_item(
    server: Server, http: httpx.AsyncClient, paths: Sequence[str], _library_ids: Sequence[str]
) -> str:
    """Refresh the item of the file without replacing anything; empty when the server does not know it.

    Raises:
        Retry, Reject: as the exchange does.
    """
    client = EmbyClient(server, http)
    item_id = await client.item_id(tuple(paths))
    told = await client.refresh_item(item_id) if item_id else None
    return str(told or "")
