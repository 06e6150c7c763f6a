"""What the handlers of a request are given, and one request in work."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, RetryPolicy
from framewright.chassis.metrics import SETTLED
from framewright.contracts.base import Message
from framewright.contracts.publish import PublishRequestedV1, RemovalRequestedV1
from framewright.contracts.record import PublishRecord
from framewright.contracts.server import Server
from framewright.contracts.settings import Settings
from framewright.domain.outcome import Outcome
from framewright.domain.ports import FrameStore, MediaServer
from framewright.domain.publishing import Located, PublishTarget
from framewright.publisher.domain import telling
from framewright.publisher.domain.outputs import Film
from framewright.publisher.domain.ports import Disk, Guard, Memory
from framewright.publisher.domain.telling import Standing

CALLED_OFF = Standing(Outcome.CANCELLED, "its job was cancelled")


@dataclass(frozen=True, slots=True)
class Publisher:
    """What the handlers need of the world.

    `recognise` makes sure that it is the configured server that answers. `present` says whether all outputs are on disk,
    `write` replaces them one by one and never shows a half-written one. `patience` is the clock on which a server is asked
    whether it shows them. `plays` says whether a server plays an item or one of its paths right now, `heavy_work_waits` why
    no server is made to work hard now (empty when it may be), `cancelled` whether nobody waits for these jobs any more.
    """

    server: Callable[[str], Server | None]
    connection: Callable[[Server], MediaServer]
    recognise: Callable[[Server], Awaitable[None]]
    store: FrameStore
    record: Callable[[str, str], Awaitable[PublishRecord | None]]
    remember: Callable[[str, str, PublishRecord], Awaitable[None]]
    present: Callable[[Located], Awaitable[bool]]
    write: Callable[[Located, Film], Awaitable[None]]
    lease: Callable[[str], AbstractAsyncContextManager[None]]
    patience: Callable[[], RetryPolicy]
    settings: Callable[[], Settings]
    servers: Callable[[], Sequence[Server]]
    plays: Callable[[str, str, Sequence[str]], bool]
    heavy_work_waits: Callable[[], str]
    cancelled: Callable[[Sequence[str]], bool]
    disk: Disk
    memory: Memory
    guard: Guard


@dataclass(frozen=True, slots=True)
class Errand:
    """One request in work for one configured server."""

    request: PublishRequestedV1
    context: Context
    publisher: Publisher
    server: Server

    @property
    def connection(self) -> MediaServer:
        """The connection to the server."""
        return self.publisher.connection(self.server)

    async def record(self) -> PublishRecord | None:
        """What is remembered of the file on the server."""
        return await self.publisher.record(self.request.path_id, self.request.target.server_id)

    async def remember(self, record: PublishRecord) -> None:
        """Replace what is remembered."""
        await self.publisher.remember(self.request.path_id, self.request.target.server_id, record)

    def settled(self, standing: Standing, request: PublishRequestedV1 | None = None) -> Message:
        """The fact about where the file stands, counted; for the jobs of `request` where it is another than the own."""
        return settled(request or self.request, self.context, standing)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the outputs go and what they are made of: `wanted` is the fingerprint of what would be written now."""

    target: PublishTarget
    located: Located
    wanted: str


def settled(request: PublishRequestedV1 | RemovalRequestedV1, context: Context, standing: Standing) -> Message:
    """The fact about where a file stands on a server, counted."""
    SETTLED.labels(request.target.server_type, standing.outcome).inc()
    return telling.settled(request, standing, now(), context.attempt)
