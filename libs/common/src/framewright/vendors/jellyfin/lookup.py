"""From a path to the id of its item: the server cannot be asked by path, so three ways are tried in turn.

A search by name finds most files, the newest-first window finds what was just added, and a walk through the library
finds the rest. A walk is remembered, because the next file of the same backlog asks again at once.
"""

from collections.abc import Callable, Iterable

from framewright.domain.media import segments
from framewright.vendors.jellyfin.client import JellyfinClient
from framewright.vendors.jellyfin.layout import search_terms
from framewright.vendors.mediabrowser.dialect import Item, guid, match

WALK_PAUSE = 600.0
"""Seconds before the same library is walked again."""


class Lookup:
    """Ids of versions by path over one connection, and of the items that list them; `clock` gives monotonic seconds."""

    def __init__(self, client: JellyfinClient, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._walked: dict[str, float] = {}
        self._ids: dict[tuple[str, ...], str] = {}
        self._owners: dict[str, str] = {}

    async def quick(self, remote_paths: tuple[str, ...]) -> str:
        """The id by name or among the newest; empty when neither shows the file."""
        for term in dict.fromkeys(term for path in remote_paths for term in search_terms(path)):
            if found := self._version_id((await self._client.search(term)).items, remote_paths):
                return found
        return self._version_id((await self._client.newest()).items, remote_paths)

    async def thorough(self, remote_paths: tuple[str, ...], library_id: str) -> str:
        """The id by every means; empty only when the server does not know the file."""
        return await self.quick(remote_paths) or await self._by_walk(remote_paths, library_id)

    async def owner(self, version_id: str, remote_paths: tuple[str, ...]) -> str:
        """The id of the item that lists a further version of itself; empty when none is known to.

        It is asked for anew: with every version that comes or goes another one may become the item.
        """
        await self.quick(remote_paths)
        return self._owners.get(guid(version_id), "")

    async def _by_walk(self, remote_paths: tuple[str, ...], library_id: str) -> str:
        last = self._walked.get(library_id)
        if last is None or self._clock() - last >= WALK_PAUSE:
            await self._walk(library_id)
            self._walked[library_id] = self._clock()
        return next((self._ids[key] for key in map(segments, remote_paths) if key in self._ids), "")

    async def _walk(self, library_id: str) -> None:
        start, total = 0, 1
        while start < total:
            page = await self._client.page(library_id, start)
            self._remember(page.items)
            start, total = start + len(page.items), page.total if page.items else 0

    def _remember(self, items: Iterable[Item]) -> None:
        for item in items:
            if item.path:
                self._ids[segments(item.path)] = item.id
            for source in item.sources or ():
                if source.path and source.id:
                    self._ids[segments(source.path)] = source.id
                    self._own(source.id, item)

    def _version_id(self, items: Iterable[Item], remote_paths: Iterable[str]) -> str:
        """The id of the file's own version, which is the one that tiles belong to."""
        found = match(items, remote_paths)
        if found is None:
            return ""
        item, source = found
        version_id = (source.id if source else "") or item.id
        self._own(version_id, item)
        return version_id

    def _own(self, version_id: str, item: Item) -> None:
        """Remember whose further version it is; the item itself is nobody's."""
        key = guid(version_id)
        self._owners.pop(key, None)
        if key != guid(item.id):
            self._owners[key] = item.id
