"""A message that was handed out by a durable consumer and must be settled: acked, given back, or kept alive."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime

import nats.errors
from nats.aio.msg import Msg

from framewright.chassis.bus.connection import UNSURE
from framewright.domain.errors import Retry

ACK_ATTEMPTS = 3
ACK_SECONDS = 1.0
"""A broker that answers at all does so in milliseconds; while one is away, whoever waits for it holds a slot."""


class Delivered:
    """One delivery: body, headers, where it stands in its stream and since when, and how often it was handed out."""

    def __init__(self, message: Msg) -> None:
        self._message = message
        self.subject: str = message.subject
        self.data: bytes = message.data
        self.headers: Mapping[str, str] = message.headers or {}
        self.stream: str = message.metadata.stream
        self.consumer: str = message.metadata.consumer
        self.sequence: int = message.metadata.sequence.stream
        self.stored_at: datetime = message.metadata.timestamp
        self.count: int = message.metadata.num_delivered or 1

    async def ack(self) -> None:
        """Settle, and wait until the server confirmed it (a plain ack is fire-and-forget, G16).

        Raises:
            Retry: not confirmed; the message will come again, so every effect must be idempotent.
        """
        for attempt in range(ACK_ATTEMPTS):
            try:
                await self._message.ack_sync(timeout=ACK_SECONDS)  # pyright: ignore[reportArgumentType] - a wait, fractions are fine
            except nats.errors.MsgAlreadyAckdError:
                return
            except UNSURE as error:
                if attempt == ACK_ATTEMPTS - 1:
                    raise Retry(f"the ack of {self.subject} was not confirmed", code="BUS_UNAVAILABLE") from error
                await asyncio.sleep(0.25)
            else:
                return

    async def give_back(self, delay: float) -> None:
        """Ask for redelivery after `delay` seconds; always with a delay (a plain nak comes back at once, G2)."""
        with contextlib.suppress(*UNSURE, nats.errors.MsgAlreadyAckdError):
            await self._message.nak(delay=delay)

    async def keep(self) -> None:
        """Tell the server that the work goes on; restarts the ack timer."""
        with contextlib.suppress(*UNSURE, nats.errors.MsgAlreadyAckdError):
            await self._message.in_progress()
