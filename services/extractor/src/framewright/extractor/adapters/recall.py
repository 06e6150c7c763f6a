"""Work that nobody waits for any more, and how whoever does it hears of that."""

import asyncio
from collections.abc import Sequence

from framewright.chassis.job_controls import JobControls


class Recall:
    """Watches what operators decide about jobs, for any number of listeners."""

    def __init__(self, controls: JobControls) -> None:
        self._controls = controls
        self._news = asyncio.Event()
        controls.on_change(self._wake)

    def cancelled(self, job_ids: Sequence[str]) -> bool:
        """Whether every one of these jobs is cancelled."""
        return self._controls.all_cancelled(job_ids)

    async def called(self, job_ids: Sequence[str]) -> None:
        """Wait until every one of these jobs is cancelled."""
        while not self.cancelled(job_ids):
            await self._news.wait()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
