"""Opens what the publisher needs and closes it on the way out."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import msgspec

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import RetryPolicy, Subscription
from framewright.chassis.frame_store import frame_store
from framewright.chassis.leases import lease
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.playback import PlaybackView
from framewright.chassis.sealing import load_sealer
from framewright.chassis.service import Service
from framewright.contracts.base import encode
from framewright.contracts.catalogue import CONFIG, FILES, JOB_STATE, LOCKS, PRESENCE, PUBLISH, Consumer, ServerQueue
from framewright.contracts.orphans import ORPHANS_PREFIX, REPORT_SECONDS, OrphanOrderV1, OrphanReport
from framewright.contracts.playback import PLAYBACK_PREFIX, PlaybackHintV1, ServerPlayback
from framewright.contracts.publish import PublishRequestedV1, RefreshWantedV1, RemovalRequestedV1
from framewright.contracts.record import PublishRecord, decode_record, record_key
from framewright.contracts.settings import Settings
from framewright.domain.media import media_id
from framewright.domain.publishing import Located
from framewright.publisher.adapters.breaker import Breakers
from framewright.publisher.adapters.census import census
from framewright.publisher.adapters.connections import Connections, probe
from framewright.publisher.adapters.disk import LocalDisk
from framewright.publisher.adapters.guard import RemovalGuard
from framewright.publisher.adapters.listeners import Listeners
from framewright.publisher.adapters.memory import Records
from framewright.publisher.adapters.places import RootScans, nearest_folders
from framewright.publisher.adapters.queues import ServerQueues
from framewright.publisher.adapters.server_states import remembered_state, tell_state
from framewright.publisher.adapters.writer import present, write
from framewright.publisher.domain.outputs import Film
from framewright.publisher.handlers.given import Publisher
from framewright.publisher.handlers.orphans import OrphanDesk, OrphanSearch
from framewright.publisher.handlers.playback import PlaybackWatch, Probe
from framewright.publisher.handlers.publishing import on_failure, on_publish_requested
from framewright.publisher.handlers.refreshing import Refresher, on_refresh_wanted
from framewright.publisher.handlers.removal import on_removal_failure, on_removal_requested
from framewright.publisher.handlers.searching import Search, publish_or_search
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
        breakers = _breakers(bus, config)
        connections = Connections(gate=breakers.of)
        stack.push_async_callback(connections.aclose)
        records, view = Records(bus), PlaybackView(Bucket(bus, PRESENCE.name))
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
            settings=lambda: config.settings,
            servers=lambda: config.servers,
            plays=partial(_plays, config, view),
            disk=LocalDisk(),
            memory=records,
            guard=RemovalGuard(bus, records),
        )
        search = Search(
            publish=partial(on_publish_requested, publisher=publisher),
            send=Outgoing(bus).send,
            settings=lambda: config.settings.refresh,
        )
        refresher = _refresher(config, connections, locks)

        def subscribe(queue: ServerQueue, consumer: Consumer) -> Subscription[Any]:
            if queue is ServerQueue.REFRESH:
                return _looking(consumer, refresher)
            if queue is ServerQueue.REMOVE:
                return _removing(consumer, publisher)
            return Subscription(
                PUBLISH,
                (consumer.name,),
                PublishRequestedV1,
                partial(publish_or_search, search=search),
                slots=settings.publisher_concurrency,
                ack_wait=consumer.ack_wait,
                retry=lambda: _retry_policy(config.settings),
                failed=on_failure,
            )

        concurrency = settings.publisher_concurrency
        queues = ServerQueues(bus, config, subscribe, settings.types, concurrency, breakers.is_open)
        breakers.on_change(queues.wake)
        watch, orphans = (
            _playback_watch(bus, config, view, stack),
            _orphan_desk(bus, publisher, records, settings.types),
        )
        yield Service(tasks=(config.watch, view.watch, queues.run, breakers.run, watch.run, orphans.run))


def _breakers(bus: Bus, config: ConfigStore) -> Breakers:
    presence = Bucket(bus, PRESENCE.name)
    breakers = Breakers(
        lambda: config.servers,
        probe,
        partial(tell_state, presence, Outgoing(bus)),
        partial(remembered_state, presence),
    )
    config.on_change(breakers.reconsider)
    return breakers


def _refresher(config: ConfigStore, connections: Connections, locks: Bucket) -> Refresher:
    return Refresher(
        server=config.server,
        recognise=connections.recognise,
        scanner=connections.scanner,
        folders=nearest_folders,
        may_scan_root=RootScans(locks, lambda: config.settings.refresh).may_scan,
        settings=lambda: config.settings.refresh,
    )


def _looking(consumer: Consumer, refresher: Refresher) -> Subscription[RefreshWantedV1]:
    return Subscription(
        PUBLISH,
        (consumer.name,),
        RefreshWantedV1,
        partial(on_refresh_wanted, refresher=refresher),
        ack_wait=consumer.ack_wait,
    )


def _removing(consumer: Consumer, publisher: Publisher) -> Subscription[RemovalRequestedV1]:
    return Subscription(
        PUBLISH,
        (consumer.name,),
        RemovalRequestedV1,
        partial(on_removal_requested, publisher=publisher),
        slots=consumer.max_ack_pending,
        ack_wait=consumer.ack_wait,
        retry=publisher.patience,
        failed=on_removal_failure,
    )


def _playback_watch(bus: Bus, config: ConfigStore, view: PlaybackView, stack: AsyncExitStack) -> PlaybackWatch:
    listeners = Listeners()
    stack.push_async_callback(listeners.aclose)
    presence, locks = Bucket(bus, PRESENCE.name), Bucket(bus, LOCKS.name)

    async def say(state: ServerPlayback, seconds: int) -> None:
        await presence.put(PLAYBACK_PREFIX + state.server_id, encode(state), seconds=seconds)

    probe = Probe(
        servers=lambda: config.servers,
        playback=lambda: config.settings.playback,
        sessions=listeners.sessions,
        known=view.state,
        say=say,
        lease=lambda server_id: lease(locks, f"playback.{server_id}"),
        hints=lambda: bus.listening(f"{PlaybackHintV1.HEAD}.>"),
    )
    return PlaybackWatch(probe)


def _orphan_desk(bus: Bus, publisher: Publisher, records: Records, types: frozenset[str]) -> OrphanDesk:
    jobs, locks = Bucket(bus, JOB_STATE.name), Bucket(bus, LOCKS.name)

    async def say(report: OrphanReport) -> None:
        await jobs.put(ORPHANS_PREFIX + report.server_id, encode(report), seconds=REPORT_SECONDS)

    search = OrphanSearch(
        publisher=publisher,
        find=lambda server: census(server, records),
        say=say,
        lease=lambda server_id: lease(locks, f"orphans.{server_id}"),
        orders=lambda: bus.listening(f"{OrphanOrderV1.HEAD}.>"),
        is_mine=lambda kind: not types or kind in types,
    )
    return OrphanDesk(search)


def _plays(config: ConfigStore, view: PlaybackView, server_id: str, item_id: str, remote_paths: Sequence[str]) -> bool:
    playback = config.settings.playback
    if playback.policy == "ignore":
        return False
    return view.plays(server_id, playback, now(), item_id=item_id, remote_paths=remote_paths)


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
