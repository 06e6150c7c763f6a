"""What changed, gathered for half a second and then told once: at most two events a second for each job."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from framewright.chassis.bus import Bus
from framewright.chassis.stopping import until
from framewright.contracts.base import decode
from framewright.contracts.progress import ProgressV1
from framewright.domain.errors import Reject, Retry
from framewright.ui.adapters.hub import Hub
from framewright.ui.adapters.storing import Changed
from framewright.ui.domain.board import Board
from framewright.ui.domain.ports import Archive
from framewright.ui.domain.rows import FileKey

BEAT = 0.5
FILES_TOLD = 50
"""Files of one beat that are told in full; a page that shows more reads them anew."""


class Ticker:
    """Turns changes of the projection and live progress into live events."""

    def __init__(self, archive: Archive, board: Board, hub: Hub) -> None:
        self._archive = archive
        self._board = board
        self._hub = hub
        self._jobs: set[str] = set()
        self._files: set[FileKey] = set()
        self._working: set[str] = set()
        self._history = False
        self._servers = False
        self._due = asyncio.Event()

    def changed(self, changed: Changed) -> None:
        """Take note of a batch."""
        self._jobs |= changed.jobs | {job_id for job_id, _ in changed.files}
        self._files |= changed.files
        self._history = self._history or changed.events
        self._servers = self._servers or changed.servers
        self._due.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Tell, once a beat, until told to stop; then let every listener go."""
        try:
            await until(stopping, self._beat_for_ever())
        finally:
            self._hub.close()

    async def listen(self, bus: Bus, stopping: asyncio.Event) -> None:
        """Note live progress until told to stop."""
        async with bus.listening(f"{ProgressV1.HEAD}.>") as messages:
            await until(stopping, self._hear(messages))

    async def _hear(self, messages: AsyncIterator[bytes]) -> None:
        async for data in messages:
            with contextlib.suppress(Reject):
                progress = decode(ProgressV1, data)
                self._board.note(progress, time.monotonic())
                self._working |= set(progress.job_ids)
                self._due.set()

    async def _beat_for_ever(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            with contextlib.suppress(Retry):
                await self._tell()
            await asyncio.sleep(BEAT)

    async def _tell(self) -> None:
        jobs, files, working = self._jobs, self._files, self._working - self._jobs
        history, self._history = self._history, False
        servers, self._servers = self._servers, False
        self._jobs, self._files, self._working = set(), set(), set()
        for job_id in jobs:
            await self._tell_job(job_id, [key for key in files if key[0] == job_id])
        for job_id in working:
            await self._tell_progress(job_id)
        for name in [name for name, told in (("history", history), ("servers", servers)) if told]:
            self._hub.tell(name, {})

    async def _tell_job(self, job_id: str, keys: list[FileKey]) -> None:
        views = await self._archive.some_files(keys[:FILES_TOLD])
        for view in views:
            if view.outcome.settled or view.pack:
                self._board.drop(view.path_id)
        job = await self._archive.job(job_id)
        if job is None:
            self._hub.tell("gone", {"job_id": job_id})
            return
        self._hub.tell("job", job)
        if keys:
            self._hub.tell("files", {"job_id": job_id, "files": views, "more": max(0, len(keys) - FILES_TOLD)})

    async def _tell_progress(self, job_id: str) -> None:
        job = await self._archive.job(job_id)
        if job is not None:
            workers = self._board.workers(time.monotonic(), job_id)
            self._hub.tell("progress", {"job_id": job_id, "progress": job.progress, "workers": workers})
