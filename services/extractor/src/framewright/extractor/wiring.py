"""Opens what the extractor needs and closes it on the way out."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import RetryPolicy, Subscription, serve
from framewright.chassis.frame_store import frame_store, keeping
from framewright.chassis.holding import Holding
from framewright.chassis.job_controls import JobControls
from framewright.chassis.leases import lease
from framewright.chassis.playback import PlaybackView
from framewright.chassis.sealing import load_sealer
from framewright.chassis.service import Service, Task
from framewright.contracts.catalogue import CONFIG, FILES, JOB_STATE, JOBS, LOCKS, PRESENCE
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.record import PublishRecord, decode_record, record_key
from framewright.contracts.settings import Settings
from framewright.domain.frames import FileVersion
from framewright.domain.ports import FrameStore
from framewright.extractor.adapters.device_pools import DevicePools
from framewright.extractor.adapters.device_slots import DeviceSlots, Serve
from framewright.extractor.adapters.discovery import Host, discover
from framewright.extractor.adapters.gate import Gate, Signals
from framewright.extractor.adapters.media_file import QuietFiles, version_of
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.adapters.presence import Presence
from framewright.extractor.adapters.recall import Recall
from framewright.extractor.adapters.roster import DeviceRoster
from framewright.extractor.adapters.waiting import first_of
from framewright.extractor.adapters.workshop import Workshop
from framewright.extractor.domain.acceleration import Choices
from framewright.extractor.domain.devices import SlotGroup, Wish, device_threads
from framewright.extractor.domain.request import CPU
from framewright.extractor.domain.work import as_ordered
from framewright.extractor.handlers import Extractor, on_extract_requested, on_failure
from framewright.extractor.settings import ExtractorSettings

WAITS = (60.0, 120.0, 300.0, 900.0, 3600.0)
"""Seconds before each further try at a file, at the default `webhook_retry_delay` of 30; they scale with it."""


@asynccontextmanager
async def build(settings: ExtractorSettings, bus: Bus) -> AsyncGenerator[Service]:
    """Wire the extractor."""
    config = ConfigStore(Bucket(bus, CONFIG.name), load_sealer(settings.framewright_secret_key, settings.config_dir))
    controls, players = JobControls(Bucket(bus, JOB_STATE.name)), PlaybackView(Bucket(bus, PRESENCE.name))
    async with AsyncExitStack() as stack:
        await _known(config, stack)
        await _known(controls, stack)
        workshop = await _workshop(settings, config, stack)
        await _known(players, stack)
        gate = _gate(config, players, workshop.pools)
        recall = Recall(controls)
        extractor = Extractor(
            worker=workshop.worker,
            store=await stack.enter_async_context(_store(settings, config)),
            version=partial(_version, settings.media_root),
            quiet_in=QuietFiles(lambda: config.settings.file_quiet_seconds).quiet_in,
            extract=partial(workshop.pools.extract, CPU),
            record=partial(_record, Bucket(bus, FILES.name)),
            lease=lambda path_id: lease(Bucket(bus, LOCKS.name), f"extract.{path_id}"),
            spawn=_spawn,
            reuse=lambda: config.settings.frame_reuse.enabled,
            cancelled=recall.cancelled,
            called_off=lambda job_ids: first_of(recall.called(job_ids), gate.abandoned()),
        )
        serving = _serving(bus, config, controls, workshop.pools, extractor)
        slots = DeviceSlots(workshop.groups, partial(_gated, gate, serving), workshop.pools.resize)
        config.on_change(gate.changed)
        yield Service(tasks=(*_following(workshop, slots, config, bus), gate.run))


def _following(workshop: Workshop, slots: DeviceSlots, config: ConfigStore, bus: Bus) -> Sequence[Task]:
    """What keeps slots and presence in step with the devices and the settings."""
    presence, roster = Presence(Bucket(bus, PRESENCE.name), workshop.presence), workshop.roster
    for on_change in (config.on_change, roster.on_change):
        on_change(slots.changed)
        on_change(presence.changed)
    workshop.pools.on_change(presence.changed)
    return roster.run, partial(roster.listen, bus), slots.run, presence.run


def _store(settings: ExtractorSettings, config: ConfigStore) -> AbstractAsyncContextManager[FrameStore]:
    return frame_store(settings, "extractor", lambda: keeping(config.settings.frame_reuse))


async def _gated(gate: Gate, serving: Serve, group: SlotGroup, stopping: asyncio.Event) -> None:
    await gate.work(partial(serving, group), stopping)


def _gate(config: ConfigStore, players: PlaybackView, pools: DevicePools) -> Gate:
    """What holds work back, at this moment: an operator, quiet hours, or somebody who watches."""
    signals = Signals(
        held=Holding(config).reason,
        watched=lambda: players.heavy_work_waits(config.settings.playback, now()),
        patience=lambda: 60.0 * config.settings.playback.longest_wait_minutes,
        hold=pools.hold,
    )
    return Gate(signals)


async def _workshop(settings: ExtractorSettings, config: ConfigStore, stack: AsyncExitStack) -> Workshop:
    """The devices of this machine and a pool of decoders for each, as the newest settings want them."""

    def make_pool(changed: Callable[[], None]) -> WorkerPool:
        idle, stall = settings.extractor_idle_seconds, settings.extractor_stall_seconds
        return WorkerPool(0, idle_seconds=idle, stall_timeout=stall, changed=changed)

    def wish() -> Wish:
        return Wish(config.settings, settings.extractor_workers)

    choices = Choices(settings.framewright_cuda_backend, settings.framewright_dri_backend)
    roster = DeviceRoster(partial(discover, Host(ffmpeg=settings.ffmpeg_path, choices=choices)))
    pools = await stack.enter_async_context(DevicePools(make_pool, lambda device: device_threads(device, wish())))
    roster.on_rescan(pools.refusals.forget)
    return Workshop(f"{socket.gethostname()}-{os.getpid()}", roster, pools, wish)


def _serving(bus: Bus, config: ConfigStore, controls: JobControls, pools: DevicePools, extractor: Extractor) -> Serve:
    """How one slot takes work: from the lanes of its group, decoding on its device."""

    async def serving(group: SlotGroup, stopping: asyncio.Event) -> None:
        there = replace(extractor, device=group.device, extract=partial(pools.extract, group.device))
        requests = Subscription(
            JOBS,
            group.consumers,
            ExtractRequestedV1,
            partial(on_extract_requested, extractor=there),
            retry=lambda: _retry_policy(config.settings),
            failed=on_failure,
            again=partial(as_ordered, lane_of=lambda job_id: controls.of(job_id).lane),
        )
        await serve(bus, requests, stopping)

    return serving


async def _known(view: ConfigStore | JobControls | PlaybackView, stack: AsyncExitStack) -> None:
    """Watch a view of the bus for as long as the service lives; ends once everything in it is known."""
    stopping = asyncio.Event()
    watching = asyncio.create_task(view.watch(stopping))
    stack.push_async_callback(asyncio.wait, {watching})
    stack.callback(stopping.set)
    await view.loaded()


def _retry_policy(settings: Settings) -> RetryPolicy:
    scale = settings.webhook_retry_delay / 30
    return RetryPolicy(tuple(wait * scale for wait in WAITS[: settings.webhook_retry_count]))


async def _version(media_root: str, path: str) -> FileVersion:
    return await asyncio.to_thread(version_of, path, media_root)


async def _record(files: Bucket, path_id: str, server_id: str) -> PublishRecord | None:
    entry = await files.get(record_key(path_id, server_id))
    return decode_record(entry.value) if entry and entry.value else None


_spawned: set[asyncio.Future[None]] = set()


def _spawn(work: Awaitable[None]) -> None:
    """Progress is sent beside the work; the set keeps a reference until it is done."""
    task = asyncio.ensure_future(work)
    _spawned.add(task)
    task.add_done_callback(_spawned.discard)
