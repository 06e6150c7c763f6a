"""Opens what the router needs and closes it on the way out."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from httpx import AsyncClient

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.dead_letters import mover
from framewright.chassis.delivery import Context, RetryPolicy, Subscription
from framewright.chassis.http import client
from framewright.chassis.outgoing import Answer
from framewright.chassis.sealing import load_sealer
from framewright.chassis.service import Service
from framewright.contracts.catalogue import CONFIG, DUE, LOCKS
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.server import Server
from framewright.router.adapters import JobQueue, LibraryReader, MountedDisk, Renditions
from framewright.router.handlers import Router, on_failure, on_media_changed
from framewright.router.settings import RouterSettings


@asynccontextmanager
async def build(settings: RouterSettings, bus: Bus) -> AsyncGenerator[Service]:
    """Wire the router; it also moves exhausted messages of every queue to the dead letters."""
    stored, locks = Bucket(bus, CONFIG.name), Bucket(bus, LOCKS.name)
    config = ConfigStore(stored, load_sealer(settings.framewright_secret_key, settings.config_dir))
    async with client(timeout=5.0) as strict, client(timeout=5.0, verify=False) as lax:

        def http(server: Server) -> AsyncClient:
            return strict if server.verify_ssl else lax

        libraries = LibraryReader(config, locks, stored, http)
        router = Router(
            servers=lambda: config.servers,
            settings=lambda: config.settings,
            rendition=Renditions(http).of,
            reread=libraries.after_miss,
            queue=JobQueue(bus, locks),
            disk=MountedDisk(settings.media_root),
        )

        async def route(change: MediaChangedV1, context: Context) -> Sequence[Answer]:
            await config.loaded()  # without the servers nobody would own the path
            return await on_media_changed(change, context, router=router)

        changes = Subscription(
            DUE,
            ("router",),
            MediaChangedV1,
            route,
            slots=4,
            retry=lambda: RetryPolicy(delays=(1.0, 5.0, 30.0), patience=3600.0),
            failed=partial(on_failure, servers=lambda: config.servers),
        )
        yield Service(subscriptions=(changes, mover(bus)), tasks=(config.watch, libraries.run))
