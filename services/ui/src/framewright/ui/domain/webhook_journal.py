"""Webhooks that wait for their time, and stored ones that are to be acted on once more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

MOST_PENDING = 500
"""Waiting changes in one answer; `total` says how many there are."""

MOST_REPLAYED = 5000
"""Stored events that one request acts on again; the answer says when there are more."""


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change (or an item whose paths are still to be asked for) that waits; `due` is when it is acted on.

    `item` names what has no path yet. `attempt` is above 1 when it was tried before. Times are ISO 8601 with their offset.
    """

    key: str
    path: str
    item: str
    kind: str
    source: str
    title: str
    first_at: str
    due: str
    server_id: str
    event_id: str
    merged: int
    attempt: int


@dataclass(frozen=True, slots=True)
class PendingPage:
    """What waits, the next one due first, at most 500; `total` counts all."""

    pending: tuple[PendingChange, ...]
    total: int


class ReplayWish(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}, forbid_unknown_fields=True):
    """One stored event, or all that were received in a stretch of time, of the given statuses (none: of any)."""

    event_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    status: str | tuple[str, ...] = ()

    @property
    def statuses(self) -> Collection[str]:
        """The wanted words; several may stand in one text, separated by commas."""
        words = self.status.split(",") if isinstance(self.status, str) else self.status
        return frozenset(word.strip() for word in words if word.strip())


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many stored events were sent again, how many were passed over, and whether more are left behind the bound.

    `last` is when the newest that was looked at came in: a further request begins there.
    """

    replayed: int
    passed_over: int = 0
    truncated: bool = False
    last: str = ""
    event_ids: tuple[str, ...] = ()
    success: bool = True


class Journal(Protocol):
    """What waits, and what was stored."""

    async def pending(self) -> PendingPage:
        """Everything that waits for its time."""
        ...

    async def fire_now(self, key: str) -> bool:
        """Let a waiting change go at once; False when nothing waits under the key."""
        ...

    async def replay(self, event_id: str) -> str | None:
        """Act on a stored event once more, under a new id; that id, or None when the event is not stored any more."""
        ...

    async def replay_range(self, since: datetime, until: datetime, statuses: Collection[str]) -> Replayed:
        """Act once more on what was received between two moments; what is a replay itself is passed over."""
        ...
