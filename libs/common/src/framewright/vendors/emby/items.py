"""The files of items that are named by an id; source: Emby's public REST reference 4.8."""

from collections.abc import Mapping

import httpx

from framewright.contracts.server import Server
from framewright.vendors.emby.listing import reader
from framewright.vendors.mediabrowser import items

_MATCHES = {"Recursive": "true", "IncludeItemTypes": "Movie,Series,Episode", "Fields": items.FIELDS}


async def item_files(server: Server, http: httpx.AsyncClient, item_id: str) -> list[str]:
    """Every version of the item, of a folder those of all below it."""
    return await items.item_files(reader(server, http), item_id)


async def provider_files(server: Server, http: httpx.AsyncClient, provider_ids: Mapping[str, str]) -> list[str]:
    """Every file of what has one of these ids: the server itself is asked for each of them."""
    to = reader(server, http)
    files: dict[str, None] = {}
    for name, value in provider_ids.items():
        if value:
            query = {**_MATCHES, "AnyProviderIdEquals": f"{name}.{value}"}
            files |= dict.fromkeys(await items.matching_files(to, query, provider_ids))
    return list(files)
