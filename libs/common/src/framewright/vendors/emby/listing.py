"""A sample of the files that Emby knows."""

import httpx

from framewright.contracts.server import Server
from framewright.domain.libraries import ListedFile
from framewright.vendors import exchange
from framewright.vendors.emby.client import EmbyClient
from framewright.vendors.mediabrowser import listing


async def listed_files(server: Server, http: httpx.AsyncClient, limit: int) -> list[ListedFile]:
    """Up to `limit` files, as many of each library."""
    to = exchange.endpoint(server, http, {"X-Emby-Token": server.auth.secret})
    return await listing.listed_files(to, await EmbyClient(server, http).folders(), limit)
