"""Bringing a change together with what waits for its path already, exactly once whatever crashes in between."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from framewright.chassis.outgoing import Answer, Joined, Later
from framewright.contracts.media import RENAMED_AWAY, MediaChangedV1
from framewright.domain.outcome import ChangeKind
from framewright.ingest.domain.meaning import debounce_key
from framewright.ingest.domain.merging import Waits, led_by, merged, own_id


class Marks(Protocol):
    """What is remembered of deliveries and of groups that were joined."""

    async def first_event(self, delivery: str, key: str, event_id: str) -> str:
        """The event with which this delivery of a path came first."""
        ...

    async def answer(self, key: str) -> str:
        """The import that told already what became of a path; empty when none did lately."""
        ...

    async def will_answer(self, key: str, event_id: str) -> None:
        """Note that an import says what became of a path."""
        ...

    async def leader(self, event_id: str, key: str) -> str:
        """The event whose group this one was about to join; empty when none is known."""
        ...

    async def will_follow(self, event_id: str, key: str, leader: str) -> None:
        """Note the group before it is joined."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """Where changes wait: what stands in a change's place, the marks, and the way to put something there."""

    waiting: Callable[[MediaChangedV1], Awaitable[MediaChangedV1 | None]]
    marks: Marks
    send: Callable[[Answer], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Moment:
    """When changes are joined, and how long they wait."""

    at: datetime
    waits: Waits


async def join(change: MediaChangedV1, room: Room, moment: Moment) -> None:
    """Let the change become due, as one with what waits for its path; without a quiet time it is due at once.

    A message that was acted on is gone, so a repetition could not see that it had been part of it. That is why the id of the
    group is noted before it is joined: a repetition goes by that id, and the job that follows is the same one.

    Raises:
        Retry: the bus is out of reach.
    """
    if moment.waits.quiet <= 0:
        await room.send(change)
        return
    if change.kind is ChangeKind.RENAMED and debounce_key(change.previous_path, change.server_id) != change.key:
        await _join_renamed(change, room, moment)
        return
    await _join(change, room, moment)


async def _join_renamed(change: MediaChangedV1, room: Room, moment: Moment) -> None:
    """What still waited for the old path is over with it; an earlier rename that waited is continued from where it began."""
    gone = msgspec.structs.replace(
        change,
        key=debounce_key(change.previous_path, change.server_id),
        kind=ChangeKind.DELETED,
        path=change.previous_path,
        previous_path="",
        why=RENAMED_AWAY,
    )
    before = await room.waiting(gone)
    if before is not None and before.previous_path:
        change = msgspec.structs.replace(change, previous_path=before.previous_path)
    await _join(change, room, moment)
    if before is not None:
        await _join(gone, room, moment, only_others=True)


async def _join(change: MediaChangedV1, room: Room, moment: Moment, *, only_others: bool = False) -> None:
    mine = own_id(change)
    # Always asked: a broker that crashed may have forgotten that it handed the event out before.
    change = led_by(await room.marks.leader(mine, change.key), change)
    while True:
        before = await room.waiting(change)
        if before is not None and before.event_id != change.event_id:
            await room.marks.will_follow(mine, change.key, before.event_id)
        meeting = _Meeting(change, before, moment, only_others=only_others)
        await room.send(Joined(change, meeting.merge))
        if not meeting.surprised:
            return


class _Meeting:
    """One try to join; it takes another one when the place was taken over by a group that is not noted yet."""

    def __init__(
        self, change: MediaChangedV1, before: MediaChangedV1 | None, moment: Moment, *, only_others: bool
    ) -> None:
        self._change = change
        self._known = {change.event_id, before.event_id if before else change.event_id}
        self._moment = moment
        self._only_others = only_others
        self.surprised = False

    def merge(self, waiting: MediaChangedV1 | None) -> Later | None:
        self.surprised = waiting is not None and waiting.event_id not in self._known
        if self.surprised or (waiting is None and self._only_others):
            return None
        planned = merged(self._change, waiting, self._moment.waits, self._moment.at)
        return None if planned is None else Later(planned.change, planned.due)
