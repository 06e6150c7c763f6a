"""Pulling one message at a time, over several lanes in strict order.

nats-py's own fetch knows no `no_wait`, which strict lanes need; the request is plain JSON, so it is made here. A puller
has one inbox and at most one request outstanding; a message that arrives after its request timed out here stays in
the inbox and is answered by the next call, so nothing that was handed out is forgotten.
"""

# nats-py leaves some of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import contextlib
import time

import msgspec
import nats.errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from framewright.chassis.bus.connection import UNSURE, Bus
from framewright.chassis.bus.delivered import Delivered
from framewright.domain.errors import Retry

NOTHING = frozenset({"404", "408"})
"""Status of an empty answer: no message, or the request expired."""

HEARTBEAT = "100"

SLACK = 1.0
GLANCE = 0.5
"""How often a waiting pull looks whether the connection was lost meanwhile: the server forgot the request then."""


class Puller:
    """Pulls from one durable consumer; not for use by two tasks at once."""

    def __init__(self, bus: Bus, stream: str, consumer: str) -> None:
        self._bus = bus
        self._request = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self.consumer = consumer
        self._inbox = bus.client.new_inbox()
        self._subscription: Subscription | None = None

    async def next(self, expires: float) -> Delivered | None:
        """The next message, waiting at most `expires` seconds (0: do not wait); None when there is none.

        Raises:
            Retry: code CONSUMER_GONE when no such consumer answers (not provisioned, or the server restarts).
        """
        try:
            message = await self._pull(expires)
        except UNSURE as error:
            raise Retry(f"consumer {self.consumer} did not answer", code="CONSUMER_GONE", after=0.5) from error
        return None if message is None else Delivered(message)

    async def close(self) -> None:
        """Leave the inbox; what was requested and not answered is redelivered by the server."""
        if self._subscription is not None:
            with contextlib.suppress(*UNSURE, nats.errors.BadSubscriptionError):
                await self._subscription.unsubscribe()

    async def _pull(self, expires: float) -> Msg | None:
        if self._subscription is None:
            self._subscription = await self._bus.client.subscribe(self._inbox)
        if self._subscription.pending_msgs == 0:
            await self._ask(expires)
        ends = time.monotonic() + expires + SLACK
        reconnects = self._bus.reconnects
        while (left := ends - time.monotonic()) > 0 and self._bus.reconnects == reconnects:
            with contextlib.suppress(nats.errors.TimeoutError):
                message = await self._subscription.next_msg(timeout=min(left, GLANCE))
                if (status := _status(message)) is None:
                    return message
                if status in NOTHING:
                    return None
                if status != HEARTBEAT:
                    raise Retry(f"consumer {self.consumer} answered {status}", code="CONSUMER_GONE", after=0.5)
        return None

    async def _ask(self, expires: float) -> None:
        wish: dict[str, object] = (
            {"batch": 1, "no_wait": True} if expires <= 0 else {"batch": 1, "expires": int(expires * 1e9)}
        )
        await self._bus.client.publish(self._request, msgspec.json.encode(wish), self._inbox)


class Lanes:
    """Several consumers in order of urgency: the first is always asked first, one pick in `fairness` reverses the order."""

    def __init__(self, pullers: list[Puller], *, fairness: int = 16) -> None:
        self._pullers = pullers
        self._fairness = fairness
        self._picks = 0

    async def next(self, expires: float) -> Delivered | None:
        """The most urgent message; with all lanes empty, waits on the most urgent one for `expires` seconds."""
        if len(self._pullers) > 1:
            self._picks += 1
            unfair = self._picks % self._fairness == 0
            for puller in reversed(self._pullers) if unfair else self._pullers:
                found = await puller.next(0)
                if found is not None:
                    return found
        return await self._pullers[0].next(expires)

    async def close(self) -> None:
        """Leave every inbox."""
        for puller in self._pullers:
            await puller.close()


def _status(message: Msg) -> str | None:
    headers = message.headers or {}
    return headers.get("Status") if not message.data else None
