"""Check lists over HTTP, each with a client of its own, because certificates are checked per server."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

import msgspec

from framewright.chassis.bus import Bucket
from framewright.chassis.http import client
from framewright.contracts.players import DISMISSALS_PREFIX, Dismissed
from framewright.contracts.server import Server
from framewright.ui.adapters.config_records import ConfigRecords
from framewright.ui.adapters.surroundings import PATIENCE
from framewright.vendors import Auditor, auditor


@asynccontextmanager
async def audit(server: Server) -> AsyncGenerator[Auditor]:
    """Fulfils `Audits`; the list itself begins with who answers: another server is a row of it, and is shown nothing."""
    hasty = msgspec.structs.replace(server, timeout=min(server.timeout, PATIENCE))
    async with client(timeout=hasty.timeout, verify=hasty.verify_ssl) as http:
        yield auditor(hasty, http)


class KeptDismissals:
    """Fulfils `Dismissals`."""

    def __init__(self, config: Bucket) -> None:
        self._records = ConfigRecords(config, DISMISSALS_PREFIX, Dismissed)

    async def of(self, server_id: str) -> frozenset[str]:
        """See `Dismissals.of`."""
        kept = await self._records.find(server_id)
        return frozenset(kept.keys if kept else ())

    async def change(self, server_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> frozenset[str]:
        """See `Dismissals.change`."""
        added, removed = frozenset(add), frozenset(remove)

        def changed(old: Dismissed | None) -> Dismissed:
            return Dismissed(keys=tuple(sorted((frozenset(old.keys if old else ()) | added) - removed)))

        return frozenset((await self._records.change(server_id, changed)).keys)

    async def forget(self, server_id: str) -> None:
        """See `Dismissals.forget`."""
        await self._records.forget(server_id)
