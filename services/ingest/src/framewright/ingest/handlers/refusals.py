"""Requests that were refused before they were read: counted, and told as one row of the history for each sender."""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Sequence

from framewright.chassis.clock import now
from framewright.contracts.base import Message
from framewright.contracts.facts import EventClassifiedV1
from framewright.domain.errors import Retry
from framewright.ingest.domain.flood import Refusals
from framewright.vendors.source import Status


async def tell_refusals(
    refusals: Callable[[], Sequence[Refusals]],
    send: Callable[[Message], Awaitable[None]],
    stopping: asyncio.Event,
    every: float = 60.0,
) -> None:
    """Tell what was refused, once in `every` seconds and once more in the end; what the bus did not take is told later."""
    untold: list[EventClassifiedV1] = []
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every):
                await stopping.wait()
        untold = untold or [_row(one) for one in refusals()]
        with contextlib.suppress(Retry):
            while untold:
                await send(untold[0])
                untold.pop(0)
        if stopping.is_set():
            return


def _row(one: Refusals) -> EventClassifiedV1:
    """The sender is named by its address alone."""
    address = one.sender.partition(" ")[0]
    return EventClassifiedV1(
        event_id=uuid.uuid4().hex,
        at=now(),
        source=one.route,
        event_type="",
        title=f"{one.count} requests from {address}",
        status=Status.REFUSED,
        reason="too many requests at once; the sender was told to come again",
        count=one.count,
    )
