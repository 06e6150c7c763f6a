"""Having Plex look at the metadata of one item again; source: the public Plex API 1.1.1."""

from collections.abc import Sequence

import httpx

from framewright.contracts.server import Server
from framewright.domain.media import segments
from framewright.vendors import exchange
from framewright.vendors.exchange import Call
from framewright.vendors.plex import layout
from framewright.vendors.plex.client import ITEM_TYPES, PlexClient
from framewright.vendors.plex.wire import reader


async def refresh_item(
    server: Server, http: httpx.AsyncClient, paths: Sequence[str], library_ids: Sequence[str]
) -> str:
    """Refresh the item of the file in the first section that knows it, without replacing anything; empty when none does.

    Raises:
        Retry, Reject: as the exchange does.
    """
    client, wanted = PlexClient(server, http), [segments(path) for path in paths]
    for section in await client.sections():
        if section.kind not in ITEM_TYPES or (library_ids and section.key not in library_ids):
            continue
        named = [part for path in paths for part in await client.parts_named(section, layout.file_name(path))]
        found = next((part.item_id for part in named if segments(part.file) in wanted), "")
        if found:
            call = Call("PUT", f"/library/metadata/{exchange.segment(found)}/refresh")
            await exchange.send(reader(server, http), call)
            return str(call)
    return ""
