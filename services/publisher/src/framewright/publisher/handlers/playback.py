"""Asks the servers what they play, at every poll and at once when somebody says so, and writes it where all services look.

Of several publishers only one asks at a time. A server that does not answer is not written about, so what was known of it
grows old and it counts as idle: a probe that fails never holds work back.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog

from framewright.chassis.clock import now
from framewright.chassis.playback import POLLS_BELIEVED
from framewright.chassis.stopping import cancelled
from framewright.contracts.base import decode
from framewright.contracts.playback import PlaybackHintV1, PlayingItem, ServerPlayback
from framewright.contracts.server import Server
from framewright.contracts.settings import Playback
from framewright.domain.errors import Busy, FramewrightError, Reject

GLANCE = 1.0
"""Seconds between two looks for servers whose turn it is; one that is added is asked that soon."""

log = structlog.get_logger("playback")


@dataclass(frozen=True, slots=True)
class Probe:
    """What the watch needs; `known` is the newest state of a server, `say` stores one for so many seconds."""

    servers: Callable[[], Sequence[Server]]
    playback: Callable[[], Playback]
    sessions: Callable[[Server], Awaitable[tuple[PlayingItem, ...]]]
    known: Callable[[str], ServerPlayback | None]
    say: Callable[[ServerPlayback, int], Awaitable[None]]
    lease: Callable[[str], AbstractAsyncContextManager[None]]
    hints: Callable[[], AbstractAsyncContextManager[AsyncIterator[bytes]]]


class PlaybackWatch:
    """One task that keeps every server's state fresh."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, float] = {}
        self._failing: set[str] = set()
        self._again: set[str] = set()

    def ask_now(self, server: Server) -> None:
        """Ask a server at once; one that is just being asked is asked once more, since it may have answered already."""
        if self._probe.playback().policy != "ignore":
            self._ask([server], at_once=True)

    async def run(self, stopping: asyncio.Event) -> None:
        """Ask until told to stop."""
        listening = asyncio.create_task(self._listen())
        try:
            while not stopping.is_set():
                if self._probe.playback().policy != "ignore":
                    self._ask(self._probe.servers(), at_once=False)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(GLANCE):
                        await stopping.wait()
        finally:
            await cancelled([listening, *self._asking.values()])

    async def _listen(self) -> None:
        async with self._probe.hints() as hints:
            async for data in hints:
                with contextlib.suppress(Reject):
                    hint = decode(PlaybackHintV1, data)
                    for server in [one for one in self._probe.servers() if _is_meant(one, hint)]:
                        self.ask_now(server)

    def _ask(self, servers: Sequence[Server], *, at_once: bool) -> None:
        """Begin to ask those that can be asked and are not being asked: one that hangs holds up no other."""
        moment, poll = time.monotonic(), self._probe.playback().poll_seconds
        for server in servers:
            under_way = self._asking.get(server.id)
            idle = under_way is None or under_way.done()
            due = at_once or moment - self._asked.get(server.id, -math.inf) >= poll
            if not idle and at_once:
                self._again.add(server.id)
            if server.enabled and server.url and idle and due:
                self._asked[server.id] = moment
                self._asking[server.id] = asyncio.create_task(self._looks(server, at_once=at_once))

    async def _looks(self, server: Server, *, at_once: bool) -> None:
        await self._look(server, at_once=at_once)
        while server.id in self._again:
            self._again.discard(server.id)
            await self._look(server, at_once=True)

    async def _look(self, server: Server, *, at_once: bool) -> None:
        poll = self._probe.playback().poll_seconds
        known = self._probe.known(server.id)
        if not at_once and known is not None and (now() - known.at).total_seconds() < poll / 2:
            return  # another publisher has just asked
        try:
            async with self._probe.lease(server.id):
                state = ServerPlayback(server.id, now(), await self._probe.sessions(server))
                await self._probe.say(state, POLLS_BELIEVED * poll + 1)
            self._failing.discard(server.id)
        except Busy:
            return
        except FramewrightError as error:
            if server.id not in self._failing:
                log.warning("not known what is played", server=server.id, code=error.code, reason=error.reason)
            self._failing.add(server.id)


def _is_meant(server: Server, hint: PlaybackHintV1) -> bool:
    same = not hint.server_identity or server.server_identity in {"", hint.server_identity}
    return same and server.type == hint.server_type
