"""The bus as a journal of webhooks: what waits in DUE, what is stored in INGEST, what EVENTS says became of it."""

import asyncio
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from framewright.chassis.bus import Bus, Held, held, stored_since
from framewright.chassis.clock import now
from framewright.chassis.outgoing import ATTEMPT, Outgoing
from framewright.contracts.base import decode
from framewright.contracts.catalogue import DUE, EVENTS, INGEST
from framewright.contracts.facts import EventClassifiedV1
from framewright.contracts.media import ItemChangedV1, MediaChangedV1, RawEventV1
from framewright.ui.domain.webhook_journal import MOST_PENDING, MOST_REPLAYED, PendingChange, PendingPage, Replayed

WAITING = ("wait.due.", "wait.item.")
STORED = f"{RawEventV1.HEAD}.>"
STORING = timedelta(seconds=60)
"""An event is stored soon after it was received, or never."""

AT_ONCE = 50
"""Waiting messages that are looked at together."""

MOST_SHOWN_IDS = 100


class BusJournal:
    """Fulfils `Journal`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._outgoing = Outgoing(bus)

    async def pending(self) -> PendingPage:
        """See `Journal.pending`."""
        subjects = [one for head in WAITING for one in await self._bus.subjects(DUE.name, f"{head}>")]
        shown: list[tuple[datetime, PendingChange]] = []
        for start in range(0, min(len(subjects), MOST_PENDING), AT_ONCE):
            part = subjects[start : min(start + AT_ONCE, MOST_PENDING)]
            found = await asyncio.gather(*(held(self._bus, DUE.name, subject) for subject in part))
            shown += [(one.due, _shown(one, one.due)) for one in found if one is not None and one.due is not None]
        shown.sort(key=lambda entry: entry[0])
        return PendingPage(tuple(one for _, one in shown), len(subjects))

    async def fire_now(self, key: str) -> bool:
        """See `Journal.fire_now`."""
        for head in WAITING:
            if await self._bus.fire_now(DUE.name, head + key):
                return True
        return False

    async def replay(self, event_id: str) -> str | None:
        """See `Journal.replay`; its history row says when it was received, which is where to look for it."""
        row = await self._row(event_id)
        if row is None:
            return None
        async for delivered in stored_since(self._bus, INGEST.name, STORED, row.at - STORING):
            event = decode(RawEventV1, delivered.data)
            if event.id == event_id:
                return await self._again(event)
            if event.received_at > row.at + STORING:
                return None
        return None

    async def replay_range(self, since: datetime, until: datetime, statuses: Collection[str]) -> Replayed:
        """See `Journal.replay_range`."""
        sent: list[str] = []
        passed_over, truncated, last = 0, False, since
        begun = now()  # what is sent again here lies in the stream as well
        async for delivered in stored_since(self._bus, INGEST.name, STORED, since - timedelta(seconds=1)):
            event = decode(RawEventV1, delivered.data)
            if event.received_at > min(until, begun) + STORING:
                break
            if not since <= event.received_at <= min(until, begun):
                continue
            if len(sent) >= MOST_REPLAYED:
                truncated = True
                break
            last = max(last, event.received_at)
            if event.replay_of or not await self._has_status(event, statuses):
                passed_over += 1
                continue
            sent.append(await self._again(event))
        return Replayed(len(sent), passed_over, truncated, last.isoformat(), tuple(sent[:MOST_SHOWN_IDS]))

    async def _again(self, event: RawEventV1) -> str:
        copy = msgspec.structs.replace(event, id=uuid.uuid4().hex, received_at=now(), replay_of=event.id)
        await self._outgoing.send(copy)
        return copy.id

    async def _has_status(self, event: RawEventV1, statuses: Collection[str]) -> bool:
        if not statuses:
            return True
        row = await self._row(event.id)
        return row is not None and row.status in statuses

    async def _row(self, event_id: str) -> EventClassifiedV1 | None:
        found = await self._bus.get_last(EVENTS.name, f"{EventClassifiedV1.HEAD}.{event_id}")
        return None if found is None else decode(EventClassifiedV1, found[1])


def _shown(waiting: Held, due: datetime) -> PendingChange:
    attempt = int(waiting.headers.get(ATTEMPT, "1"))
    if waiting.subject.startswith(WAITING[0]):
        return _shown_change(decode(MediaChangedV1, waiting.data), due, attempt)
    return _shown_item(decode(ItemChangedV1, waiting.data), due, attempt)


def _shown_change(change: MediaChangedV1, due: datetime, attempt: int) -> PendingChange:
    return PendingChange(
        key=change.key,
        path=change.path,
        item="",
        kind=change.kind,
        source=change.source,
        title=change.title,
        first_at=(change.first_at or change.observed_at).isoformat(),
        due=due.isoformat(),
        server_id=change.server_id,
        event_id=change.event_id,
        merged=len(change.merged),
        attempt=attempt,
    )


def _shown_item(item: ItemChangedV1, due: datetime, attempt: int) -> PendingChange:
    named = [item.item_id] if item.item_id else [f"{name} {value}" for name, value in item.provider_ids.items()]
    return PendingChange(
        key=item.key,
        path="",
        item=", ".join(named),
        kind=item.kind,
        source=item.source,
        title=item.title,
        first_at=item.observed_at.isoformat(),
        due=due.isoformat(),
        server_id=item.server_id,
        event_id=item.event_id,
        merged=0,
        attempt=attempt,
    )
