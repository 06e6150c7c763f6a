"""What whole-library work needs, and the parts of the service that do it."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import Subscription
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.service import Task
from framewright.contracts.catalogue import CONFIG
from framewright.ingest.adapters.folders import videos_under
from framewright.ingest.handlers.scans import Scanner, ScanState, scan_server
from framewright.ingest.settings import IngestSettings


@dataclass(frozen=True, slots=True)
class Scans:
    """What the service runs for scans and schedules."""

    subscriptions: Sequence[Subscription[Any]]
    tasks: Sequence[Task]


def scans(settings: IngestSettings, bus: Bus, config: ConfigStore) -> Scans:
    """Wire scans."""
    bucket = Bucket(bus, CONFIG.name)

    async def scan(stopping: asyncio.Event) -> None:
        if settings.scan_on_start:
            scanner = Scanner(videos_under, Outgoing(bus).send, partial(_load, bucket), partial(_save, bucket))
            await _until_stopped(_scan_folders(config, scanner), stopping)
        await stopping.wait()

    return Scans((), (scan,))


async def _until_stopped(work: Coroutine[Any, Any, None], stopping: asyncio.Event) -> None:
    """Do the work, or leave it when told to stop: a scan is taken up again at the next start."""
    doing, stop = asyncio.ensure_future(work), asyncio.ensure_future(stopping.wait())
    done, waiting = await asyncio.wait((doing, stop), return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    if doing in done:
        doing.result()


async def _scan_folders(config: ConfigStore, scanner: Scanner) -> None:
    await config.loaded()
    for server in config.servers:
        if server.type == "folder" and server.enabled:
            await scan_server(server, scanner)


async def _load(bucket: Bucket, server_id: str) -> ScanState | None:
    entry = await bucket.get(f"scans.{server_id}")
    return msgspec.json.decode(entry.value, type=ScanState) if entry and entry.value else None


async def _save(bucket: Bucket, server_id: str, state: ScanState) -> None:
    await bucket.put(f"scans.{server_id}", msgspec.json.encode(state))
