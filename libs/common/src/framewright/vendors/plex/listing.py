"""A sample of the files that Plex knows, with their sizes; source: the public Plex API 1.1.1."""

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.domain.libraries import ListedFile
from framewright.vendors import exchange
from framewright.vendors.exchange import Call
from framewright.vendors.plex.client import CLIENT_IDENTIFIER, ITEM_TYPES, PRODUCT, PlexClient


class _Part(msgspec.Struct):
    file: str = ""
    size: int = 0


class _Media(msgspec.Struct):
    Part: tuple[_Part, ...] = ()


class _Item(msgspec.Struct):
    Media: tuple[_Media, ...] = ()


class _Container(msgspec.Struct):
    Metadata: tuple[_Item, ...] = ()


class _Answer(msgspec.Struct):
    MediaContainer: _Container


async def listed_files(server: Server, http: httpx.AsyncClient, limit: int) -> list[ListedFile]:
    """Up to `limit` files, as many of each section; raises as `exchange.ask` does."""
    anonymous = {"X-Plex-Product": PRODUCT, "X-Plex-Client-Identifier": CLIENT_IDENTIFIER}
    to = exchange.endpoint(server, http, {**anonymous, "X-Plex-Token": server.auth.secret})
    sections = [one for one in await PlexClient(server, http).sections() if one.kind in ITEM_TYPES]
    found: list[ListedFile] = []
    for section in sections:
        share = str(max(1, limit // len(sections)))
        query = {"type": ITEM_TYPES[section.kind], "X-Plex-Container-Start": "0", "X-Plex-Container-Size": share}
        call = Call("GET", f"/library/sections/{exchange.segment(section.key)}/all", query)
        answer = await exchange.ask(to, call, _Answer)
        parts = [part for item in answer.MediaContainer.Metadata for media in item.Media for part in media.Part]
        found += [ListedFile(part.file, part.size) for part in parts[: int(share)]]
    return found
