"""Making Plex look: partial scans, one after the other in a section, and whether it found what it was sent for.

A scan's answer only means that it is queued, and an unknown path is answered just as well. So the activities say when a section
has come to rest, and the query for the file says whether it was found. Source: the public Plex API 1.1.1.
"""

import httpx

from framewright.contracts.server import Server
from framewright.domain.media import segments
from framewright.vendors.plex import layout, trash
from framewright.vendors.plex.client import ITEM_TYPES, PlexClient
from framewright.vendors.plex.scan_plan import planned_scans
from framewright.vendors.scanning import Scanner, ScanStep, ScanWish

SCANNING = ("library.update.section", "library.update.item.metadata", "library.refresh.items")
"""Activities during which a section is at work; metadata go on after the scan itself is over."""


class PlexScanner:
    """Fulfils `framewright.vendors.scanning.Scanner`."""

    first_look = 10.0
    one_by_one = True

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self._client = PlexClient(server, http)

    async def steps(self, wish: ScanWish) -> tuple[ScanStep, ...]:
        """A scan per section and folder."""
        return planned_scans(wish, await self._client.sections())

    async def is_busy(self, library_id: str) -> bool:
        """Whether an activity of the section goes on; one that names no section may be of any."""
        return any(
            activity.kind.startswith(SCANNING) and activity.section in {"", library_id}
            for activity in await self._client.activities()
        )

    async def tell(self, step: ScanStep) -> str:
        """Start the scan."""
        return f"{await self._client.scan(step.library_id, step.folder)} of {step.folder}"

    async def knows(self, path: str, library_ids: tuple[str, ...]) -> bool:
        """Whether a section lists exactly this path."""
        for section in await self._client.sections():
            if section.kind not in ITEM_TYPES or (library_ids and section.key not in library_ids):
                continue
            parts = await self._client.parts_named(section, layout.file_name(path))
            if any(segments(part.file) == segments(path) for part in parts):
                return True
        return False

    async def empty_trash(self, library_id: str) -> str:
        """Empty the section's trash behind its guards."""
        return await trash.emptied(self._client, library_id)


def scanner(server: Server, http: httpx.AsyncClient) -> Scanner:
    """The way to make a configured server look."""
    return PlexScanner(server, http)
