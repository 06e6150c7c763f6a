"""Putting messages on the bus: now, later, or only when the place is free."""

import asyncio
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from framewright.chassis.bus import Bus, Occupied, held
from framewright.chassis.clock import now, rfc3339
from framewright.chassis.metrics import PUBLISHED
from framewright.chassis.telemetry import inject
from framewright.contracts.base import Message, decode, encode
from framewright.contracts.catalogue import stream_of

ATTEMPT = "Framewright-Attempt"
FIRST = "Framewright-First"

GLANCE = 0.1
"""Seconds between two looks at a message that leaves its place."""


@dataclass(frozen=True, slots=True)
class Later:
    """A message that becomes due at a moment; one that already waits in the same place is replaced, or united with it.

    `attempt` and `first` tell the handler how often and since when the work has been tried.
    """

    message: Message
    due: datetime
    attempt: int = 1
    first: datetime | None = None


M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Joined(Generic[M]):
    """A message that becomes one with what waits in its place already, whoever put it there and however many do so at once.

    `merge` is given the one that waits (None when the place is free) and answers what shall wait now; None leaves it as it is.
    It is called again when somebody else was faster, so it must be pure.
    """

    message: M
    merge: Callable[[M | None], Later | None]


def _at_one_place(later: Later) -> Later | Joined[Any]:
    """The message that shall wait, made one with what waits there already where its kind says how."""
    message = later.message
    if type(message).united is Message.united:
        return later

    def merge(waiting: Message | None) -> Later:
        return replace(later, message=message.united(waiting)) if waiting else later

    return Joined(message, merge)


def _at_once(later: Later) -> bool:
    """Whether it goes as soon as what leaves now: together or one after the other, somebody looks."""
    return later.due <= now()


@dataclass(frozen=True, slots=True)
class Recurring:
    """A message that the server itself sends again and again; the newest of its place replaces the one before.

    `schedule` is a cron expression of six fields (seconds first) or `@every <duration>`; `time_zone` (IANA) is for cron only.
    Source: NATS ADR-51.
    """

    message: Message
    schedule: str
    time_zone: str = ""


Answer = Message | Later | Joined[Any] | Recurring


class Outgoing:
    """Publishes messages by their own subject, id and guard."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def send(self, answer: Answer, *, deadline: float = 30.0) -> None:
        """Store one message, or the schedule that will make it.

        Raises:
            Occupied: its guarded place is taken.
            Retry: the bus is out of reach.
        """
        if isinstance(answer, Later):
            answer = _at_one_place(answer)
        if isinstance(answer, Later):
            await self._schedule(answer, deadline)
            return
        if isinstance(answer, Joined):
            await self._join(answer, deadline)
            return
        if isinstance(answer, Recurring):
            await self._recur(answer, deadline)
            return
        headers: dict[str, str] = {}
        guard = answer.guard()
        if guard is not None:
            headers["Nats-Expected-Last-Subject-Sequence"] = "0"
            headers["Nats-Expected-Last-Subject-Sequence-Subject"] = guard
        await self._publish(answer.subject(), answer, headers, answer.dedupe_key(), deadline)

    async def offer(self, message: Message) -> bool:
        """Send a guarded message; False when its place is taken."""
        try:
            await self.send(message)
        except Occupied:
            return False
        return True

    async def send_beside(self, message: Message, instead_of: int) -> None:
        """Send a guarded message although its place is taken; whoever does so then removes the other one, at `instead_of`.

        The id names that place: a message that takes its own earlier place again must not pass for a repetition.
        """
        await self._publish(message.subject(), message, {}, f"{message.dedupe_key()}.{instead_of}", 30.0)

    async def show(self, message: Message) -> None:
        """Send to whoever is looking right now, without storing."""
        await self._bus.publish_live(message.subject(), encode(message))

    async def _join(self, joined: Joined[Any], deadline: float) -> None:
        place = joined.message.waiting_subject()
        stream = stream_of(place)
        assert stream is not None
        while True:
            waiting = await held(self._bus, stream.name, place)
            kind = cast("type[Message]", type(joined.message))
            later = joined.merge(decode(kind, waiting.data) if waiting else None)
            if later is None:
                return
            if waiting is not None and waiting.leaving and not _at_once(later):
                # The place is cleared when it has left, with whatever was put there meanwhile.
                await asyncio.sleep(GLANCE)
                continue
            try:
                await self._schedule(later, deadline, guard=str(waiting.sequence if waiting else 0))
            except Occupied:
                await asyncio.sleep(random.uniform(0, 0.01))  # noqa: S311 - spreads writers, keeps no secret
            else:
                if waiting is None or not waiting.left or _at_once(later) or await self._stayed(stream.name, place):
                    return

    async def _stayed(self, stream: str, place: str) -> bool:
        """Whether what was written too late is there all the same when the one before it has left."""
        await asyncio.sleep(GLANCE)
        return await held(self._bus, stream, place) is not None

    async def _recur(self, recurring: Recurring, deadline: float) -> None:
        message = recurring.message
        headers = {"Nats-Schedule": recurring.schedule, "Nats-Schedule-Target": message.subject()}
        if recurring.time_zone:
            headers["Nats-Schedule-Time-Zone"] = recurring.time_zone
        key = f"{message.dedupe_key()}.{recurring.schedule}.{recurring.time_zone}.{uuid.uuid4().hex}"
        await self._publish(message.waiting_subject(), message, headers, key, deadline)

    async def _schedule(self, later: Later, deadline: float, guard: str = "") -> None:
        """Server-side schedule: durable, exact to a quarter second, no ack slot taken while it waits (G1)."""
        message = later.message
        headers = {
            "Nats-Schedule": f"@at {rfc3339(later.due)}",
            "Nats-Schedule-Target": message.subject(),
            ATTEMPT: str(later.attempt),
        }
        if later.first is not None:
            headers[FIRST] = rfc3339(later.first)
        if guard:
            headers["Nats-Expected-Last-Subject-Sequence"] = guard
        # Of all that follow on one state only one is stored, so that state names it.
        key = f"{message.dedupe_key()}.{later.attempt}.{rfc3339(later.due)}.{guard}"
        await self._publish(message.waiting_subject(), message, headers, key, deadline)

    async def _publish(
        self, subject: str, message: Message, headers: Mapping[str, str], key: str, deadline: float
    ) -> None:
        sent = inject({**headers})
        await self._bus.publish(subject, encode(message), headers=sent, msg_id=key, deadline=deadline)
        PUBLISHED.labels(type(message).HEAD).inc()
