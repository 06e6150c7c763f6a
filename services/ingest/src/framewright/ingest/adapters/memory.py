"""What was delivered and joined already, kept for an hour so that neither a sender nor a crash makes work twice."""

import hashlib

from framewright.chassis.bus import Bucket
from framewright.domain.errors import Retry

KEPT_SECONDS = 3600

ANSWER_SECONDS = 600
"""How late the deletion half of an upgrade may come behind the import: senders and crashes delay it by minutes."""


class Memory:
    """Marks in the bucket `locks`; each names the event that came first."""

    def __init__(self, locks: Bucket) -> None:
        self._locks = locks

    async def first_event(self, delivery: str, key: str, event_id: str) -> str:
        """The event with which this delivery of a path came first: the given one, unless another one was faster.

        Raises:
            Retry: the bus is out of reach, or somebody else writes the same mark right now.
        """
        name = f"delivered.{_digest(delivery, key)}"
        if await self._locks.lease(name, event_id, KEPT_SECONDS) is not None:
            return event_id
        holder = await self._locks.get(name)
        if holder is None or not holder.value:
            raise Retry("the mark of a delivery is being written", after=1.0)
        return holder.value.decode()

    async def answer(self, key: str) -> str:
        """The import that told already what became of a path; empty when none did lately."""
        found = await self._locks.get(f"answered.{key}")
        return found.value.decode() if found and found.value else ""

    async def will_answer(self, key: str, event_id: str) -> None:
        """Note that an import says what became of a path."""
        await self._locks.put(f"answered.{key}", event_id.encode(), seconds=ANSWER_SECONDS)

    async def leader(self, event_id: str, key: str) -> str:
        """The event whose group this one was about to join; empty when it began one, or never came so far."""
        found = await self._locks.get(f"joined.{_digest(event_id, key)}")
        return found.value.decode() if found and found.value else ""

    async def will_follow(self, event_id: str, key: str, leader: str) -> None:
        """Note the group before it is joined: after a crash the group may be gone, and its id must still be known."""
        await self._locks.put(f"joined.{_digest(event_id, key)}", leader.encode(), seconds=KEPT_SECONDS)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
