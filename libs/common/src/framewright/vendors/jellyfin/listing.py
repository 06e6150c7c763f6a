"""A sample of the files that Jellyfin knows."""

import httpx

from framewright.contracts.server import Server
from framewright.domain.libraries import ListedFile
from framewright.vendors import exchange
from framewright.vendors.jellyfin.client import JellyfinClient
from framewright.vendors.mediabrowser import dialect, listing


async def listed_files(server: Server, http: httpx.AsyncClient, limit: int) -> list[ListedFile]:
    """Up to `limit` files, as many of each library."""
    to = exchange.endpoint(server, http, {"Authorization": dialect.authorization(server.auth.secret)})
    return await listing.listed_files(to, await JellyfinClient(server, http).folders(), limit)
