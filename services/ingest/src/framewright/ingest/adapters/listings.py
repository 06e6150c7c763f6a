"""The files of one part of a scan, page by page: a walk through a folder, or the list that a server keeps."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from framewright.chassis.config_store import ConfigStore
from framewright.contracts.scans import ScanPart, ScanRequestedV1, ScanState
from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.domain.listing import ListingWish
from framewright.domain.ownership import Library
from framewright.ingest.adapters.folders import Walk, folder_page
from framewright.ingest.domain.scans import Page, listing_sort
from framewright.vendors import library_page

PAGE = 500
"""Files of a page: a page's paths and their records stay far below a megabyte, and 100,000 files are 200 steps."""

COUNTED_AT_ONCE = 5_000
"""Files between two moments at which the count of a folder can be left."""


class Listings:
    """Reads pages and counts; whatever is wrong with one server concerns its own parts only.

    `http` gives the client for a server and makes sure first that it is the configured one.
    """

    def __init__(self, config: ConfigStore, http: Callable[[Server], Awaitable[httpx.AsyncClient]]) -> None:
        self._config = config
        self._http = http

    async def page(self, request: ScanRequestedV1, state: ScanState, part: ScanPart) -> Page:
        """The page at the part's cursor.

        Raises:
            Retry: the server or the folder cannot be read now.
            Reject: code GONE, the server or its library is not configured any more; WRONG_SERVER, another one answers; or
                as the server says.
        """
        server, library = self._found(part)
        if part.root:
            walk = Walk(part.root, PAGE, state.since, request.sort_by)
            found = await asyncio.to_thread(folder_page, walk, part.cursor)
            return Page(found.paths, found.cursor)
        wish = ListingWish(library, state.since, listing_sort(request.sort_by), PAGE)
        listed = await library_page(server, await self._http(server), wish, part.cursor)
        return Page(tuple(one.path for one in listed.items), listed.cursor, listed.total)

    async def total(self, state: ScanState, part: ScanPart) -> int | None:
        """How many files the part will have, as far as that can be said beforehand; raises as `page` does."""
        server, library = self._found(part)
        if part.root:
            return None if state.since else await _counted(part.root)
        wish = ListingWish(library, state.since, page_size=1)
        return (await library_page(server, await self._http(server), wish, "")).total

    def _found(self, part: ScanPart) -> tuple[Server, Library]:
        server = self._config.server(part.server_id)
        if server is None or not server.enabled:
            raise Reject("the server is not configured or not enabled any more", code="GONE")
        if part.root:
            return server, Library("")
        library = next((one for one in server.libraries if one.id == part.library_id and one.enabled), None)
        if library is None:
            raise Reject("the library is not there or not enabled any more", code="GONE")
        return server, library


async def _counted(root: str) -> int:
    """How many videos lie below a folder; in steps, because a thread that walks for an hour would hold up a stop as long."""
    walk, cursor, total = Walk(root, COUNTED_AT_ONCE), "", 0
    while True:
        page = await asyncio.to_thread(folder_page, walk, cursor)
        total, cursor = total + len(page.paths), page.cursor
        if not cursor:
            return total
