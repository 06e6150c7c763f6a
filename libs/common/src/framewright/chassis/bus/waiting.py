"""A message that waits for its time: what it is, and how to change it or take it out on condition that it is still as seen.

When its time comes the broker reads the message, stores it on its target, and then clears the place, whatever lies there by
then. So what is written or removed between the first and the last of these would be in vain although the broker confirmed it
(G21; 20 of 600 in a test). That is why nothing is done to a message in its last moment:
it is on its way, and whoever wants it finds it on its target a little later.
"""

# nats-py leaves some of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nats.js.errors import APIError, NotFoundError

from framewright.chassis.bus.connection import UNSURE, Bus, Occupied
from framewright.chassis.clock import now
from framewright.domain.errors import Retry

LAST_MOMENT = 0.2
"""Seconds before its time in which a message is left alone: more than the clocks of two machines differ, or a write takes."""

OVERDUE = 10.0
"""What did not go for so many seconds after its time is not on its way: a broker that lives looks four times a second."""

ADDED_BY_READING = frozenset({"Nats-Stream", "Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp"})
"""Headers that a direct get adds (NATS ADR-31); they say where the message stood, and must not be written with it."""

_AT = "@at "


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits for its time, as it was seen in its place; `due` is None when its schedule repeats."""

    stream: str
    subject: str
    sequence: int
    data: bytes
    due: datetime | None
    headers: Mapping[str, str]

    @property
    def leaving(self) -> bool:
        """Whether it is in its last moment."""
        return self._leaves_within(LAST_MOMENT)

    @property
    def left(self) -> bool:
        """Whether its time has come, so that what was done to it meanwhile may have been too late."""
        return self._leaves_within(0.0)

    def _leaves_within(self, seconds: float) -> bool:
        return self.due is not None and -OVERDUE < (self.due - now()).total_seconds() < seconds


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
    headers = {name: value for name, value in (found.headers or {}).items() if name not in ADDED_BY_READING}
    schedule = headers.get("Nats-Schedule", "")
    due = datetime.fromisoformat(schedule.removeprefix(_AT)) if schedule.startswith(_AT) else None
    return Held(stream, subject, found.seq or 0, found.data or b"", due, headers)


async def rewrite(bus: Bus, seen: Held, data: bytes, target: str) -> bool:
    """Give what waits another body and target; its time and what else it carries stay.

    False when it is not as seen any more or leaves, and also when that came too late perhaps: look again.

    Raises:
        Retry: the bus is out of reach.
    """
    if seen.leaving:
        return False
    headers = {
        **{name: value for name, value in seen.headers.items() if name != "Nats-Msg-Id"},
        "Nats-Schedule-Target": target,
        "Nats-Expected-Last-Subject-Sequence": str(seen.sequence),
    }
    try:
        await bus.publish(seen.subject, data, headers=headers, msg_id=f"rewritten.{seen.subject}.{seen.sequence}")
    except Occupied:
        return False
    return not seen.left


async def take_out(bus: Bus, seen: Held) -> bool:
    """Remove what waits, or is stored for a consumer; False as of `rewrite`.

    Raises:
        Retry: the bus is out of reach.
    """
    if seen.leaving:
        return False
    return await bus.delete_message(seen.stream, seen.sequence) and not seen.left
