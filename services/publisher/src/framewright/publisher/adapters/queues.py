"""Three queues per server: made when the server is configured, served while it is enabled and answers, drained when it is gone.

What a disabled server is owed waits for it, and so does what one is owed that does not answer: its queues are not served and
cost nothing, but for removals, which need no server. What a removed server was owed is settled as cancelled or dropped, then its consumers go too.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from framewright.chassis.bus import Bus, consumer_names, delete_consumer, ensure_consumer, pending
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import Subscription, serve
from framewright.contracts.catalogue import PUBLISH, Consumer, ServerQueue, server_consumer
from framewright.domain.errors import FramewrightError

RECONCILE_SECONDS = 30.0

log = structlog.get_logger("queues")

Subscribe = Callable[[ServerQueue, Consumer], Subscription[Any]]


@dataclass(frozen=True, slots=True)
class Owed:
    """Which queue of which server; its consumer is named after both."""

    queue: ServerQueue
    server_type: str
    server_id: str

    @property
    def name(self) -> str:
        """The name of the consumer."""
        return f"{self.queue}-{self.server_type}-{self.server_id}"

    @property
    def waiting(self) -> str:
        """Where its messages stand while they wait for their time."""
        return f"wait.{self.queue}.{self.server_type}.{self.server_id}.>"


@dataclass(frozen=True, slots=True)
class Serving:
    """The running work on one queue."""

    task: asyncio.Task[None]
    stopping: asyncio.Event


class ServerQueues:
    """Keeps the queues that are served equal to the servers that are configured; `held` says which do not answer now."""

    def __init__(
        self,
        bus: Bus,
        config: ConfigStore,
        subscribe: Subscribe,
        types: frozenset[str],
        concurrency: int,
        held: Callable[[str], bool] = lambda _server_id: False,
    ) -> None:
        self._bus = bus
        self._config = config
        self._subscribe = subscribe
        self._types = types
        self._concurrency = concurrency
        self._held = held
        self._served: dict[str, Serving] = {}
        self._ending: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        config.on_change(self._changed.set)

    def wake(self) -> None:
        """Look at once at what is to be served."""
        self._changed.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Follow the configuration until told to stop, then let every queue finish what it holds."""
        await first_of(self._config.loaded(), stopping)
        while not stopping.is_set():
            self._changed.clear()
            try:
                await self._reconcile()
            except FramewrightError as error:
                log.warning("queues not reconciled", code=error.code, reason=error.reason)
            await first_of(self._changed.wait(), stopping, RECONCILE_SECONDS)
        for name in list(self._served):
            self._stop(name)
        await asyncio.gather(*self._ending)

    async def _reconcile(self) -> None:
        mine = [server for server in self._config.servers if not self._types or server.type in self._types]
        wanted = {owed.name: owed for server in mine for owed in _owed(server.type, server.id)}
        for owed in wanted.values():
            await self._ensure(owed)
        there = set(await consumer_names(self._bus, PUBLISH.name))
        for owed in await self._orphans(there | set(wanted)):
            await self._ensure(owed)
            there.add(owed.name)
        gone = [owed for name in there - set(wanted) if (owed := self._mine(name)) is not None]
        for server_id in {owed.server_id for owed in gone}:
            await self._retire([owed for owed in gone if owed.server_id == server_id])
        enabled = {server.id for server in mine if server.enabled}
        served = {name: owed for name, owed in wanted.items() if owed.server_id in enabled and not self._rests(owed)}
        self._serve(served, wanted, there)

    def _rests(self, owed: Owed) -> bool:
        """Whether the queue is not served because its server does not answer; to remove files needs no server."""
        return owed.queue is not ServerQueue.REMOVE and self._held(owed.server_id)

    def _serve(self, enabled: dict[str, Owed], wanted: dict[str, Owed], there: set[str]) -> None:
        """Begin with what is to be served, and end with what is not any more."""
        for name in enabled.keys() - self._served.keys():
            self._start(enabled[name])
        removed_elsewhere = self._served.keys() - wanted.keys() - there
        for name in removed_elsewhere | ((self._served.keys() & wanted.keys()) - enabled.keys()):
            self._stop(name)

    async def _retire(self, queues: list[Owed]) -> None:
        """Serve a removed server's queues until they are all empty (every request ends as cancelled), then remove them."""
        if any([await self._is_owed(owed) for owed in queues]):
            for owed in queues:
                if owed.name not in self._served:
                    self._start(owed)
            return
        for owed in queues:
            self._stop(owed.name)
            await delete_consumer(self._bus, PUBLISH.name, owed.name)

    async def _is_owed(self, owed: Owed) -> bool:
        """Whether anything waits in a queue, for its turn or for its time."""
        waiting = await self._bus.count(PUBLISH.name, owed.waiting)
        return bool(waiting or await pending(self._bus, PUBLISH.name, owed.name))

    async def _orphans(self, known: set[str]) -> list[Owed]:
        """Queues of what came in after their server's own were removed: extraction was under way then."""
        found: set[Owed] = set()
        for queue in ServerQueue:
            subjects = await self._bus.subjects(PUBLISH.name, f"{queue}.v1.>")
            found |= {Owed(queue, kind, server_id) for _, _, kind, server_id, _ in (one.split(".") for one in subjects)}
        return [owed for owed in found if owed.name not in known and self._mine(owed.name) is not None]

    def _mine(self, name: str) -> Owed | None:
        """The server's queue that a consumer of the stream is, None for those of others and for what somebody looks through."""
        prefix, _, rest = name.partition("-")
        kind, _, server_id = rest.partition("-")
        if prefix not in set(ServerQueue) or not server_id or (self._types and kind not in self._types):
            return None
        return Owed(ServerQueue(prefix), kind, server_id)

    async def _ensure(self, owed: Owed) -> None:
        await ensure_consumer(self._bus, PUBLISH.name, self._consumer(owed))

    def _consumer(self, owed: Owed) -> Consumer:
        return server_consumer(owed.server_type, owed.server_id, queue=owed.queue, concurrency=self._concurrency)

    def _start(self, owed: Owed) -> None:
        stopping = asyncio.Event()
        subscription = self._subscribe(owed.queue, self._consumer(owed))
        self._served[owed.name] = Serving(asyncio.create_task(serve(self._bus, subscription, stopping)), stopping)

    def _stop(self, name: str) -> None:
        """Take nothing new from a queue; nobody waits here for what it holds, since a server may take long to answer."""
        serving = self._served.pop(name, None)
        if serving is not None:
            serving.stopping.set()
            self._ending.append(serving.task)


def _owed(server_type: str, server_id: str) -> tuple[Owed, ...]:
    return tuple(Owed(queue, server_type, server_id) for queue in ServerQueue)


async def first_of(event: Coroutine[Any, Any, object], stopping: asyncio.Event, seconds: float | None = None) -> None:
    """Wait for the event, for the end, or for so many seconds, whichever comes first."""
    waits = {asyncio.ensure_future(event), asyncio.ensure_future(stopping.wait())}
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in waits:
        task.cancel()
