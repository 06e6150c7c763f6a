"""Making Emby look; source: Emby's public REST reference 4.8."""

import httpx

from framewright.contracts.server import Server
from framewright.vendors.emby.client import EmbyClient
from framewright.vendors.mediabrowser.scanning import only_changed, planned_reports
from framewright.vendors.scanning import Scanner, ScanStep, ScanWish

NO_TRASH = "Emby keeps no trash"


class EmbyScanner:
    """Fulfils `framewright.vendors.scanning.Scanner`."""

    first_look = 10.0
    one_by_one = False

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self._client = EmbyClient(server, http)

    async def steps(self, wish: ScanWish) -> tuple[ScanStep, ...]:
        """One report, and refreshes of what Emby knows already."""
        ids = {path: await self._client.item_id((path,)) for path in only_changed(wish.changed)}
        return planned_reports(wish, {path: found for path, found in ids.items() if found})

    async def is_busy(self, library_id: str) -> bool:  # noqa: ARG002 - one task looks at every library
        """Whether the scan of all libraries runs."""
        return await self._client.is_scanning()

    async def tell(self, step: ScanStep) -> str:
        """Report files, refresh an item, or refresh a library with all that is in it."""
        if step.updates:
            return str(await self._client.report(step.updates))
        return str(await self._client.refresh_item(step.item_id, recursive=step.is_root) or "")

    async def knows(self, path: str, library_ids: tuple[str, ...]) -> bool:  # noqa: ARG002 - a path has one item
        """Whether Emby has an item of exactly this path."""
        return bool(await self._client.item_id((path,)))

    async def empty_trash(self, library_id: str) -> str:  # noqa: ARG002 - there is none
        """Nothing."""
        return NO_TRASH


def scanner(server: Server, http: httpx.AsyncClient) -> Scanner:
    """The way to make a configured server look."""
    return EmbyScanner(server, http)
