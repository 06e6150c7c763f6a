"""One breaker per server: a server that does not answer is left alone, and asked now and then whether it is back.

It is the gate of the server's HTTP client, so every call counts, whoever makes it. While it is open no call is made and the
server's queues are not served: what the server is owed stays where it is and costs nothing, for as long as it takes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import structlog

from framewright.chassis.clock import after, now
from framewright.contracts.server import Server
from framewright.contracts.server_state import ServerState
from framewright.domain.errors import Busy, FramewrightError, Reject, Retry

FAILURES = 5
"""Calls in a row without an answer, or with 5xx, after which none is made any more."""

PROBE_SECONDS = 30.0
REFUSED_PROBE_SECONDS = 60.0

FAILING = frozenset({"TIMEOUT", "UNREACHABLE", "SERVER_ERROR"})
UNAUTHORIZED = "UNAUTHORIZED"

log = structlog.get_logger("breaker")


@dataclass(slots=True)
class Breaker:
    """Fulfils `framewright.vendors.Gate` for one server; `changed` is called when it opens or wants to be probed.

    A refusal may be meant for one call only, so it alone opens nothing: the probe decides.
    """

    changed: Callable[[], None]
    clock: Callable[[], float] = time.monotonic
    code: str = ""
    reason: str = ""
    doubted: bool = False
    probe_at: float = 0.0
    _failures: int = field(default=0)

    @property
    def is_open(self) -> bool:
        """Whether no calls are made."""
        return bool(self.code)

    def admit(self) -> None:
        """Let a call pass.

        Raises:
            Busy: the breaker is open; `after` is beyond the next probe. It is no failed attempt.
        """
        if self.code:
            wait = max(0.0, self.probe_at - self.clock()) + 1.0
            raise Busy(f"not asked: {self.reason}", after=wait, code=self.code)

    def ended(self, error: FramewrightError | None) -> None:
        """Count how a call ended; every answer but a failure shows that the server is there."""
        code = error.code if error else ""
        if code in FAILING and error:
            self._failures += 1
            if self._failures >= FAILURES and not self.code:
                self.open(error, PROBE_SECONDS)
            return
        self._failures = 0
        if code == UNAUTHORIZED and not self.doubted and not self.code:
            self.doubted = True
            self.probe_at = self.clock()
            self.changed()

    def probed(self, error: FramewrightError | None) -> None:
        """What came of a probe; a server that answers anything but a refusal takes calls again."""
        self.doubted = False
        if error is not None and error.code in FAILING:
            if self.code or self._failures >= FAILURES:
                self.open(error, PROBE_SECONDS)
        elif error is not None and error.code == UNAUTHORIZED:
            self.open(error, REFUSED_PROBE_SECONDS)
        else:
            self._close()

    def open(self, error: FramewrightError, probe_seconds: float) -> None:
        """Make no more calls, and ask again after so many seconds."""
        self.probe_at = self.clock() + probe_seconds
        self.code, self.reason = error.code, error.reason
        self.changed()

    def _close(self) -> None:
        self._failures = 0
        if self.code:
            self.code = self.reason = ""
            self.changed()


class Breakers:
    """The breakers of all servers, and whoever asks the open ones.

    `probe` asks a server who it is past its breaker, `tell` makes a state known, `remembered` is what was told before this
    process began; all may raise `Retry` and `Reject`.
    """

    def __init__(
        self,
        servers: Callable[[], Iterable[Server]],
        probe: Callable[[Server], Awaitable[object]],
        tell: Callable[[ServerState], Awaitable[None]],
        remembered: Callable[[str], Awaitable[ServerState | None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = servers
        self._probe = probe
        self._tell = tell
        self._remembered = remembered
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}
        self._known: dict[str, Server] = {}
        self._told: dict[str, ServerState] = {}
        self._probing: dict[str, asyncio.Task[None]] = {}
        self._recalled: set[str] = set()
        self._stirred = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever a breaker opens or closes."""
        self._listeners.append(listener)

    def of(self, server_id: str) -> Breaker:
        """The breaker of a server."""
        return self._breakers.setdefault(server_id, Breaker(self._changed, self._clock))

    def is_open(self, server_id: str) -> bool:
        """Whether no calls are made to the server."""
        return server_id in self._breakers and self._breakers[server_id].is_open

    def reconsider(self) -> None:
        """The configuration changed: an open breaker of a server that is configured otherwise now is probed at once."""
        for server in self._servers():
            breaker = self._breakers.get(server.id)
            if breaker is not None and breaker.is_open and self._known.get(server.id) != server:
                breaker.probe_at = self._clock()
        self._known = {server.id: server for server in self._servers()}
        self._stirred.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Probe what is due and tell what changed, until told to stop; a probe that hangs delays nobody."""
        stop = asyncio.ensure_future(stopping.wait())
        while not stopping.is_set():
            self._stirred.clear()
            await self._recall()
            await self._tell_all()
            self._start_probes()
            stirred = asyncio.ensure_future(self._stirred.wait())
            await asyncio.wait((stop, stirred), timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            stirred.cancel()
        for task in self._probing.values():
            task.cancel()
        await asyncio.gather(*self._probing.values(), return_exceptions=True)

    async def _recall(self) -> None:
        """Take up what was told of a server before this process began, and see at once whether it still holds."""
        for server in [one for one in self._servers() if one.id not in self._recalled]:
            try:
                state = await self._remembered(server.id)
            except (Retry, Reject):
                continue
            self._recalled.add(server.id)
            if state is not None and state.code and not self.is_open(server.id):
                self._told[server.id] = state
                self.of(server.id).open(Retry(state.reason, code=state.code), 0.0)

    def _changed(self) -> None:
        self._stirred.set()
        for listener in self._listeners:
            listener()

    def _start_probes(self) -> None:
        self._probing = {name: task for name, task in self._probing.items() if not task.done()}
        for server in self._servers():
            breaker = self._breakers.get(server.id)
            if breaker is None or server.id in self._probing or not (breaker.is_open or breaker.doubted):
                continue
            if server.enabled and self._clock() >= breaker.probe_at:
                self._probing[server.id] = asyncio.create_task(self._ask(server, breaker))

    async def _ask(self, server: Server, breaker: Breaker) -> None:
        try:
            await self._probe(server)
        except (Retry, Reject) as error:
            breaker.probed(error)
        else:
            breaker.probed(None)

    async def _tell_all(self) -> None:
        """Make every state known that is not, and say again the ones that would be forgotten otherwise."""
        for server_id in list(self._breakers.keys() | self._told.keys()):
            state = self._state(server_id)
            if state == self._told.get(server_id) or (not state.code and server_id not in self._told):
                continue
            try:
                await self._tell(state)
            except Busy:
                continue  # another publisher tells of the same server; what is left to tell then is told at the next turn
            except (Retry, Reject) as error:
                log.warning("a server's state was not told", server=server_id, code=error.code, reason=error.reason)
                continue
            if state.code:
                self._told[server_id] = state
            else:
                del self._told[server_id]

    def _state(self, server_id: str) -> ServerState:
        """The state as it is told: the same trouble keeps its beginning, and a new probe is news."""
        breaker = self._breakers.get(server_id)
        configured = any(server.id == server_id for server in self._servers())
        told = self._told.get(server_id)
        if breaker is None or not breaker.is_open or not configured:
            return ServerState(server_id=server_id, since=told.since if told else now())
        since = told.since if told and told.code == breaker.code else now()
        same = told is not None and (told.code, told.reason) == (breaker.code, breaker.reason)
        probing = breaker.probe_at <= self._clock()
        if same and told and told.next_try and (probing or told.next_try > now()):
            return told
        next_try = after(max(0.0, breaker.probe_at - self._clock()))
        return ServerState(
            server_id=server_id, since=since, code=breaker.code, reason=breaker.reason, next_try=next_try
        )
