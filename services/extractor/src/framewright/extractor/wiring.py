"""Opens what the extractor needs and closes it on the way out."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from framewright.chassis.bus import Bucket, Bus, connect
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import RetryPolicy, Subscription
from framewright.chassis.frame_store import BusFrameStore
from framewright.chassis.leases import lease
from framewright.chassis.sealing import load_sealer
from framewright.chassis.service import Service
from framewright.contracts.base import Lane
from framewright.contracts.catalogue import CONFIG, FILES, JOBS, LOCKS
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.record import PublishRecord, decode_record, record_key
from framewright.contracts.settings import Settings
from framewright.domain.frames import FileVersion
from framewright.extractor.adapters.media_file import version_of
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.handlers import Extractor, on_extract_requested, on_failure
from framewright.extractor.settings import ExtractorSettings

WAITS = (60.0, 120.0, 300.0, 900.0, 3600.0)
"""Seconds before each further try at a file, at the default `webhook_retry_delay` of 30; they scale with it."""


@asynccontextmanager
async def build(settings: ExtractorSettings, bus: Bus) -> AsyncGenerator[Service]:
    """Wire the extractor."""
    config = ConfigStore(Bucket(bus, CONFIG.name), load_sealer(settings.framewright_secret_key, settings.config_dir))
    async with AsyncExitStack() as stack:
        first = await _first_settings(config, stack)
        slots = settings.extractor_workers or max(1, first.cpu_threads)
        pool = await stack.enter_async_context(
            WorkerPool(
                size=slots,
                idle_seconds=settings.extractor_idle_seconds,
                stall_timeout=settings.extractor_stall_seconds,
            )
        )
        # Frames travel on a connection of their own: megabytes on the other would delay every heartbeat.
        frames = await connect(settings.nats_url, f"extractor-frames-{os.getpid()}", seed=settings.nats_seed)
        stack.push_async_callback(frames.close)
        extractor = Extractor(
            worker=f"{socket.gethostname()}-{os.getpid()}",
            store=BusFrameStore(frames, keep_seconds=first.frame_reuse.ttl_minutes * 60),
            version=partial(_version, settings.media_root),
            extract=pool.extract,
            record=partial(_record, Bucket(bus, FILES.name)),
            lease=lambda path_id: lease(Bucket(bus, LOCKS.name), f"extract.{path_id}"),
            spawn=_spawn,
            reuse=lambda: config.settings.frame_reuse.enabled,
        )
        requests = Subscription(
            JOBS,
            tuple(f"extract-{lane}-{device}" for lane in Lane for device in ("any", "cpu")),
            ExtractRequestedV1,
            partial(on_extract_requested, extractor=extractor),
            slots=slots,
            retry=lambda: _retry_policy(config.settings),
            failed=on_failure,
        )
        yield Service(subscriptions=(requests,))


async def _first_settings(config: ConfigStore, stack: AsyncExitStack) -> Settings:
    """Watch the configuration for as long as the service lives; answers once it is known."""
    stopping = asyncio.Event()
    watching = asyncio.create_task(config.watch(stopping))
    stack.push_async_callback(asyncio.wait, {watching})
    stack.callback(stopping.set)
    await config.loaded()
    return config.settings


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
