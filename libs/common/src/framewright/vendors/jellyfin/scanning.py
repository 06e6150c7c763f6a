"""Making Jellyfin look; source: Jellyfin's OpenAPI document 12.0, and its library monitor, which rests a minute by default."""

import time

import httpx

from framewright.contracts.server import Server
from framewright.vendors.jellyfin.client import JellyfinClient
from framewright.vendors.jellyfin.lookup import Lookup
from framewright.vendors.mediabrowser.scanning import only_changed, planned_reports
from framewright.vendors.scanning import Scanner, ScanStep, ScanWish

NO_TRASH = "Jellyfin keeps no trash"


class JellyfinScanner:
    """Fulfils `framewright.vendors.scanning.Scanner`."""

    first_look = 75.0
    one_by_one = False

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self._client = JellyfinClient(server, http)
        self._lookup = Lookup(self._client, time.monotonic)

    async def steps(self, wish: ScanWish) -> tuple[ScanStep, ...]:
        """One report, and refreshes of what Jellyfin knows already."""
        ids = {path: await self._lookup.quick((path,)) for path in only_changed(wish.changed)}
        return planned_reports(wish, {path: found for path, found in ids.items() if found})

    async def is_busy(self, library_id: str) -> bool:  # noqa: ARG002 - one task looks at every library
        """Whether the scan of all libraries runs."""
        return await self._client.is_scanning()

    async def tell(self, step: ScanStep) -> str:
        """Report files, or refresh an item; of a library, all that is in it is validated."""
        if step.updates:
            return str(await self._client.report(step.updates))
        return str(await self._client.refresh_item(step.item_id) or "")

    async def knows(self, path: str, library_ids: tuple[str, ...]) -> bool:
        """Whether an item of exactly this path is found by name, among the newest, or by a walk through the libraries."""
        for library_id in library_ids or ("",):
            if await self._lookup.thorough((path,), library_id):
                return True
        return False

    async def empty_trash(self, library_id: str) -> str:  # noqa: ARG002 - there is none
        """Nothing."""
        return NO_TRASH


def scanner(server: Server, http: httpx.AsyncClient) -> Scanner:
    """The way to make a configured server look."""
    return JellyfinScanner(server, http)
