"""Looking at what is stored without consuming it: a stretch of a stream in order, and a message that waits for its time."""

# nats-py leaves some of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from nats.js import api
from nats.js.errors import APIError, NotFoundError

from framewright.chassis.bus.connection import UNSURE, Bus
from framewright.chassis.bus.delivered import Delivered
from framewright.chassis.bus.pulling import Puller
from framewright.domain.errors import Retry

_AT = "@at "


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits for its time; `due` is None when its schedule repeats."""

    subject: str
    data: bytes
    due: datetime | None
    headers: Mapping[str, str]


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


async def held(bus: Bus, stream: str, subject: str) -> Held | None:
    """The message that waits on this literal subject, with the time it waits for; None when none waits.

    Raises:
        Retry: the bus is out of reach.
    """
    try:
        found = await bus.js.get_msg(stream, subject=subject, direct=True)
    except NotFoundError:
        return None
    except (*UNSURE, APIError) as error:
        raise Retry(f"the bus did not answer for {subject}", code="BUS_UNAVAILABLE") from error
    headers = found.headers or {}
    schedule = headers.get("Nats-Schedule", "")
    due = datetime.fromisoformat(schedule.removeprefix(_AT)) if schedule.startswith(_AT) else None
    return Held(subject, found.data or b"", due, headers)
