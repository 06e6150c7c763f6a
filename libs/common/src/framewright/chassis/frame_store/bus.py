"""Frame packs on the bus: parts first, manifest last, read by direct get.

A plain stream moves packs at 500 MB/s and more where the object store of the client manages 20 to 40 (docs/adr/0004); the
oldest packs fall out at the cap, and a part that is gone makes the whole pack a miss. Needs a connection of its own (G20).
"""

from collections.abc import Callable, Sequence

from framewright.chassis.bus import Bus, limit_stream
from framewright.chassis.frame_store.keeping import Keeping, check_size, checked
from framewright.contracts.catalogue import FRAMES
from framewright.domain.errors import Retry


class BusFrameStore:
    """The `FrameStore` port over the FRAMES stream; `keeping` is asked anew whenever it matters, and by writers only."""

    def __init__(self, bus: Bus, keeping: Callable[[], Keeping] = Keeping) -> None:
        self._bus = bus
        self._keeping = keeping
        self._agreed = 0

    async def manifest(self, key: str) -> bytes | None:
        """See `FrameStore.manifest`."""
        return await self._get(f"{_subject(key)}.m")

    async def whole(self, key: str, parts: int) -> bool:
        """See `FrameStore.whole`; the broker lists the subjects and sends no body."""
        head = _subject(key)
        there = await self._bus.subjects(FRAMES.name, f"{head}.*")
        return all(name in there for name in (f"{head}.m", *(f"{head}.p{number}" for number in range(parts))))

    async def part(self, key: str, number: int) -> bytes | None:
        """See `FrameStore.part`."""
        return await self._get(f"{_subject(key)}.p{number}")

    async def put(self, key: str, parts: Sequence[bytes], manifest: bytes) -> None:
        """See `FrameStore.put`."""
        head, kept = _subject(key), self._keeping()
        check_size(sum(map(len, parts)) + len(manifest), kept)
        headers = {"Nats-TTL": f"{kept.seconds}s"}
        for number, part in enumerate(parts):
            await self._bus.publish(f"{head}.p{number}", part, headers=headers)
        await self._bus.publish(f"{head}.m", manifest, headers=headers)

    async def tend(self) -> None:
        """Let the stream be as large as it should be now. Several writers may: all of them read the same setting.

        Raises:
            Reject: the broker has not that much room.
            Retry: the bus is out of reach.
        """
        wanted = self._keeping().max_bytes
        if wanted != self._agreed:
            await limit_stream(self._bus, FRAMES, wanted)
            self._agreed = wanted

    async def _get(self, subject: str) -> bytes | None:
        # Two tries: the first direct get after a broker restart can find no responder for a moment.
        for last_try in (False, True):
            try:
                found = await self._bus.get_last(FRAMES.name, subject)
            except Retry:
                if last_try:
                    raise
            else:
                return None if found is None else found[1]
        return None


def _subject(key: str) -> str:
    return f"frames.v1.{checked(key)}"
