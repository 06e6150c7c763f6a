"""What whole-library work needs, and the parts of the service that do it."""

import asyncio
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import Context, RetryPolicy, Subscription
from framewright.chassis.holding import Holding
from framewright.chassis.job_controls import JobControls
from framewright.chassis.leases import lease
from framewright.chassis.outgoing import Answer, Outgoing
from framewright.chassis.schedules import Schedules, local_zone
from framewright.chassis.service import Task
from framewright.contracts.catalogue import CONFIG, FILES, JOB_STATE, LOCKS, SCANS
from framewright.contracts.scans import ScanRequestedV1, TickV1
from framewright.contracts.server import Server, with_selected
from framewright.ingest.adapters.clockwork import Mirror
from framewright.ingest.adapters.freshness import Freshness
from framewright.ingest.adapters.listings import Listings
from framewright.ingest.adapters.pressure import Pressure
from framewright.ingest.adapters.scan_state import ScanStates
from framewright.ingest.domain.scans import is_walked
from framewright.ingest.handlers.scanner import Scanner
from framewright.ingest.handlers.scans import on_scan_requested
from framewright.ingest.handlers.ticks import Clockwork, on_tick
from framewright.ingest.settings import IngestSettings
from framewright.ingest.wiring.events import Clients
from framewright.vendors import Renditions

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Scans:
    """What the service runs for scans and schedules."""

    subscriptions: Sequence[Subscription[Any]]
    tasks: Sequence[Task]


def scans(settings: IngestSettings, bus: Bus, config: ConfigStore, http: Clients) -> Scans:
    """Wire scans and schedules."""
    states = Bucket(bus, JOB_STATE.name)
    controls, stopping, runs = JobControls(states), asyncio.Event(), ScanStates(bus, states)
    scanner = Scanner(
        states=runs,
        library=Listings(config, http.recognised),
        judge=Freshness(config, Bucket(bus, FILES.name), Renditions(http.to)),
        queues=Pressure(bus),
        send=Outgoing(bus).send,
        lease=partial(lease, Bucket(bus, LOCKS.name)),
        servers=partial(_selected, config),
        settings=lambda: config.settings,
        control=controls.of,
        held=Holding(config).reason,
        stopping=stopping,
        worker=uuid.uuid4().hex,
    )

    async def scan(request: ScanRequestedV1, context: Context) -> Sequence[Answer]:
        await config.loaded()
        await controls.loaded()
        return await on_scan_requested(request, context, scanner=scanner)

    async def begin(stop: asyncio.Event) -> None:
        starting = [_scan_at_start(config, runs, Outgoing(bus))] if settings.scan_on_start else []
        await _until_stopped(starting, stop)
        stopping.set()

    ticking = _ticking(bus, Schedules(Bucket(bus, CONFIG.name), states), runs)
    requests = Subscription(SCANS, ("scans",), ScanRequestedV1, scan, slots=2, retry=_patient)
    return Scans((requests, *ticking.subscriptions), (controls.watch, begin, *ticking.tasks))


async def _until_stopped(work: Sequence[Coroutine[Any, Any, None]], stop: asyncio.Event) -> None:
    """Do the work and wait for the time to stop; what is not done by then is left."""
    doing = [asyncio.ensure_future(one) for one in work]
    await stop.wait()
    for task in doing:
        task.cancel()
    for result in await asyncio.gather(*doing, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


def _ticking(bus: Bus, schedules: Schedules, runs: ScanStates) -> Scans:
    zone = local_zone()
    mirror = Mirror(bus, schedules, zone)
    clockwork = Clockwork(schedules, runs, Outgoing(bus).send, mirror.clear, zone)
    ticks = Subscription(SCANS, ("ticks",), TickV1, partial(on_tick, clockwork=clockwork), retry=_patient)
    return Scans((ticks,), (schedules.watch, mirror.run))


def _patient() -> RetryPolicy:
    """A bus or a bucket that is away for a week ends no scan."""
    return RetryPolicy(delays=(2.0, 10.0, 60.0), patience=7 * DAY)


def _selected(config: ConfigStore) -> list[Server]:
    return [with_selected(one, config.settings.selected_libraries) for one in config.servers]


async def _scan_at_start(config: ConfigStore, runs: ScanStates, outgoing: Outgoing) -> None:
    """Ask for a scan of every folder server, unless the last one that was asked for so goes on anyway."""
    await config.loaded()
    for server in config.servers:
        if server.enabled and is_walked(server):
            await _scan_one_at_start(server, runs, outgoing)


async def _scan_one_at_start(server: Server, runs: ScanStates, outgoing: Outgoing) -> None:
    ours = uuid.uuid4().hex
    if await runs.claim_start(server.id, ours) == ours:
        title = server.name or server.id
        request = ScanRequestedV1(job_id=ours, title=title, source="scan", requested_at=now(), server_id=server.id)
        await outgoing.send(request)
