"""Looking at a stretch of a stream in order, without consuming it."""

# nats-py leaves some of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import uuid
from collections.abc import AsyncIterator
from datetime import datetime

from nats.js import api
from nats.js.errors import APIError

from framewright.chassis.bus.connection import UNSURE, Bus
from framewright.chassis.bus.delivered import Delivered
from framewright.chassis.bus.pulling import Puller
from framewright.domain.errors import Retry


async def stored_since(bus: Bus, stream: str, pattern: str, start: datetime) -> AsyncIterator[Delivered]:
    """The messages that were stored at `start` (aware) or later, oldest first, and no news; not for work queues (G6).

    Raises:
        Retry: the bus is out of reach.
    """
    name = f"read-{uuid.uuid4().hex}"
    config = api.ConsumerConfig(
        name=name,
        filter_subject=pattern,
        ack_policy=api.AckPolicy.NONE,
        deliver_policy=api.DeliverPolicy.BY_START_TIME,
        opt_start_time=start,
        inactive_threshold=30.0,
        mem_storage=True,
        num_replicas=1,
    )
    try:
        info = await bus.js.add_consumer(stream, config)
    except (*UNSURE, APIError) as error:
        raise Retry(f"stream {stream} cannot be read now", code="BUS_UNAVAILABLE") from error
    puller = Puller(bus, stream, name)
    try:
        for _ in range(info.num_pending or 0):
            found = await puller.next(2.0)
            if found is None:
                return
            yield found
    finally:
        await puller.close()
