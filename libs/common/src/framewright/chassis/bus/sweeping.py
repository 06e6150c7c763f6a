"""Going through everything that a stream holds right now, without consuming it: in batches, so memory stays small.

Work queues take no second consumer (G6), so this asks for stored messages directly. Source: NATS ADR-31, batched requests
(`batch`, `next_by_subj`); the answer to each ends with a status 204 that says how many messages are left.
"""

# nats-py leaves some of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
import nats.errors
from nats.aio.msg import Msg

from framewright.chassis.bus.buckets import Entry
from framewright.chassis.bus.connection import UNSURE, Bus
from framewright.domain.errors import Retry

BATCH = 500
PATIENCE = 5.0
"""Seconds in which a whole batch must come."""

END, NOTHING = "204", "404"


@dataclass(frozen=True, slots=True)
class Stored:
    """One message as it lies in its stream."""

    sequence: int
    subject: str
    data: bytes


async def sweep(bus: Bus, stream: str, pattern: str) -> AsyncIterator[Stored]:
    """Every message on a subject pattern that is stored when this begins, oldest first.

    What is deleted meanwhile may be left out, what is added is.

    Raises:
        Retry: code BUS_UNAVAILABLE, the bus is out of reach; what follows is not known.
    """
    _, last = await bus.stream_state(stream)
    following = 1
    inbox = bus.client.new_inbox()
    basket = _Basket()
    subscription = await bus.client.subscribe(inbox, cb=basket.take)
    try:
        while following <= last:
            wish = {"batch": BATCH, "seq": following, "next_by_subj": pattern}
            await bus.client.publish(f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode(wish), inbox)
            batch = await basket.filled()
            if not batch:
                return
            following = batch[-1].sequence + 1
            for one in batch:
                if one.sequence <= last:
                    yield one
    except UNSURE as error:
        raise Retry(f"stream {stream} could not be gone through", code="BUS_UNAVAILABLE") from error
    finally:
        with contextlib.suppress(*UNSURE, nats.errors.BadSubscriptionError):
            await subscription.unsubscribe()


async def sweep_bucket(bus: Bus, bucket: str) -> AsyncIterator[Entry]:
    """Every entry of a bucket that is there when this begins; those of deleted keys have no value.

    Raises:
        Retry: as `sweep`.
    """
    prefix = f"$KV.{bucket}."
    async for stored in sweep(bus, f"KV_{bucket}", f"{prefix}>"):
        yield Entry(stored.subject.removeprefix(prefix), stored.data or None, stored.sequence)


class _Basket:
    """Gathers the messages of one answer after the other; a callback costs half of what waiting for each message does."""

    def __init__(self) -> None:
        self._messages: list[Stored] = []
        self._end: asyncio.Queue[str] = asyncio.Queue()

    async def take(self, message: Msg) -> None:
        headers = message.headers or {}
        if status := headers.get("Status", ""):
            self._end.put_nowait(status)
            return
        self._messages.append(Stored(int(headers["Nats-Sequence"]), headers["Nats-Subject"], message.data))

    async def filled(self) -> list[Stored]:
        """The messages of one answer, up to the status that ends it.

        Raises:
            Retry: code BUS_UNAVAILABLE, the answer did not come, or is a refusal.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                status = await self._end.get()
        except TimeoutError as error:
            raise Retry("the bus did not answer in full", code="BUS_UNAVAILABLE") from error
        if status not in {END, NOTHING}:
            raise Retry(f"the bus answered {status}", code="BUS_UNAVAILABLE")
        batch, self._messages = self._messages, []
        return batch
