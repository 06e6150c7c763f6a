"""Puts the ui service together; the only place that names concrete classes."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

import httpx

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.frame_store import frame_store
from framewright.chassis.holding import Holding
from framewright.chassis.http import client
from framewright.chassis.job_controls import JobControls
from framewright.chassis.playback import PlaybackView
from framewright.chassis.sealing import Sealer, load_sealer
from framewright.chassis.security import load_token
from framewright.chassis.service import Service
from framewright.contracts.catalogue import CONFIG, JOB_STATE, LOCKS, PRESENCE
from framewright.contracts.libraries import LIBRARIES_PREFIX, LibrariesRead
from framewright.domain.errors import Reject
from framewright.domain.ports import FrameStore
from framewright.ui.adapters.archive import SqliteArchive
from framewright.ui.adapters.audits import KeptDismissals, audit
from framewright.ui.adapters.config_records import ConfigRecords
from framewright.ui.adapters.database import Database
from framewright.ui.adapters.diagnosis import diagnosis
from framewright.ui.adapters.feed import Feed
from framewright.ui.adapters.hub import Hub
from framewright.ui.adapters.job_book import SqliteJobBook
from framewright.ui.adapters.job_orders import BusOrders
from framewright.ui.adapters.orphanage import PublisherOrphanage
from framewright.ui.adapters.outputs import output_state
from framewright.ui.adapters.pages import StaticAssets, TemplatePages
from framewright.ui.adapters.pictures import PackPictures
from framewright.ui.adapters.players import BusPlayers
from framewright.ui.adapters.plex_servers import WebhookPing, follow_tokens, spare_tokens
from framewright.ui.adapters.presence import Presence
from framewright.ui.adapters.projection import Projection
from framewright.ui.adapters.provider_door import SealedProviderDoor
from framewright.ui.adapters.senders import sender_desk
from framewright.ui.adapters.server_sign_in import VendorSignIn
from framewright.ui.adapters.sessions import Sessions
from framewright.ui.adapters.sidecar_files import SidecarFiles
from framewright.ui.adapters.surroundings import LaneDepths, MediaFolders, reaching
from framewright.ui.adapters.ticker import Ticker
from framewright.ui.adapters.timetable import BusTimetable
from framewright.ui.adapters.vouchers import SealedRequests, SealedVouchers
from framewright.ui.adapters.webhook_journal import BusJournal
from framewright.ui.domain.board import Board
from framewright.ui.domain.job_desk import JobDesk
from framewright.ui.domain.plex_provider import MetadataDesk
from framewright.ui.domain.shelf import Shelf
from framewright.ui.domain.views import Names
from framewright.ui.domain.whereabouts import roots_above
from framewright.ui.handlers.access import Door
from framewright.ui.handlers.application import create_app
from framewright.ui.handlers.desk import Desk
from framewright.ui.settings import UiSettings
from framewright.vendors import PlexAccount, PlexAddresses, PlexPlace, Recogniser, media_server, planned_outputs

VERSION = version("framewright-ui")

PATIENCE = 10.0
"""Longest wait in seconds for plex.tv."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What lives as long as the service; `stored` is the bucket of configuration."""

    bus: Bus
    sealer: Sealer
    stored: Bucket
    frames: FrameStore
    config: ConfigStore
    hub: Hub
    board: Board
    archive: SqliteArchive
    book: SqliteJobBook
    controls: JobControls
    projection: Projection
    presence: Presence
    plex: PlexAccount
    sign_in: VendorSignIn
    vouchers: SealedVouchers
    ping: WebhookPing


@asynccontextmanager
async def build(settings: UiSettings, bus: Bus) -> AsyncGenerator[Service]:
    """Open what the service needs and close it on the way out.

    Raises:
        Reject: code BAD_SETTING, the key, the way of authentication or the folder of frames is not one.
        Retry: the bus is out of reach.
    """
    sealer = load_sealer(settings.framewright_secret_key, settings.config_dir)
    door = _door(settings, sealer)
    database = Database(settings.database_file)
    stored = Bucket(bus, CONFIG.name)
    config = ConfigStore(stored, sealer)
    board = Board()
    archive = SqliteArchive(database, board, lambda: _names(config))
    hub = Hub()
    presence = Presence(bus, lambda: hub.tell("devices", {}))
    async with AsyncExitStack() as stack:
        stack.callback(database.close)
        frames = await stack.enter_async_context(frame_store(settings, "ui"))
        stack.callback(hub.close)
        http = await stack.enter_async_context(client(timeout=PATIENCE))
        plex = _plex(settings, bus, sealer, http, config)
        locks = Bucket(bus, LOCKS.name)
        sign_in = VendorSignIn(SealedRequests(locks, sealer), plex.client_identifier, VERSION)
        vouchers = SealedVouchers(locks, sealer)
        parts = _Parts(
            bus=bus,
            sealer=sealer,
            stored=stored,
            frames=frames,
            config=config,
            hub=hub,
            board=board,
            archive=archive,
            book=SqliteJobBook(database, lambda: _names(config)),
            controls=JobControls(Bucket(bus, JOB_STATE.name)),
            projection=Projection(database),
            presence=presence,
            plex=plex,
            sign_in=sign_in,
            vouchers=vouchers,
            ping=WebhookPing(http),
        )
        yield _service(settings, parts, door)


def _service(settings: UiSettings, parts: _Parts, door: Door) -> Service:
    ticker = Ticker(parts.archive, parts.board, parts.hub)
    feed = Feed(parts.bus, parts.projection, ticker.changed)
    parts.config.on_change(lambda: _tell_of_config(parts.hub))

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
    desk = _desk(settings, parts)
    app = create_app(desk, door, ready, origins=origins)
    views = (parts.config.watch, parts.controls.watch, parts.presence.run, desk.playback.watch)
    return Service(tasks=(*views, feed.run, purge, listen, ticker.run, parts.plex.run), app=app)


def _desk(settings: UiSettings, parts: _Parts) -> Desk:
    assets, recogniser = StaticAssets(), Recogniser()
    return Desk(
        archive=parts.archive,
        jobs=JobDesk(parts.book, BusOrders(parts.bus, parts.controls), Holding(parts.config).reason),
        history=parts.projection,
        config=parts.config,
        board=parts.board,
        live=parts.hub,
        pictures=PackPictures(parts.frames),
        reach=reaching(media_server, recogniser, lambda: parts.config.device_id),
        places=MediaFolders(settings.media_root),
        queues=LaneDepths(parts.bus),
        extractors=parts.presence,
        pages=TemplatePages(assets),
        assets=assets,
        plex=parts.plex,
        sign_in=parts.sign_in,
        vouchers=parts.vouchers,
        ping=parts.ping,
        planned=planned_outputs,
        diagnosis=diagnosis(parts.stored, settings.media_root, recogniser),
        orphans=PublisherOrphanage(parts.bus),
        playback=PlaybackView(Bucket(parts.bus, PRESENCE.name)),
        journal=BusJournal(parts.bus),
        timetable=BusTimetable(parts.bus),
        senders=sender_desk(parts.bus, parts.sealer),
        audits=audit,
        dismissals=KeptDismissals(parts.stored),
        players=BusPlayers(parts.bus, lambda: parts.config.settings, recogniser),
        metadata=_metadata(settings, parts),
        libraries_read=ConfigRecords(parts.stored, LIBRARIES_PREFIX, LibrariesRead),
        output_state=output_state,
        connected=lambda: parts.bus.connected,
        version=VERSION,
        started=time.monotonic(),
    )


def _metadata(settings: UiSettings, parts: _Parts) -> MetadataDesk:
    def roots(path: str) -> tuple[str, ...]:
        return roots_above(parts.config.servers, path)

    files = SidecarFiles(roots, settings.media_root)
    return MetadataDesk(SealedProviderDoor(parts.stored, parts.sealer), Shelf(files, roots), files)


def _plex(settings: UiSettings, bus: Bus, sealer: Sealer, http: httpx.AsyncClient, config: ConfigStore) -> PlexAccount:
    place = PlexPlace(
        config=Bucket(bus, CONFIG.name),
        locks=Bucket(bus, LOCKS.name),
        sealer=sealer,
        http=http,
        version=VERSION,
        addresses=PlexAddresses(settings.plex_tv_url.rstrip("/"), settings.plex_clients_url.rstrip("/")),
        patience=PATIENCE,
    )

    async def renewed() -> None:
        await follow_tokens(plex, config)

    plex = PlexAccount(place, renewed, lambda: spare_tokens(config.servers))
    return plex


def _door(settings: UiSettings, sealer: Sealer) -> Door:
    if settings.auth_method not in {"internal", "external"}:
        raise Reject("environment variable AUTH_METHOD must be internal or external", code="BAD_SETTING")
    token = load_token(settings.web_auth_token, settings.config_dir)
    external = settings.auth_method == "external"
    return Door(token, Sessions(sealer, token), external=external, https=settings.https)


def _tell_of_config(hub: Hub) -> None:
    """Settings and servers change together as far as watchers know."""
    for name in ("servers", "devices", "processing"):
        hub.tell(name, {})


def _names(config: ConfigStore) -> Names:
    return {server.id: (server.name or server.id, server.type) for server in config.servers}
