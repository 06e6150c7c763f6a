"""The files that Jellyfin knows, a sample or all of them page by page."""

import httpx

from framewright.contracts.server import Server
from framewright.domain.libraries import ListedFile
from framewright.domain.listing import ListingPage, ListingWish
from framewright.vendors import exchange
from framewright.vendors.exchange import Endpoint
from framewright.vendors.jellyfin.client import JellyfinClient
from framewright.vendors.mediabrowser import dialect, listing


async def listed_files(server: Server, http: httpx.AsyncClient, limit: int) -> list[ListedFile]:
    """Up to `limit` files, as many of each library."""
    return await listing.listed_files(reader(server, http), await JellyfinClient(server, http).folders(), limit)


async def library_page(server: Server, http: httpx.AsyncClient, wish: ListingWish, cursor: str) -> ListingPage:
    """One page of a library; see `framewright.vendors.mediabrowser.listing.library_page`."""
    return await listing.library_page(reader(server, http), wish, cursor)


def reader(server: Server, http: httpx.AsyncClient) -> Endpoint:
    """Where the server is asked, with its token."""
    return exchange.endpoint(server, http, {"Authorization": dialect.authorization(server)})
