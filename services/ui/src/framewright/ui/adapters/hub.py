"""The live stream: one ring of recent events, one bounded queue per listener.

A listener that does not keep up is let go (the browser comes back and catches up from the ring); nothing is ever buffered
without bound. Ids name this process as well, so that a page that outlives a restart is told to read everything anew.
"""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import AsyncGenerator

import msgspec

from framewright.ui.domain.ports import LiveEvent

RING = 512
QUEUE = 128
HEARTBEAT = 15.0

_END = LiveEvent("", "", b"")


class Hub:
    """Fulfils `Live`."""

    def __init__(self, *, queue: int = QUEUE, heartbeat: float = HEARTBEAT) -> None:
        self._boot = secrets.token_hex(4)
        self._number = 0
        self._ring: deque[LiveEvent] = deque(maxlen=RING)
        self._listeners: set[asyncio.Queue[LiveEvent]] = set()
        self._queue = queue
        self._heartbeat = heartbeat
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many listen right now."""
        return len(self._listeners)

    @property
    def last_id(self) -> str:
        """See `Live.last_id`."""
        return f"{self._boot}-{self._number}"

    def tell(self, name: str, value: object) -> None:
        """Send an event to everyone who listens; whoever is too slow is let go."""
        self._number += 1
        event = LiveEvent(f"{self._boot}-{self._number}", name, msgspec.json.encode(value))
        self._ring.append(event)
        for listener in [listener for listener in self._listeners if listener.full()]:
            self._let_go(listener)
        for listener in self._listeners:
            listener.put_nowait(event)

    async def events(self, last_id: str) -> AsyncGenerator[LiveEvent | None]:
        """See `Live.events`; begins with `hello`, or with `reset` where the gap is no longer known."""
        listener: asyncio.Queue[LiveEvent] = asyncio.Queue(self._queue)
        missed = self._since(last_id)
        first = "hello" if missed is not None else "reset"
        if not self._closed:
            self._listeners.add(listener)
        try:
            yield LiveEvent(f"{self._boot}-{self._number - len(missed or ())}", first, b"{}")
            for event in missed or ():
                yield event
            while listener in self._listeners or not listener.empty():
                with contextlib.suppress(TimeoutError):
                    event = await asyncio.wait_for(listener.get(), self._heartbeat)
                    if event is _END:
                        return
                    yield event
                    continue
                yield None
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Let everyone go; for the end of the process."""
        self._closed = True
        for listener in list(self._listeners):
            self._let_go(listener)

    def _since(self, last_id: str) -> list[LiveEvent] | None:
        """What was told after an event; None when that is no longer known."""
        if not last_id:
            return []
        boot, _, number = last_id.partition("-")
        if boot != self._boot or not number.isdecimal():
            return None
        missed = self._number - int(number)
        return list(self._ring)[len(self._ring) - missed :] if 0 <= missed <= len(self._ring) else None

    def _let_go(self, listener: asyncio.Queue[LiveEvent]) -> None:
        self._listeners.discard(listener)
        while listener.full():
            listener.get_nowait()
        listener.put_nowait(_END)
