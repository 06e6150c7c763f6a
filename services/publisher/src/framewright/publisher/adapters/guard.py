"""The handlers' `Guard`: counts what was removed lately and what waits to be, over every replica.

Removals that wait count as well, so that of a thousand that come at once not the first fifty go before anybody notices.
"""

import time
from collections.abc import Callable

import msgspec

from framewright.chassis.bus import Bucket, Bus, Occupied
from framewright.contracts.catalogue import JOB_STATE, PUBLISH
from framewright.contracts.orphans import CONFIRMED_PREFIX
from framewright.contracts.publish import RemovalRequestedV1
from framewright.publisher.adapters.memory import Records
from framewright.publisher.domain.removal import MOST_AT_ONCE, MOST_PERCENT, WINDOW_MINUTES, is_mass_deletion

COUNT_PREFIX = "removals."
"""Keys of the bucket `jobs`, each followed by the server's id: removals by minute, for as long as the window is."""

HELD_SECONDS = 5.0
"""For so long a server's removals are held without counting again: of many thousands that wait each one asks."""

COUNTED_SECONDS = 300.0
"""For so long the number of a server's records is taken as read."""


class RemovalGuard:
    """Fulfils `framewright.publisher.domain.ports.Guard`; `clock` gives seconds since the epoch."""

    def __init__(self, bus: Bus, records: Records, clock: Callable[[], float] = time.time) -> None:
        self._bus = bus
        self._jobs = Bucket(bus, JOB_STATE.name)
        self._records = records
        self._clock = clock
        self._remembered: dict[str, tuple[int, float]] = {}
        self._held: dict[str, tuple[str, float]] = {}

    async def hold(self, request: RemovalRequestedV1) -> str:
        """Why the removal must wait for an operator's word; empty when it may go on, which is counted then."""
        server_id = request.target.server_id
        if await self._jobs.get(CONFIRMED_PREFIX + server_id) is not None:
            return ""
        reason, until = self._held.get(server_id, ("", 0.0))
        if self._clock() < until:
            return reason
        lately = sum((await self._lately(server_id))[0].values())
        removals = lately + await self._waiting(request)
        remembered = lately + await self._count(server_id) if removals > MOST_AT_ONCE else 0
        if is_mass_deletion(removals, remembered):
            reason = _reason(removals, remembered, server_id)
            self._held[server_id] = (reason, self._clock() + HELD_SECONDS)
            return reason
        await self._add(server_id)
        return ""

    async def _waiting(self, request: RemovalRequestedV1) -> int:
        """Removals of the server that are queued, in work (this one too) or wait for their time."""
        server = f"{request.target.server_type}.{request.target.server_id}"
        queued = await self._bus.count(PUBLISH.name, f"remove.v1.{server}.>")
        return queued + await self._bus.count(PUBLISH.name, f"wait.remove.{server}.>")

    async def _count(self, server_id: str) -> int:
        known, moment = self._remembered.get(server_id, (0, 0.0))
        if self._clock() - moment >= COUNTED_SECONDS:
            known, moment = await self._records.count(server_id), self._clock()
            self._remembered[server_id] = (known, moment)
        return known

    async def _lately(self, server_id: str) -> tuple[dict[str, int], int]:
        """Removals by minute within the window, and the revision of the key."""
        entry = await self._jobs.get(COUNT_PREFIX + server_id)
        if entry is None or not entry.value:
            return {}, 0
        first = int(self._clock() // 60) - WINDOW_MINUTES
        counted = msgspec.json.decode(entry.value, type=dict[str, int])
        return {minute: number for minute, number in counted.items() if int(minute) > first}, entry.revision

    async def _add(self, server_id: str) -> None:
        minute = str(int(self._clock() // 60))
        while True:
            counted, revision = await self._lately(server_id)
            counted[minute] = counted.get(minute, 0) + 1
            try:
                await self._jobs.update(COUNT_PREFIX + server_id, msgspec.json.encode(counted), revision)
            except Occupied:
                continue
            return


def _reason(removals: int, remembered: int, server_id: str) -> str:
    share = (
        f"{removals} removals within {WINDOW_MINUTES} minutes are more than {MOST_PERCENT:g} % of {remembered} files"
    )
    return f'{share}: if they are meant, confirm with POST /api/orphans/confirm {{"server_id": "{server_id}"}}'
