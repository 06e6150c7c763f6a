"""What acting on events needs, and the parts of the service that do it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from httpx import AsyncClient

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import Context, RetryPolicy, Subscription
from framewright.chassis.http import client
from framewright.chassis.outgoing import Answer, Outgoing
from framewright.contracts.base import decode
from framewright.contracts.catalogue import DUE, INGEST, LOCKS
from framewright.contracts.media import ItemChangedV1, MediaChangedV1, RawEventV1
from framewright.contracts.server import Server
from framewright.ingest.adapters.memory import Memory
from framewright.ingest.domain.meaning import Ground
from framewright.ingest.domain.merging import Waits
from framewright.ingest.handlers.events import Acting, on_raw_event
from framewright.ingest.handlers.items import Asking, on_item_changed, on_item_failure
from framewright.ingest.handlers.joining import Room
from framewright.ingest.settings import IngestSettings
from framewright.vendors import Recogniser, item_files, provider_files

PATIENCE = 10.0
"""Longest wait in seconds for a server that is asked for the paths of an item."""

DAY = 86_400.0

ASK_AGAIN = RetryPolicy(delays=(5.0, 30.0, 120.0, 600.0, 1800.0), patience=DAY)
"""A server may be away for a night, and it may announce an item that it finishes only later."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Connections to servers whose certificate is checked, and to the others."""

    strict: AsyncClient
    lax: AsyncClient
    recogniser: Recogniser = field(default_factory=Recogniser)

    def to(self, server: Server) -> AsyncClient:
        """The client for a server, whoever answers there."""
        return self.strict if server.verify_ssl else self.lax

    async def recognised(self, server: Server) -> AsyncClient:
        """The client for a server, once it is sure that the configured one answers there.

        Raises:
            Retry, Reject: as `Recogniser.recognise`.
        """
        http = self.to(server)
        await self.recogniser.recognise(server, http)
        return http


async def clients(stack: AsyncExitStack) -> Clients:
    """Clients that are closed with the stack."""
    return Clients(
        await stack.enter_async_context(client(timeout=PATIENCE)),
        await stack.enter_async_context(client(timeout=PATIENCE, verify=False)),
    )


def ground_of(config: ConfigStore) -> Callable[[], Ground]:
    """What is configured now."""
    return lambda: Ground(config.settings.webhook_enabled, config.servers, config.settings.plex_webhook_enabled)


def events(settings: IngestSettings, bus: Bus, config: ConfigStore, http: Clients) -> Sequence[Subscription[Any]]:
    """Wire the two consumers: of stored events, and of items whose paths must be asked for."""
    room = Room(partial(_waiting, bus), Memory(Bucket(bus, LOCKS.name)), Outgoing(bus).send)
    waits = partial(_waits, settings, config)
    acting = Acting(ground_of(config), waits, room)
    asking = Asking(
        servers=lambda: config.servers,
        item_files=partial(_item_files, http),
        provider_files=partial(_provider_files, http),
        waits=waits,
        room=room,
    )

    async def act(event: RawEventV1, context: Context) -> Sequence[Answer]:
        await config.loaded()  # the switch for webhooks and their quiet time stand there
        return await on_raw_event(event, context, acting=acting)

    async def ask(item: ItemChangedV1, context: Context) -> Sequence[Answer]:
        await config.loaded()
        return await on_item_changed(item, context, asking=asking)

    return (
        Subscription(INGEST, ("ingest",), RawEventV1, act, slots=4),
        Subscription(DUE, ("items",), ItemChangedV1, ask, slots=4, retry=lambda: ASK_AGAIN, failed=on_item_failure),
    )


async def _item_files(http: Clients, server: Server, item_id: str) -> list[str]:
    return await item_files(server, await http.recognised(server), item_id)


async def _provider_files(http: Clients, server: Server, provider_ids: Mapping[str, str]) -> list[str]:
    return await provider_files(server, await http.recognised(server), provider_ids)


async def _waiting(bus: Bus, change: MediaChangedV1) -> MediaChangedV1 | None:
    found = await bus.get_last(DUE.name, change.waiting_subject())
    return None if found is None else decode(MediaChangedV1, found[1])


def _waits(settings: IngestSettings, config: ConfigStore) -> Waits:
    given, stored = settings.webhook_quiet_seconds, config.settings
    return Waits(stored.webhook_delay if given < 0 else given, stored.webhook_longest_wait, stored.upgrade_wait)
