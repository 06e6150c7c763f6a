"""Putting messages on the bus: now, later, or only when the place is free."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from framewright.chassis.bus import Bus, Occupied
from framewright.chassis.clock import rfc3339
from framewright.chassis.metrics import PUBLISHED
from framewright.chassis.telemetry import inject
from framewright.contracts.base import Message, encode

ATTEMPT = "Framewright-Attempt"
FIRST = "Framewright-First"


@dataclass(frozen=True, slots=True)
class Later:
    """A message that becomes due at a moment; one that already waits in the same place is replaced.

    `attempt` and `first` tell the handler how often and since when the work has been tried.
    """

    message: Message
    due: datetime
    attempt: int = 1
    first: datetime | None = None


Answer = Message | Later


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
            await self._schedule(answer, deadline)
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

    async def send_beside(self, message: Message) -> None:
        """Send a guarded message although its place is taken; whoever does so removes the other one afterwards."""
        await self._publish(message.subject(), message, {}, message.dedupe_key(), 30.0)

    async def show(self, message: Message) -> None:
        """Send to whoever is looking right now, without storing."""
        await self._bus.publish_live(message.subject(), encode(message))

    async def _schedule(self, later: Later, deadline: float) -> None:
        """Server-side schedule: durable, exact to a quarter second, no ack slot taken while it waits (G1)."""
        message = later.message
        headers = {
            "Nats-Schedule": f"@at {rfc3339(later.due)}",
            "Nats-Schedule-Target": message.subject(),
            ATTEMPT: str(later.attempt),
        }
        if later.first is not None:
            headers[FIRST] = rfc3339(later.first)
        key = f"{message.dedupe_key()}.{later.attempt}.{rfc3339(later.due)}"
        await self._publish(message.waiting_subject(), message, headers, key, deadline)

    async def _publish(
        self, subject: str, message: Message, headers: Mapping[str, str], key: str, deadline: float
    ) -> None:
        sent = inject({**headers})
        await self._bus.publish(subject, encode(message), headers=sent, msg_id=key, deadline=deadline)
        PUBLISHED.labels(type(message).HEAD).inc()
