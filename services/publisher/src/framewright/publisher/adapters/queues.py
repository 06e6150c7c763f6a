"""One queue per server: made when the server is configured, served while it is enabled, drained when it is gone.

A disabled server's requests wait for it; those of a removed server are settled as cancelled, then its consumer goes too.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from framewright.chassis.bus import Bus, consumer_names, delete_consumer, ensure_consumer, pending
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import Subscription, serve
from framewright.contracts.catalogue import PUBLISH, Consumer, server_consumer
from framewright.contracts.publish import PublishRequestedV1
from framewright.domain.errors import FramewrightError

RECONCILE_SECONDS = 30.0

log = structlog.get_logger("queues")

Subscribe = Callable[[Consumer], Subscription[PublishRequestedV1]]


@dataclass(frozen=True, slots=True)
class Serving:
    """The running work on one queue."""

    task: asyncio.Task[None]
    stopping: asyncio.Event


class ServerQueues:
    """Keeps the queues that are served equal to the servers that are configured."""

    def __init__(
        self, bus: Bus, config: ConfigStore, subscribe: Subscribe, types: frozenset[str], concurrency: int
    ) -> None:
        self._bus = bus
        self._config = config
        self._subscribe = subscribe
        self._types = types
        self._concurrency = concurrency
        self._served: dict[str, Serving] = {}
        self._ending: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        config.on_change(self._changed.set)

    async def run(self, stopping: asyncio.Event) -> None:
        """Follow the configuration until told to stop, then let every queue finish what it holds."""
        await _first(self._config.loaded(), stopping)
        while not stopping.is_set():
            self._changed.clear()
            try:
                await self._reconcile()
            except FramewrightError as error:
                log.warning("queues not reconciled", code=error.code, reason=error.reason)
            await _first(self._changed.wait(), stopping, RECONCILE_SECONDS)
        for name in list(self._served):
            self._stop(name)
        await asyncio.gather(*self._ending)

    async def _reconcile(self) -> None:
        mine = [server for server in self._config.servers if not self._types or server.type in self._types]
        wanted = {consumer.name: consumer for consumer in map(self._consumer, {(s.type, s.id) for s in mine})}
        enabled = {f"publish-{server.type}-{server.id}" for server in mine if server.enabled}
        for consumer in wanted.values():
            await ensure_consumer(self._bus, PUBLISH.name, consumer)
        there = set(await consumer_names(self._bus, PUBLISH.name))
        for consumer in await self._orphans(there | set(wanted)):
            await ensure_consumer(self._bus, PUBLISH.name, consumer)
            there.add(consumer.name)
        for name in there - set(wanted):
            if self._is_mine(name):
                await self._retire(name)
        for name in enabled - set(self._served):
            self._start(wanted[name])
        removed_elsewhere = set(self._served) - set(wanted) - there
        for name in removed_elsewhere | (set(self._served) & set(wanted) - enabled):
            self._stop(name)

    async def _retire(self, name: str) -> None:
        """Serve a removed server's queue until it is empty (every request ends as cancelled), then remove it."""
        kind, server_id = name.removeprefix("publish-").split("-", 1)
        waiting = await self._bus.count(PUBLISH.name, f"wait.publish.{kind}.{server_id}.>")
        if waiting or await pending(self._bus, PUBLISH.name, name):
            if name not in self._served:
                self._start(self._consumer((kind, server_id)))
            return
        self._stop(name)
        await delete_consumer(self._bus, PUBLISH.name, name)

    async def _orphans(self, known: set[str]) -> list[Consumer]:
        """Consumers for requests that came in after their server's own was removed: extraction was under way then."""
        subjects = await self._bus.subjects(PUBLISH.name, "publish.v1.>")
        servers = {(kind, server_id) for _, _, kind, server_id, _ in (subject.split(".") for subject in subjects)}
        return [one for one in map(self._consumer, servers) if one.name not in known and self._is_mine(one.name)]

    def _is_mine(self, name: str) -> bool:
        """Whether a consumer of the stream is a server's queue of ours, and not one that somebody else made to look in."""
        prefix, _, rest = name.partition("-")
        kind, _, server_id = rest.partition("-")
        return prefix == "publish" and bool(server_id) and (not self._types or kind in self._types)

    def _consumer(self, server: tuple[str, str]) -> Consumer:
        return server_consumer(*server, concurrency=self._concurrency)

    def _start(self, consumer: Consumer) -> None:
        stopping = asyncio.Event()
        task = asyncio.create_task(serve(self._bus, self._subscribe(consumer), stopping))
        self._served[consumer.name] = Serving(task, stopping)

    def _stop(self, name: str) -> None:
        """Take nothing new from a queue; nobody waits here for what it holds, since a server may take long to answer."""
        serving = self._served.pop(name, None)
        if serving is not None:
            serving.stopping.set()
            self._ending.append(serving.task)


async def _first(event: Coroutine[Any, Any, object], stopping: asyncio.Event, seconds: float | None = None) -> None:
    """Wait for the event, for the end, or for so many seconds, whichever comes first."""
    waits = {asyncio.ensure_future(event), asyncio.ensure_future(stopping.wait())}
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in waits:
        task.cancel()
