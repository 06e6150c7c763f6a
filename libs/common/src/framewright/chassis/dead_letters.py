"""Moves messages that ran out of deliveries to the dead letters: they would occupy their queue for ever otherwise (G4).

The server says so in an advisory, which the ADVISORIES stream keeps. The message is copied first and removed after, so a
crash in between leaves it twice, never nowhere.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from framewright.chassis.bus import Bus
from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, Subscription
from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Message
from framewright.contracts.catalogue import ADVISORIES
from framewright.contracts.facts import DeadLetteredV1


class MaxDeliveries(Message, frozen=True, kw_only=True):
    """The server's advisory (NATS: `io.nats.jetstream.advisory.v1.max_deliver`)."""

    HEAD: ClassVar[str] = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES"
    stream: str
    consumer: str
    stream_seq: int
    deliveries: int = 0

    def tokens(self) -> tuple[str, ...]:
        """See `Message.tokens`."""
        return (self.stream, self.consumer)

    def dedupe_key(self) -> str:
        """See `Message.dedupe_key`."""
        return f"{self.stream}.{self.stream_seq}"


async def on_max_deliveries(advisory: MaxDeliveries, _context: Context, *, bus: Bus) -> Sequence[Answer]:
    """Copy the message to `dead.<stream>.<consumer>` with its reason, then remove it from its queue."""
    stood = await bus.get_sequence(advisory.stream, advisory.stream_seq)
    if stood is None:
        return ()
    reason = f"handed out {advisory.deliveries} times and never settled: its worker crashed or hung each time"
    headers = {
        "Framewright-Reason": reason,
        "Framewright-Code": "MAX_DELIVERIES",
        "Framewright-Subject": stood.subject or "",
        "Framewright-Delivery": str(advisory.deliveries),
    }
    key = f"dead.{advisory.stream}.{advisory.stream_seq}"
    await bus.publish(f"dead.{advisory.stream}.{advisory.consumer}", stood.data or b"", headers=headers, msg_id=key)
    await bus.delete_message(advisory.stream, advisory.stream_seq)
    fact = DeadLetteredV1(
        stream=advisory.stream,
        consumer=advisory.consumer,
        sequence=advisory.stream_seq,
        subject_was=stood.subject or "",
        at=now(),
        code="MAX_DELIVERIES",
        reason=reason,
    )
    return [fact]


def mover(bus: Bus) -> Subscription[Any]:
    """The subscription that does it; one service of the system runs it."""
    return Subscription(ADVISORIES, ("dead-letters",), MaxDeliveries, partial(on_max_deliveries, bus=bus))
