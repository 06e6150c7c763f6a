"""Work that was taken out of its queue while somebody had it in hand: something else stands for it, and it leads nowhere.

A message can be removed from a queue at any time, by whoever replaces it or knows that it is out of date. Its worker is not
told; it asks before anything follows from what it did.
"""

from framewright.chassis.bus import Bus, Delivered
from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Message
from framewright.contracts.catalogue import Retention, Stream, stream_of


def leads_on(answer: Answer) -> bool:
    """Whether somebody will do something because of the answer; facts are only told."""
    if not isinstance(answer, Message):
        return True
    home = stream_of(answer.subject())
    return home is not None and home.retention is Retention.WORK_QUEUE


async def was_withdrawn(bus: Bus, stream: Stream, delivered: Delivered) -> bool:
    """Whether the message was taken out of its queue meanwhile, or another delivery of it was settled.

    Raises:
        Retry: the bus is out of reach.
    """
    if stream.retention is not Retention.WORK_QUEUE:
        return False
    if await bus.get_sequence(delivered.stream, delivered.sequence) is not None:
        return False
    # A broker that lost what it had not written to disk counts from an earlier number: that is nobody's word.
    _, last = await bus.stream_state(delivered.stream)
    return last >= delivered.sequence
