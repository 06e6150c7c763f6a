"""Reading a stream in order without consuming it, from a position that the reader remembers, through server restarts.

Ordered push consumers stall for 20 s after a server restart (G11); this is a short-lived pull consumer that is made anew
from the last sequence whenever it is lost.
"""

# nats-py leaves some of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import contextlib
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from nats.js import api
from nats.js.errors import APIError

from framewright.chassis.bus.connection import UNSURE, Bus
from framewright.chassis.bus.delivered import Delivered
from framewright.chassis.bus.pulling import Puller
from framewright.domain.errors import Retry


async def follow(bus: Bus, stream: str, pattern: str, *, after: int | None = 0) -> AsyncIterator[Delivered | None]:
    """Every message after the sequence `after` (None: only the newest of each subject first), then None once, then news.

    Ends when the bus is closed. That matters on Python 3.11, where a cancellation can get lost inside `wait_for`.
    """
    last = after
    told = False
    while not bus.closed:
        try:
            async with _consumer(bus, stream, pattern, last) as (puller, pending):
                left = pending
                while True:
                    if not told and left <= 0:
                        told = True
                        yield None
                    found = await puller.next(5.0)
                    if found is not None:
                        left -= 1
                        last = found.sequence
                        yield found
        except Retry as error:
            await asyncio.sleep(error.after or 0.3)


@contextlib.asynccontextmanager
async def _consumer(bus: Bus, stream: str, pattern: str, last: int | None) -> AsyncGenerator[tuple[Puller, int]]:
    start: dict[str, Any] = {"deliver_policy": api.DeliverPolicy.LAST_PER_SUBJECT}
    if last is not None:
        start = {"deliver_policy": api.DeliverPolicy.BY_START_SEQUENCE, "opt_start_seq": last + 1}
    name = f"follow-{uuid.uuid4().hex}"
    config = api.ConsumerConfig(
        name=name,
        filter_subject=pattern,
        ack_policy=api.AckPolicy.NONE,
        inactive_threshold=60.0,
        mem_storage=True,
        num_replicas=1,
        **start,
    )
    try:
        info = await bus.js.add_consumer(stream, config)
    except (*UNSURE, APIError) as error:
        raise Retry(f"stream {stream} cannot be followed yet", code="BUS_UNAVAILABLE") from error
    puller = Puller(bus, stream, name)
    try:
        yield puller, info.num_pending or 0
    finally:
        await puller.close()
