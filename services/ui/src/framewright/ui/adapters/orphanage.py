"""Asking the publishers about orphans: a live order, and a report in the bucket `jobs` that is waited for."""

import asyncio
import contextlib
import uuid

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.outgoing import Outgoing
from framewright.contracts.catalogue import JOB_STATE, PUBLISH
from framewright.contracts.orphans import (
    CONFIRMED_PREFIX,
    CONFIRMED_SECONDS,
    ORPHANS_PREFIX,
    OrphanOrderV1,
    OrphanReport,
    decode_report,
)
from framewright.contracts.server import Server
from framewright.domain.errors import Retry
from framewright.ui.domain.orphans import Removal

PATIENCE = 20.0
"""Longest wait in seconds for the end of a search; the report says how far it is then."""

FIRST_WORD = 5.0
"""A publisher that is there says so much sooner."""

GLANCE = 0.1

OVER = frozenset({"done", "refused"})


class PublisherOrphanage:
    """Fulfils `framewright.ui.domain.orphans.Orphanage`."""

    def __init__(self, bus: Bus, *, patience: float = PATIENCE, first_word: float = FIRST_WORD) -> None:
        self._bus = bus
        self._jobs = Bucket(bus, JOB_STATE.name)
        self._patience = patience
        self._first_word = first_word

    async def search(self, server: Server, removal: Removal | None = None) -> OrphanReport:
        """See `Orphanage.search`."""
        order = OrphanOrderV1(server_type=server.type, server_id=server.id, order_id=uuid.uuid4().hex)
        if removal is not None:
            order = OrphanOrderV1(
                server_type=server.type,
                server_id=server.id,
                order_id=order.order_id,
                remove=True,
                confirmed=removal.count,
                most_percent=removal.most_percent,
            )
        await Outgoing(self._bus).show(order)
        report = await self._told(order, self._first_word, over=False)
        if report is None:
            busy = await self.latest(server.id)
            if busy is not None and busy.state not in OVER:
                return busy
            raise Retry("no publisher answers that serves this server", code="NO_PUBLISHER")
        return await self._told(order, self._patience, over=True) or await self.latest(server.id) or report

    async def latest(self, server_id: str) -> OrphanReport | None:
        """See `Orphanage.latest`."""
        entry = await self._jobs.get(ORPHANS_PREFIX + server_id)
        return decode_report(entry.value) if entry and entry.value else None

    async def confirm(self, server: Server) -> int:
        """See `Orphanage.confirm`."""
        await self._jobs.put(CONFIRMED_PREFIX + server.id, b"1", seconds=CONFIRMED_SECONDS)
        waiting = await self._bus.subjects(PUBLISH.name, f"wait.remove.{server.type}.{server.id}.>")
        return sum([await self._bus.fire_now(PUBLISH.name, place) for place in waiting])

    async def _told(self, order: OrphanOrderV1, seconds: float, *, over: bool) -> OrphanReport | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    report = await self.latest(order.server_id)
                    if report and report.order_id == order.order_id and (not over or report.state in OVER):
                        return report
                    await asyncio.sleep(GLANCE)
        return None
