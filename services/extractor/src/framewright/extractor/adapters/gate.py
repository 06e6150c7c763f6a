"""When slots may take work, and when even running work must stand still: what an operator, the clock and the players say."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from framewright.domain.errors import Busy
from framewright.extractor.adapters.waiting import first_of

GLANCE = 1.0
"""Seconds between two looks: quiet hours begin and end by the clock, and nothing tells of that."""

COME_BACK_SECONDS = 2.0

log = structlog.get_logger("extractor")


@dataclass(frozen=True, slots=True)
class Signals:
    """What the gate obeys; the first two answer a reason in words, empty when there is none.

    `held`: nothing heavy may begin or go on. `watched`: nothing may begin, for `patience` seconds at most. `hold` is told
    whether running work must stand still now.
    """

    held: Callable[[], str]
    watched: Callable[[], str]
    patience: Callable[[], float]
    hold: Callable[[bool], None]


class Gate:
    """Stands before every slot of this process."""

    def __init__(self, signals: Signals, clock: Callable[[], float] = time.monotonic) -> None:
        self._signals = signals
        self._clock = clock
        self._waiting_since: float | None = None
        self._reason = ""
        self._leaving = False
        self._news = asyncio.Event()
        self._hint = asyncio.Event()

    def changed(self) -> None:
        """What it obeys may have changed."""
        self._hint.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Look every now and then and whenever something changed, until told to stop."""
        while not stopping.is_set():
            self._hint.clear()
            self._look()
            await first_of(stopping.wait(), self._hint.wait(), wait=GLANCE)
        self._leaving = bool(self._signals.held())
        self._wake()

    async def work(self, serve: Callable[[asyncio.Event], Coroutine[Any, Any, None]], stopping: asyncio.Event) -> None:
        """Serve while the gate is open, until told to stop; what is held when it closes is finished before it reopens."""
        while await self._opened(stopping):
            closing = asyncio.Event()
            closer = asyncio.create_task(self._close(closing, stopping))
            try:
                await serve(closing)
            finally:
                closer.cancel()

    async def abandoned(self) -> None:
        """Wait until work that stands still can only be given back, because this process ends.

        Raises:
            Busy: always, in the end.
        """
        while not self._leaving:
            await self._news.wait()
        raise Busy("the extractor stopped while work was held back", after=COME_BACK_SECONDS)

    async def _opened(self, stopping: asyncio.Event) -> bool:
        self._look()
        while self._reason and not stopping.is_set():
            await first_of(stopping.wait(), self._news.wait())
        return not stopping.is_set()

    async def _close(self, closing: asyncio.Event, stopping: asyncio.Event) -> None:
        while not self._reason and not stopping.is_set():
            await first_of(stopping.wait(), self._news.wait())
        closing.set()

    def _look(self) -> None:
        held = self._signals.held()
        self._signals.hold(bool(held))
        reason = held or self._patiently(self._signals.watched())
        if reason != self._reason:
            log.info("work is held back" if reason else "work goes on", reason=reason)
            self._reason = reason
            self._wake()

    def _patiently(self, reason: str) -> str:
        """The reason, until it has lasted for too long."""
        if not reason:
            self._waiting_since = None
            return ""
        since = self._waiting_since = self._clock() if self._waiting_since is None else self._waiting_since
        return reason if self._clock() - since < self._signals.patience() else ""

    def _wake(self) -> None:
        """Whoever waits looks again; whoever waits next waits for the next news."""
        news, self._news = self._news, asyncio.Event()
        news.set()
