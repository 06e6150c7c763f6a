"""What this process says of itself in the `presence` bucket, for as long as it lives."""

import asyncio
import contextlib
import re
from collections.abc import Callable

import structlog

from framewright.chassis.bus import Bucket
from framewright.contracts.base import encode
from framewright.contracts.devices import PRESENCE_PREFIX, WorkerPresence
from framewright.domain.errors import Retry
from framewright.extractor.adapters.waiting import first_of

BEAT_SECONDS = 15.0
LIFE_SECONDS = 60
"""Nothing is known of a worker that was silent for so long."""

PAUSE_SECONDS = 0.5
"""Changes that follow each other faster are told together."""

FAREWELL_SECONDS = 3.0

_ILLEGAL = re.compile(r"[^A-Za-z0-9_-]")

log = structlog.get_logger("presence")


class Presence:
    """Tells the world: at the start, on every change, every now and then; and takes it back at the end."""

    def __init__(
        self,
        bucket: Bucket,
        present: Callable[[], WorkerPresence],
        *,
        beat: float = BEAT_SECONDS,
        life: int = LIFE_SECONDS,
    ) -> None:
        self._bucket = bucket
        self._present = present
        self._beat = beat
        self._life = life
        self._changed = asyncio.Event()
        self._warned: tuple[str, ...] = ()

    def changed(self) -> None:
        """What there is to tell may have changed."""
        self._changed.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep the world informed until told to stop."""
        while not stopping.is_set():
            self._changed.clear()
            await first_of(stopping.wait(), self._tell(self._present()))
            await first_of(stopping.wait(), asyncio.sleep(PAUSE_SECONDS))
            await first_of(stopping.wait(), self._changed.wait(), wait=self._beat)
        with contextlib.suppress(Retry, TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._bucket.delete(_key(self._present()), seconds=self._life)

    async def _tell(self, word: WorkerPresence) -> None:
        for warning in word.warnings:
            if warning not in self._warned:
                log.warning(warning)
        self._warned = word.warnings
        try:
            await self._bucket.put(_key(word), encode(word), seconds=self._life)
        except Retry as error:
            log.info("presence not told", code=error.code, reason=error.reason)


def _key(word: WorkerPresence) -> str:
    # A host's name may hold dots; here they would make more tokens of it.
    return PRESENCE_PREFIX + _ILLEGAL.sub("-", word.worker)
