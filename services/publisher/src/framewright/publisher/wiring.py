"""Opens what the publisher needs and closes it on the way out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import msgspec

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import RetryPolicy, Subscription
from framewright.chassis.frame_store import frame_store
from framewright.chassis.leases import lease
from framewright.chassis.sealing import load_sealer
from framewright.chassis.service import Service
from framewright.contracts.catalogue import CONFIG, FILES, LOCKS, PUBLISH, Consumer
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import PublishRecord, decode_record, record_key
from framewright.contracts.settings import Settings
from framewright.domain.media import media_id
from framewright.domain.publishing import Located
from framewright.publisher.adapters.connections import Connections
from framewright.publisher.adapters.queues import ServerQueues
from framewright.publisher.adapters.writer import present, write
from framewright.publisher.domain.outputs import Film
from framewright.publisher.handlers.given import Publisher
from framewright.publisher.handlers.publishing import on_failure, on_publish_requested
from framewright.publisher.settings import PublisherSettings

WAITS = (30.0, 120.0, 300.0, 900.0, 3600.0)
"""Seconds before each further try at a server, at the default `webhook_retry_delay` of 30; then hourly for a day.

Both waits follow them, each from its own beginning: for the server to know the file, and for it to show the outputs.
"""

PATIENCE = 86_400.0


@asynccontextmanager
async def build(settings: PublisherSettings, bus: Bus) -> AsyncGenerator[Service]:
    """Wire the publisher."""
    config = ConfigStore(Bucket(bus, CONFIG.name), load_sealer(settings.framewright_secret_key, settings.config_dir))
    files = Bucket(bus, FILES.name)
    locks = Bucket(bus, LOCKS.name)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(frame_store(settings, "publisher"))
        connections = Connections()
        stack.push_async_callback(connections.aclose)
        publisher = Publisher(
            server=config.server,
            connection=connections.of,
            recognise=connections.recognise,
            store=store,
            record=partial(_record, files),
            remember=partial(_remember, files),
            present=_present,
            write=_write,
            lease=lambda name: lease(locks, f"publish.{media_id(name)}"),
            patience=lambda: _retry_policy(config.settings),
        )

        def subscribe(consumer: Consumer) -> Subscription[PublishRequestedV1]:
            return Subscription(
                PUBLISH,
                (consumer.name,),
                PublishRequestedV1,
                partial(on_publish_requested, publisher=publisher),
                slots=settings.publisher_concurrency,
                ack_wait=consumer.ack_wait,
                retry=lambda: _retry_policy(config.settings),
                failed=on_failure,
            )

        queues = ServerQueues(bus, config, subscribe, settings.types, settings.publisher_concurrency)
        yield Service(tasks=(config.watch, queues.run))


def _retry_policy(settings: Settings) -> RetryPolicy:
    scale = settings.webhook_retry_delay / 30
    return RetryPolicy(tuple(wait * scale for wait in WAITS), patience=PATIENCE)


async def _record(files: Bucket, path_id: str, server_id: str) -> PublishRecord | None:
    entry = await files.get(record_key(path_id, server_id))
    return decode_record(entry.value) if entry and entry.value else None


async def _remember(files: Bucket, path_id: str, server_id: str, record: PublishRecord) -> None:
    await files.put(record_key(path_id, server_id), msgspec.json.encode(record))


async def _present(located: Located) -> bool:
    return await asyncio.to_thread(present, located)


async def _write(located: Located, film: Film) -> None:
    await asyncio.to_thread(write, located, film)
