"""The files of items that are named by an id: Plex's own, or that of a catalogue; source: the public Plex API 1.1.1.

Whether a real server can be filtered by `tmdb://…` is not documented (its `guid` is the agent's own), so the ids of the
items are compared here, newest items first.
"""

from collections.abc import AsyncIterator, Mapping

import httpx

from framewright.contracts.server import Server
from framewright.domain.listing import PAGE_SIZE, agree
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.plex.client import PlexClient
from framewright.vendors.plex.wire import Answer, Item, reader

MOST_LOOKED_AT = 20_000
"""Items of one section whose ids are compared; what lies behind them is found by the next scan."""

_PARENTS = frozenset({"show", "season"})
_TOP_TYPES = {"movie": "1", "show": "2"}
_LEGACY = {"themoviedb": "tmdb", "imdb": "imdb", "thetvdb": "tvdb"}
_GONE = frozenset({404})


async def item_files(server: Server, http: httpx.AsyncClient, item_id: str) -> list[str]:
    """Every file of the item, of a show or season those of its episodes; nothing when the item is gone."""
    to = reader(server, http)
    call = Call("GET", f"/library/metadata/{exchange.segment(item_id)}", expected=_GONE)
    response = await exchange.send(to, call)
    if not response.is_success:
        return []
    files: list[str] = []
    for item in exchange.decoded(to, call, response, Answer).MediaContainer.metadata:
        files += await _files(to, item)
    return list(dict.fromkeys(files))


async def provider_files(server: Server, http: httpx.AsyncClient, provider_ids: Mapping[str, str]) -> list[str]:
    """Every file of the films and shows that have one of these ids and contradict none of them."""
    to = reader(server, http)
    files: list[str] = []
    for section in await PlexClient(server, http).sections():
        kind = _TOP_TYPES.get(section.kind)
        if kind is None:
            continue
        async for item in _newest(to, section.key, kind):
            if agree(ids_of(item), provider_ids):
                files += await _files(to, item)
    return list(dict.fromkeys(files))


def ids_of(item: Item) -> dict[str, str]:
    """The ids of catalogues that an item carries; older agents say it in the one id of their own."""
    found: dict[str, str] = {}
    for text in (*(guid.id for guid in item.guids), item.guid):
        name, _, rest = text.partition("://")
        provider = _LEGACY.get(name.rpartition(".")[2], name)
        value = rest.partition("?")[0].partition("/")[0]
        if value:
            found.setdefault(provider, value)
    return found


async def _files(to: Endpoint, item: Item) -> list[str]:
    """The item's own files, or those below it."""
    if item.type not in _PARENTS:
        return [part.file for part in item.parts()]
    path = f"/library/metadata/{exchange.segment(item.key)}/allLeaves"
    return [part.file async for leaf in _paged(to, path, {}) for part in leaf.parts()]


def _newest(to: Endpoint, section: str, kind: str) -> AsyncIterator[Item]:
    query = {"type": kind, "includeGuids": "1", "sort": "addedAt:desc", "excludeFields": "summary,tagline"}
    return _paged(to, f"/library/sections/{exchange.segment(section)}/all", query)


async def _paged(to: Endpoint, path: str, query: Mapping[str, str]) -> AsyncIterator[Item]:
    """The items of all pages, up to the cap; a server that ignores paging answers them all at once."""
    start = 0
    while start < MOST_LOOKED_AT:
        window = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(PAGE_SIZE)}
        answer = (await exchange.ask(to, Call("GET", path, {**query, **window}), Answer)).MediaContainer
        for item in answer.metadata:
            yield item
        start += len(answer.metadata)
        if not answer.metadata or answer.total_size is None or start >= answer.total_size:
            return
