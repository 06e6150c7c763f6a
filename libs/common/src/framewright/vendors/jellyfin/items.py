"""The files of items that are named by an id; source: Jellyfin's OpenAPI document 12.0.

The server can only be asked which items have an id of a catalogue at all, so the ids of these are compared here, newest first.
Since 12.0 it hides further versions of an item even from those who name their ids; read in the source of 12.0-rc5, a filter on
what the streams are like shows them.
"""

from collections.abc import Mapping

import httpx

from framewright.contracts.server import Server
from framewright.vendors.jellyfin.listing import reader
from framewright.vendors.mediabrowser import items

_NEWEST = {"SortBy": "DateCreated,SortName", "SortOrder": "Descending"}
_CANDIDATES = {"Recursive": "true", "IncludeItemTypes": "Movie,Series", "Fields": items.FIELDS, **_NEWEST}
_HIDDEN = {"VideoTypes": "VideoFile"}
_FLAGS = {"tmdb": "HasTmdbId", "tvdb": "HasTvdbId", "imdb": "HasImdbId"}


async def item_files(server: Server, http: httpx.AsyncClient, item_id: str) -> list[str]:
    """Every version of the item, of a folder those of all below it; a further version may be named by its own id."""
    to = reader(server, http)
    return await items.item_files(to, item_id) or await items.item_files(to, item_id, _HIDDEN)


async def provider_files(server: Server, http: httpx.AsyncClient, provider_ids: Mapping[str, str]) -> list[str]:
    """Every file of the films and series that have one of these ids and contradict none of them."""
    to = reader(server, http)
    files: dict[str, None] = {}
    for name in sorted(name.lower() for name, value in provider_ids.items() if value):
        if name in _FLAGS and not files:
            found = await items.matching_files(to, {**_CANDIDATES, _FLAGS[name]: "true"}, provider_ids)
            files |= dict.fromkeys(found)
    return list(files)
