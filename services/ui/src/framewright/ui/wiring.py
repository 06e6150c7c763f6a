"""Puts the ui service together; the only place that names concrete classes."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from framewright.chassis.bus import Bucket, Bus, connect
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.frame_store import BusFrameStore
from framewright.chassis.sealing import Sealer, load_sealer
from framewright.chassis.security import load_token
from framewright.chassis.service import Service
from framewright.contracts.catalogue import CONFIG
from framewright.domain.errors import Reject
from framewright.ui.adapters.archive import SqliteArchive
from framewright.ui.adapters.database import Database
from framewright.ui.adapters.feed import Feed
from framewright.ui.adapters.hub import Hub
from framewright.ui.adapters.pages import StaticAssets, TemplatePages
from framewright.ui.adapters.pictures import PackPictures
from framewright.ui.adapters.projection import Projection
from framewright.ui.adapters.sessions import Sessions
from framewright.ui.adapters.surroundings import LaneDepths, MediaFolders, reaching
from framewright.ui.adapters.ticker import Ticker
from framewright.ui.domain.board import Board
from framewright.ui.domain.views import Names
from framewright.ui.handlers.access import Door
from framewright.ui.handlers.application import create_app
from framewright.ui.handlers.desk import Desk
from framewright.ui.settings import UiSettings
from framewright.vendors import media_server, planned_outputs


@dataclass(frozen=True, slots=True)
class _Parts:
    """What lives as long as the service."""

    bus: Bus
    frames: Bus
    database: Database
    config: ConfigStore
    hub: Hub
    board: Board
    archive: SqliteArchive
    projection: Projection


@asynccontextmanager
async def build(settings: UiSettings, bus: Bus) -> AsyncGenerator[Service]:
    """Open what the service needs and close it on the way out.

    Raises:
        Reject: code BAD_SETTING, the key or the way of authentication is not one.
        Retry: the bus is out of reach.
    """
    sealer = load_sealer(settings.framewright_secret_key, settings.config_dir)
    door = _door(settings, sealer)
    frames = await connect(settings.nats_url, f"ui-frames-{os.getpid()}", seed=settings.nats_seed)
    database = Database(settings.database_file)
    config = ConfigStore(Bucket(bus, CONFIG.name), sealer)
    board = Board()
    archive = SqliteArchive(database, board, lambda: _names(config))
    parts = _Parts(bus, frames, database, config, Hub(), board, archive, Projection(database))
    try:
        yield _service(settings, parts, door)
    finally:
        parts.hub.close()
        database.close()
        await frames.close()


def _service(settings: UiSettings, parts: _Parts, door: Door) -> Service:
    ticker = Ticker(parts.archive, parts.board, parts.hub)
    feed = Feed(parts.bus, parts.projection, ticker.changed)
    parts.config.on_change(lambda: parts.hub.tell("servers", {}))

    async def ready() -> str:
        return "" if parts.bus.connected else "the bus is out of reach"

    async def purge(stopping: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(parts.config.loaded()), asyncio.ensure_future(stopping.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await feed.purge(stopping, lambda: parts.config.settings.job_history_days)

    async def listen(stopping: asyncio.Event) -> None:
        await ticker.listen(parts.bus, stopping)

    origins = tuple(filter(None, (one.strip() for one in settings.cors_origins.split(","))))
    app = create_app(_desk(settings, parts), door, ready, origins=origins)
    return Service(tasks=(parts.config.watch, feed.run, purge, listen, ticker.run), app=app)


def _desk(settings: UiSettings, parts: _Parts) -> Desk:
    assets = StaticAssets()
    return Desk(
        archive=parts.archive,
        history=parts.projection,
        config=parts.config,
        board=parts.board,
        live=parts.hub,
        pictures=PackPictures(BusFrameStore(parts.frames)),
        reach=reaching(media_server),
        places=MediaFolders(settings.media_root),
        queues=LaneDepths(parts.bus),
        pages=TemplatePages(assets),
        assets=assets,
        planned=planned_outputs,
        connected=lambda: parts.bus.connected,
        version=version("framewright-ui"),
        started=time.monotonic(),
    )


def _door(settings: UiSettings, sealer: Sealer) -> Door:
    if settings.auth_method not in {"internal", "external"}:
        raise Reject("environment variable AUTH_METHOD must be internal or external", code="BAD_SETTING")
    token = load_token(settings.web_auth_token, settings.config_dir)
    external = settings.auth_method == "external"
    return Door(token, Sessions(sealer, token), external=external, https=settings.https)


def _names(config: ConfigStore) -> Names:
    return {server.id: (server.name or server.id, server.type) for server in config.servers}
