"""Supervised worker processes: few, warm while there is work, gone when idle, killed when they hang.

This process never loads a decoder; a file that crashes or stalls one costs that file a retry and nobody else anything.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Self

from framewright.domain.errors import Retry
from framewright.extractor.adapters.children import decoder_environment
from framewright.extractor.adapters.family import end_descendants, resume, suspend
from framewright.extractor.adapters.wire import PREFIX, Failed, Message, Progress, error_of, pack, read_message
from framewright.extractor.domain.request import Extraction, ExtractionRequest

WORN_OUT = 200
"""Jobs after which a worker is replaced, so that what a decoder leaks is given back."""


@dataclass(slots=True, eq=False)
class _Child:
    process: asyncio.subprocess.Process
    jobs: int = 0
    talking: bool = False
    retirement: asyncio.TimerHandle | None = None


class WorkerPool:
    """At most `size` extractions at a time, each in a child process.

    A child is kept for the next job and let go after `idle_seconds` without one. It is killed after `stall_timeout`
    seconds without a sign of progress (a read or a picture; a slow disk is not a stall) and when its job is cancelled.
    """

    def __init__(
        self,
        size: int,
        *,
        idle_seconds: float = 30.0,
        stall_timeout: float = 60.0,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is called when an extraction begins or ends."""
        self._size = size
        self._busy = 0
        self._room = asyncio.Event()
        self._going = asyncio.Event()
        self._going.set()
        self._clocks: set[asyncio.Timeout] = set()
        self._changed = changed
        self._idle_seconds = idle_seconds
        self._stall_timeout = stall_timeout
        self._idle: list[_Child] = []
        self._children: set[_Child] = set()
        self._farewells: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for child in [*self._children]:
            self._dismiss(child)
        await asyncio.gather(*self._farewells)

    @property
    def size(self) -> int:
        """Extractions that may run at a time."""
        return self._size

    @property
    def busy(self) -> int:
        """Extractions that run now."""
        return self._busy

    def resize(self, size: int) -> None:
        """Let so many run at a time from now on; those that run already are finished."""
        self._size = size
        self._room.set()

    def hold(self, held: bool) -> None:
        """Let running work stand still, its decoders stopped where they are, or go on; while held nothing is begun.

        To be called again now and then while work is held: a decoder that was just being started is stopped then.
        """
        if not held and self._going.is_set():
            return
        (self._going.clear if held else self._going.set)()
        for clock in self._clocks:
            if not clock.expired():
                clock.reschedule(self._deadline())
        for child in self._children:
            if child.talking and child.process.returncode is None:
                (suspend if held else resume)(child.process.pid)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the children that are alive."""
        return tuple(child.process.pid for child in self._children)

    async def extract(
        self, request: ExtractionRequest, on_progress: Callable[[float], None] = lambda _share: None
    ) -> Extraction:
        """Pictures of one file; `on_progress` hears the share done, 0 to 1, a few times a second.

        Raises:
            Retry: `DECODER_CRASHED`, `DECODER_STALLED`, or what the engine raises.
            Reject: what the engine raises.
        """
        async with self._slot():
            await self._going.wait()
            child = await self._hire()
            try:
                answer = await self._converse(child, request, on_progress)
            except BaseException:
                self._dismiss(child)
                raise
            self._rest(child)
        if isinstance(answer, Failed):
            raise error_of(answer)
        return answer

    @contextlib.asynccontextmanager
    async def _slot(self) -> AsyncGenerator[None]:
        """Wait for a free place and hold it."""
        while self._busy >= self._size:
            self._room.clear()
            await self._room.wait()
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)
            self._room.set()

    def _count(self, more: int) -> None:
        self._busy += more
        self._changed()

    async def _converse(
        self, child: _Child, request: ExtractionRequest, on_progress: Callable[[float], None]
    ) -> Extraction | Failed:
        child.talking = True
        try:
            async with self._patience():
                await _send(child, request)
            while True:
                async with self._patience():
                    message = await _receive(child)
                if not isinstance(message, Progress):
                    return message if isinstance(message, Failed) else message.extraction
                on_progress(message.share)
        except TimeoutError as error:
            reason = f"the decoder made no progress on {request.path} for {self._stall_timeout:g} s"
            raise Retry(reason, code="DECODER_STALLED") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            how = _ending(await child.process.wait())
            raise Retry(f"the decoder crashed on {request.path} ({how})", code="DECODER_CRASHED") from error
        finally:
            child.talking = False

    @contextlib.asynccontextmanager
    async def _patience(self) -> AsyncGenerator[None]:
        """Wait for a sign of life at most as long as a decoder may be silent; while work is held the clock does not run."""
        async with asyncio.timeout_at(self._deadline()) as clock:
            self._clocks.add(clock)
            try:
                yield
            finally:
                self._clocks.discard(clock)

    def _deadline(self) -> float | None:
        return asyncio.get_running_loop().time() + self._stall_timeout if self._going.is_set() else None

    async def _hire(self) -> _Child:
        while self._idle:
            child = self._idle.pop()
            if child.retirement is not None:
                child.retirement.cancel()
            if child.process.returncode is None:
                return child
            self._dismiss(child)
        process = await asyncio.create_subprocess_exec(
            *_command(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=decoder_environment(),
        )
        child = _Child(process)
        self._children.add(child)
        return child

    def _rest(self, child: _Child) -> None:
        child.jobs += 1
        if child.jobs >= WORN_OUT:
            self._dismiss(child)
            return
        self._idle.append(child)
        child.retirement = asyncio.get_running_loop().call_later(self._idle_seconds, self._dismiss, child)

    def _dismiss(self, child: _Child) -> None:
        if child not in self._children:
            return
        self._children.discard(child)
        if child in self._idle:
            self._idle.remove(child)
        if child.retirement is not None:
            child.retirement.cancel()
        farewell = asyncio.ensure_future(_end(child))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)


def _command() -> Sequence[str]:
    return sys.executable, "-m", "framewright.extractor.adapters.worker", str(os.getpid())


async def _send(child: _Child, request: ExtractionRequest) -> None:
    assert child.process.stdin is not None
    child.process.stdin.write(pack(request))
    await child.process.stdin.drain()


async def _receive(child: _Child) -> Message:
    assert child.process.stdout is not None
    prefix = await child.process.stdout.readexactly(PREFIX.size)
    return read_message(await child.process.stdout.readexactly(PREFIX.unpack(prefix)[0]))


async def _end(child: _Child) -> None:
    if child.process.returncode is None:
        end_descendants(child.process.pid)
        child.process.kill()
    if child.talking:  # whoever listens reads the pipe to its end
        await child.process.wait()
        return
    # Also reads what is left in the pipes, so that their ends are closed.
    await child.process.communicate()


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
