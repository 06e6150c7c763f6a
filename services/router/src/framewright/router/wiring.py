"""Opens what the router needs and closes it on the way out."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from httpx import AsyncClient

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.dead_letters import mover
from framewright.chassis.delivery import Context, Handler, RetryPolicy, Subscription
from framewright.chassis.http import client
from framewright.chassis.job_controls import JobControls
from framewright.chassis.outgoing import Answer
from framewright.chassis.sealing import load_sealer
from framewright.chassis.service import Service
from framewright.contracts.catalogue import CONFIG, DUE, JOB_STATE, LOCKS
from framewright.contracts.jobs import JobMovedV1
from framewright.contracts.media import MediaChangedV1, NudgeV1
from framewright.contracts.server import Server, with_selected
from framewright.router.adapters import BusBacklog, JobQueue, LibraryReader, MountedDisk, PublishedRecords, Renditions
from framewright.router.handlers import Router, on_failure, on_job_moved, on_media_changed, on_nudge
from framewright.router.settings import RouterSettings

PATIENT = RetryPolicy(delays=(1.0, 5.0, 30.0), patience=3600.0)
"""A share that is away is usually back within the hour."""


@asynccontextmanager
async def build(settings: RouterSettings, bus: Bus) -> AsyncGenerator[Service]:
    """Wire the router; it also moves exhausted messages of every queue to the dead letters."""
    stored, locks = Bucket(bus, CONFIG.name), Bucket(bus, LOCKS.name)
    config = ConfigStore(stored, load_sealer(settings.framewright_secret_key, settings.config_dir))
    controls = JobControls(Bucket(bus, JOB_STATE.name))
    async with client(timeout=5.0) as strict, client(timeout=5.0, verify=False) as lax:

        def http(server: Server) -> AsyncClient:
            return strict if server.verify_ssl else lax

        libraries = LibraryReader(config, locks, stored, http)
        router = Router(
            servers=lambda: _servers(config),
            settings=lambda: config.settings,
            renditions=Renditions(http).of,
            reread=libraries.after_miss,
            cancelled=controls.all_cancelled,
            lane=lambda job_id: controls.of(job_id).lane,
            queue=JobQueue(bus, locks),
            backlog=BusBacklog(bus),
            disk=MountedDisk(settings.media_root),
            records=PublishedRecords(bus),
        )
        subscriptions = _subscriptions(router, partial(_informed, config, controls))
        yield Service(subscriptions=(*subscriptions, mover(bus)), tasks=(config.watch, controls.watch, libraries.run))


def _subscriptions(router: Router, informed: Callable[[Handler[Any]], Handler[Any]]) -> Sequence[Subscription[Any]]:
    changes = Subscription(
        DUE,
        ("router",),
        MediaChangedV1,
        informed(partial(on_media_changed, router=router)),
        slots=4,
        retry=lambda: PATIENT,
        failed=partial(on_failure, servers=router.servers),
    )
    nudges = Subscription(DUE, ("nudges",), NudgeV1, informed(partial(on_nudge, router=router)))
    moves = informed(partial(on_job_moved, router=router))
    orders = Subscription(DUE, ("orders",), JobMovedV1, moves, retry=lambda: PATIENT)
    return changes, nudges, orders


def _informed(config: ConfigStore, controls: JobControls, handler: Handler[Any]) -> Handler[Any]:
    """The handler, which begins when the configuration is known: without the servers nobody would own a path."""

    async def handle(message: Any, context: Context) -> Sequence[Answer]:
        await config.loaded()
        await controls.loaded()
        return await handler(message, context)

    return handle


def _servers(config: ConfigStore) -> Sequence[Server]:
    """The servers with the libraries that are worked on."""
    return [with_selected(server, config.settings.selected_libraries) for server in config.servers]
