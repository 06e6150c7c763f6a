"""The history of webhooks as the bus keeps it: which of some paths were heard of, and when last."""

from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from datetime import UTC, datetime
from typing import cast

from framewright.chassis.bus import Bus, Delivered, follow, pending
from framewright.contracts.base import decode
from framewright.contracts.catalogue import EVENTS, INGEST
from framewright.contracts.facts import EventClassifiedV1
from framewright.ingest.domain.reconcile import newest

GAPS = 8
"""Missing messages in a row that are taken for single gaps; more of them are the part that is forgotten already."""


class Journal:
    """Reads the facts about webhooks; holds no more of them than what is asked for."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def is_complete(self) -> bool:
        """Whether every webhook that was stored is understood by now.

        Raises:
            Retry: the bus is out of reach.
        """
        return not await pending(self._bus, INGEST.name, INGEST.consumers[0].name)

    async def heard(self, wanted: Collection[str], since: datetime) -> dict[str, datetime]:
        """When each of the wanted keys was heard of last, at `since` or later; those that were not are left out.

        Raises:
            Retry: the bus is out of reach.
        """
        journal: dict[str, datetime] = {}
        before = await self._last_before(since)
        facts = follow(self._bus, EVENTS.name, f"{EventClassifiedV1.HEAD}.>", after=before)
        async with aclosing(cast("AsyncGenerator[Delivered | None]", facts)) as found:
            async for one in found:
                if one is None:
                    return journal
                newest(journal, decode(EventClassifiedV1, one.data), wanted)
        return journal

    async def _last_before(self, moment: datetime) -> int:
        """The last fact before the moment; facts stand in the order of time, so a few steps find it."""
        _, high = await self._bus.stream_state(EVENTS.name)
        low = 0
        while low < high:
            middle = (low + high + 1) // 2
            at = await self._time_near(middle)
            low, high = (low, middle - 1) if at is not None and at >= moment else (middle, high)
        return low

    async def _time_near(self, sequence: int) -> datetime | None:
        """When the fact was stored, or the next one where it is gone; None when it is too old to be there."""
        for number in range(sequence, sequence + GAPS):
            found = await self._bus.get_sequence(EVENTS.name, number)
            if found is not None and found.time is not None:
                return found.time if found.time.tzinfo else found.time.replace(tzinfo=UTC)
        return None
