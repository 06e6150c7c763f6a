"""Opens what the publisher needs and closes it on the way out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.frame_store import frame_store
from framewright.chassis.job_controls import JobControls
from framewright.chassis.leases import lease
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.playback import PlaybackView
from framewright.chassis.player_groups import PlayerGroups
from framewright.chassis.sealing import load_sealer
from framewright.chassis.service import Service
from framewright.contracts.catalogue import CONFIG, JOB_STATE, LOCKS, PRESENCE
from framewright.domain.media import media_id
from framewright.domain.ports import FrameStore
from framewright.publisher.adapters.breaker import Breakers
from framewright.publisher.adapters.connections import Connections, probe
from framewright.publisher.adapters.disk import LocalDisk
from framewright.publisher.adapters.guard import RemovalGuard
from framewright.publisher.adapters.listeners import Listeners
from framewright.publisher.adapters.memory import Records
from framewright.publisher.adapters.places import Found, RootScans, nearest_folders
from framewright.publisher.adapters.placing import present, write
from framewright.publisher.adapters.queues import ServerQueues, first_of
from framewright.publisher.adapters.server_states import remembered_state, tell_state
from framewright.publisher.handlers.given import Publisher
from framewright.publisher.handlers.refreshing import Refresher
from framewright.publisher.settings import PublisherSettings
from framewright.publisher.wiring.subscriptions import Desks, retry_policy, subscription
from framewright.publisher.wiring.watching import Listening, bounds, event_watch, orphan_desk, playback_watch, plays


@dataclass(frozen=True, slots=True)
class Parts:
    """What everything here is made of: the bus, and what is known over it."""

    bus: Bus
    config: ConfigStore
    controls: JobControls
    view: PlaybackView
    groups: PlayerGroups
    records: Records


@asynccontextmanager
async def build(settings: PublisherSettings, bus: Bus) -> AsyncGenerator[Service]:
    """Wire the publisher."""
    parts, types = _parts(settings, bus), settings.types
    config, view = parts.config, parts.view
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(frame_store(settings, "publisher"))
        breakers = _breakers(bus, config)
        connections = Connections(gate=breakers.of)
        stack.push_async_callback(connections.aclose)
        listeners = Listeners(breakers.of, connections.recognise)
        stack.push_async_callback(listeners.aclose)
        publisher = _publisher(parts, connections, store)
        desks = Desks(publisher, _refresher(parts, connections), Outgoing(bus).send, settings.publisher_concurrency)
        subscribe = partial(subscription, desks)
        queues = ServerQueues(bus, config, subscribe, types, settings.publisher_concurrency, breakers.is_open)
        breakers.on_change(queues.wake)
        watch, orphans = playback_watch(bus, config, view, listeners), orphan_desk(bus, publisher, parts.records, types)
        events = event_watch(bus, Listening(config, listeners, connections, breakers, watch), types)
        serving = partial(_serving, queues, parts.controls, view)
        views = (config.watch, parts.controls.watch, view.watch, parts.groups.watch)
        yield Service(tasks=(*views, serving, breakers.run, watch.run, events.run, orphans.run))


def _parts(settings: PublisherSettings, bus: Bus) -> Parts:
    config = ConfigStore(Bucket(bus, CONFIG.name), load_sealer(settings.framewright_secret_key, settings.config_dir))
    return Parts(
        bus=bus,
        config=config,
        controls=JobControls(Bucket(bus, JOB_STATE.name)),
        view=PlaybackView(Bucket(bus, PRESENCE.name)),
        groups=PlayerGroups(Bucket(bus, CONFIG.name)),
        records=Records(bus, config.server),
    )


def _publisher(parts: Parts, connections: Connections, store: FrameStore) -> Publisher:
    config, locks, records = parts.config, Bucket(parts.bus, LOCKS.name), parts.records
    return Publisher(
        server=config.server,
        connection=connections.of,
        recognise=connections.recognise,
        store=store,
        record=records.record,
        remember=records.remember,
        present=present,
        write=write,
        lease=lambda name: lease(locks, f"publish.{media_id(name)}"),
        patience=lambda: retry_policy(config.settings),
        settings=lambda: config.settings,
        servers=lambda: config.servers,
        plays=partial(plays, config, parts.view),
        heavy_work_waits=lambda: parts.view.heavy_work_waits(config.settings.playback, now()),
        cancelled=parts.controls.all_cancelled,
        disk=LocalDisk(),
        memory=records,
        guard=RemovalGuard(parts.bus, records),
    )


async def _serving(queues: ServerQueues, controls: JobControls, view: PlaybackView, stopping: asyncio.Event) -> None:
    """Take no request before it is known which jobs are cancelled and what is being watched."""
    await first_of(controls.loaded(), stopping)
    await first_of(view.loaded(), stopping)
    await queues.run(stopping)


def _breakers(bus: Bus, config: ConfigStore) -> Breakers:
    presence, locks = Bucket(bus, PRESENCE.name), Bucket(bus, LOCKS.name)
    breakers = Breakers(
        lambda: config.servers,
        probe,
        partial(tell_state, presence, locks, Outgoing(bus)),
        partial(remembered_state, presence),
    )
    config.on_change(breakers.reconsider)
    return breakers


def _refresher(parts: Parts, connections: Connections) -> Refresher:
    config, locks = parts.config, Bucket(parts.bus, LOCKS.name)
    return Refresher(
        server=config.server,
        recognise=connections.recognise,
        scanner=connections.scanner,
        folders=nearest_folders,
        may_scan_root=RootScans(locks, lambda: config.settings.refresh).may_scan,
        settings=lambda: config.settings.refresh,
        plays=partial(plays, config, parts.view),
        bounds=partial(bounds, config, parts.view, parts.groups),
        found=Found(parts.bus).tell,
        longest_wait=lambda: timedelta(minutes=config.settings.playback.longest_wait_minutes),
    )
