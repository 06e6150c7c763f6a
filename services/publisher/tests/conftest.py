"""A film with frames in the store, servers that own it, and the publisher's real parts to serve them with."""

import asyncio
import importlib
import io
from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.fernet import Fernet
from PIL import Image

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import Context
from framewright.chassis.frame_store import BusFrameStore
from framewright.chassis.leases import lease
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.sealing import load_sealer
from framewright.chassis.testing.bus import until
from framewright.chassis.testing.http import serving
from framewright.contracts.catalogue import CONFIG, FRAMES, LOCKS
from framewright.contracts.extract import Target
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import PublishRecord
from framewright.contracts.server import Server, ServerAuth, ServerOutput
from framewright.contracts.settings import Settings
from framewright.domain.frames import FileVersion, Picture, Rendition, fingerprint, pack_key
from framewright.domain.media import media_id
from framewright.domain.ownership import Library
from framewright.domain.publishing import Output, OutputKind
from framewright.formats.framepack import PackHeader, PackManifest, build_pack, encode_manifest
from framewright.publisher import wiring
from framewright.publisher.adapters.connections import Connections
from framewright.publisher.adapters.disk import LocalDisk
from framewright.publisher.adapters.guard import RemovalGuard
from framewright.publisher.adapters.memory import Records
from framewright.publisher.adapters.placing import present, write
from framewright.publisher.domain.outputs import Film
from framewright.publisher.domain.records import to_be_asked
from framewright.publisher.handlers.given import Publisher
from framewright.publisher.handlers.publishing import on_publish_requested
from framewright.publisher.settings import PublisherSettings
from framewright.publisher.wiring.subscriptions import retry_policy
from framewright.vendors.simulation.disk import Shelf

TOKEN = "s3cr3t-t0ken"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FOLDER = "films/Film [2001] {tmdb-1}"
STEM = "Film [2001]"
KEY = Fernet.generate_key().decode()
CONTENT = b"film" * 100
VERSION = FileVersion(len(CONTENT), 1_700_000_000_000_000_000)
STATES = {"plex": "PlexState", "emby": "EmbyState", "jellyfin": "JellyfinState"}


def a_pack(
    count: int = 12, *, interval_ms: int = 5000, shade: int = 80, width: int = 32, video_width: int = 0
) -> tuple[list[bytes], PackManifest]:
    """Parts and manifest of a pack whose pictures grow redder with time; `shade` tells two packs apart."""
    frames = []
    for number in range(count):
        buffer = io.BytesIO()
        Image.new("RGB", (width, 18), (20 * number % 256, shade, 160)).save(buffer, "JPEG", quality=95)
        frames.append((number * interval_ms, buffer.getvalue()))
    header = PackHeader(
        path_id="film",
        version=VERSION,
        width=width,
        height=18,
        picture=Picture(),
        duration_ms=interval_ms * count,
        intervals_ms=(interval_ms,),
        video_width=video_width,
    )
    return build_pack(frames, header, part_limit=4000)


def a_film(count: int = 12, *, interval_ms: int = 5000, shade: int = 80) -> Film:
    parts, manifest = a_pack(count, interval_ms=interval_ms, shade=shade)
    cuts = [parts[frame.part][frame.offset : frame.offset + frame.size] for frame in manifest.frames]
    return Film(manifest, tuple(cuts))


def an_output(kind: OutputKind, root: Path, *, width: int = 320, tiles: tuple[int, int] = (2, 2)) -> Output:
    """Where a vendor would have this kind of output for the film in `root`."""
    columns, rows = tiles
    path = {
        OutputKind.BIF: root / f"{STEM}-{width}-5.bif",
        OutputKind.TRICKPLAY: root / f"{STEM}.trickplay" / f"{width} - {columns}x{rows}",
        OutputKind.WEBVTT: root / f"{STEM}.previews",
    }[kind]
    return Output(kind, str(path), str(root), Rendition(width, 5000), columns, rows)


@pytest.fixture
def film():
    return a_film


@pytest.fixture
def pack():
    return a_pack


@pytest.fixture
def output():
    return an_output


@dataclass
class Desk:
    """What a test holds: `handle` treats one request as a delivery would, `servers` is what is configured."""

    bus: Bus
    media: Path
    data: Path
    servers: dict[str, Server]
    publisher: Publisher
    state: Any = None
    url: str = ""
    settings: Settings = field(default_factory=Settings)
    playing: set[str] = field(default_factory=set)
    busy: str = ""
    cancelled: set[str] = field(default_factory=set)

    @property
    def place(self) -> Path:
        return self.media / FOLDER

    @property
    def video(self) -> Path:
        return self.place / f"{STEM}.mkv"

    def server(self, kind: str = "folder", server_id: str = "s1", **changes: Any) -> Server:
        """Configure a server that owns the film."""
        output = {"plex_config_folder": str(self.data), "jellyfin_config_folder": str(self.data)}
        server = Server(
            id=server_id,
            type=kind,
            name="The server",
            url=self.url,
            auth=ServerAuth(token=TOKEN),
            timeout=5.0,
            libraries=(Library("9", "Films", "movie", (f"{self.media}/films",)),),
            output=ServerOutput(**{**output, **changes.pop("output", {})}),
        )
        self.servers[server_id] = msgspec.structs.replace(server, **changes)
        return self.servers[server_id]

    def request(self, server: Server, **changes: Any) -> PublishRequestedV1:
        """The request that the extractor would send for the film."""
        path = changes.pop("path", str(self.video))
        rendition, further = changes.pop("rendition", Rendition(320, 5000)), changes.pop("further", ())
        fields = {"version": VERSION, "picture": Picture(), "requested_at": NOON, "job_ids": ("job1",), **changes}
        return PublishRequestedV1(
            path=path,
            path_id=media_id(path),
            target=Target(
                server_id=server.id,
                server_type=server.type,
                server_name=server.name,
                remote_paths=(path.replace(str(self.media), "/data"),),
                rendition=rendition,
                further=further,
            ),
            pack=pack_key(media_id(path), fields["version"], rendition.width, fields["picture"]),
            further_packs=tuple(
                pack_key(media_id(path), fields["version"], one.width, fields["picture"]) for one in further
            ),
            fingerprint=fingerprint(fields["version"], rendition, fields["picture"], further),
            **fields,
        )

    async def put_frames(self, request: PublishRequestedV1, count: int = 12, **changes: Any) -> list[bytes]:
        """Store the frames that the request names; answers the pictures."""
        parts, manifest = a_pack(count, **changes)
        await BusFrameStore(self.bus).put(request.pack, parts, encode_manifest(manifest))
        return [parts[frame.part][frame.offset : frame.offset + frame.size] for frame in manifest.frames]

    async def evict(self, what: str = ">") -> None:
        await self.bus.purge(FRAMES.name, f"frames.v1.{what}")

    async def handle(self, request: PublishRequestedV1) -> Any:
        """The one answer to a request, with everything held for the delivery given back."""
        (answer,) = await self.answers(request)
        return answer

    async def answers(
        self, request: PublishRequestedV1, attempt: int = 1, *, early: bool = False, idle: timedelta = timedelta(0)
    ) -> Sequence[Any]:
        """Every answer to a request: the fact, and the request itself where it shall come again.

        It comes at the time that the clock of its wait has set, or early; for so long it lay ready.
        """
        record = await self.record(request)
        if record is not None and record.adoption is not None and not early:
            await self.publisher.remember(request.path_id, request.target.server_id, to_be_asked(record, now()))
        async with AsyncExitStack() as stack:
            outgoing = Outgoing(self.bus)
            context = Context(attempt, now(), 1, outgoing.send, outgoing.show, stack, idle)
            return await on_publish_requested(request, context, publisher=self.publisher)

    async def grow_old(self, request: PublishRequestedV1, seconds: float) -> None:
        """As if the wait for the server had begun so many seconds earlier."""
        record = await self.record(request)
        assert record is not None
        assert record.adoption is not None
        since = record.adoption.since - timedelta(seconds=seconds)
        older = msgspec.structs.replace(record, adoption=msgspec.structs.replace(record.adoption, since=since))
        await self.publisher.remember(request.path_id, request.target.server_id, older)

    async def record(self, request: PublishRequestedV1) -> PublishRecord | None:
        return await self.publisher.record(request.path_id, request.target.server_id)

    def asked(self, method: str, path: str) -> list[Any]:
        return self.state.instruments.asked(method, path)

    @asynccontextmanager
    async def simulated(self, vendor: str, **options: Any):
        """A simulated server over the media folder; `url` and `state` are its own while the context is open."""
        simulator = importlib.import_module(f"framewright.vendors.{vendor}.simulator")
        if vendor != "emby":
            options = {"config_folder": str(self.data), **options}
        shelf = Shelf("Films", "movie", "/data/films", str(self.media / "films"))
        self.state = getattr(simulator, STATES[vendor])(**{"shelves": [shelf], "token": TOKEN, **options})
        async with serving(simulator.create_app(self.state)) as self.url:
            yield self.server(vendor)


@pytest.fixture
async def desk(bus: Bus, tmp_path: Path):
    connections = Connections()
    servers: dict[str, Server] = {}
    locks, records = Bucket(bus, LOCKS.name), Records(bus, servers.get)
    publisher = Publisher(
        server=servers.get,
        connection=connections.of,
        recognise=connections.recognise,
        store=BusFrameStore(bus),
        record=records.record,
        remember=records.remember,
        present=present,
        write=write,
        lease=lambda name: lease(locks, f"publish.{media_id(name)}"),
        patience=lambda: retry_policy(Settings()),
        settings=lambda: one.settings,
        servers=lambda: tuple(servers.values()),
        plays=lambda server_id, item_id, paths: one.playing.intersection({item_id, *paths}) != set(),
        heavy_work_waits=lambda: one.busy,
        cancelled=lambda job_ids: bool(job_ids) and one.cancelled.issuperset(job_ids),
        disk=LocalDisk(),
        memory=records,
        guard=RemovalGuard(bus, records),
    )
    one = Desk(bus, tmp_path / "media", tmp_path / "data", servers, publisher)
    one.place.mkdir(parents=True)
    one.video.write_bytes(CONTENT)
    (one.data / "Media/localhost").mkdir(parents=True)
    (one.data / "data").mkdir()
    yield one
    await connections.aclose()


@dataclass
class Office:
    """The service as its process runs it, and the configuration that it follows."""

    bus: Bus
    config: ConfigStore
    desk: Desk

    async def add(self, kind: str = "folder", server_id: str = "s1", **changes: Any) -> Server:
        server = self.desk.server(kind, server_id, **changes)
        await self.config.add_server(server)
        return server

    async def enable(self, server_id: str, enabled: bool) -> None:
        await self.config.change_server(server_id, lambda one: msgspec.structs.replace(one, enabled=enabled))

    async def touch(self) -> None:
        """A change of the configuration that means nothing."""
        await self.config.change_settings(lambda settings: settings)

    async def order(self, server: Server, name: str = "", **changes: Any) -> PublishRequestedV1:
        """Send a request with its frames."""
        path = str(self.desk.place / f"{name}.mkv") if name else str(self.desk.video)
        if not await asyncio.to_thread(Path(path).exists):
            await asyncio.to_thread(Path(path).write_bytes, CONTENT)
        request = self.desk.request(server, path=path, **changes)
        await self.desk.put_frames(request)
        await Outgoing(self.bus).send(request)
        return request

    async def fact(self, request: PublishRequestedV1, wait: float = 10.0) -> dict[str, Any]:
        """The newest fact about where the file stands on the server, once there is one."""
        subject = f"events.v1.settled.{request.path_id}.{request.target.server_id}"

        async def told() -> bool:
            return await self.bus.get_last("EVENTS", subject) is not None

        await until(told, wait)
        found = await self.bus.get_last("EVENTS", subject)
        assert found is not None
        return msgspec.json.decode(found[1])

    async def settled(self, request: PublishRequestedV1, outcome: str) -> dict[str, Any]:
        """The newest fact about the file on the server, once it is this outcome."""

        async def so() -> bool:
            return (await self.fact(request))["outcome"] == outcome

        await until(so, 10.0)
        return await self.fact(request)


@pytest.fixture
def open_office(bus: Bus, server: EmbeddedServer, desk: Desk, tmp_path: Path):
    """`async with open_office() as office`: the whole publisher at work."""

    @asynccontextmanager
    async def run(**changes: Any):
        config_dir = str(tmp_path / "config")
        settings = PublisherSettings(
            **{"nats_url": server.url, "config_dir": config_dir, "framewright_secret_key": KEY, **changes}
        )
        config = ConfigStore(Bucket(bus, CONFIG.name), load_sealer(KEY, config_dir))
        stopping = asyncio.Event()
        async with wiring.build(settings, bus) as service:
            tasks = [asyncio.ensure_future(task(stopping)) for task in service.tasks]
            try:
                yield Office(bus, config, desk)
            finally:
                stopping.set()
                await asyncio.wait_for(asyncio.gather(*tasks), 10)

    return run


@pytest.fixture
def later():
    """A request that was made so many seconds after another one."""

    def make(request: PublishRequestedV1, seconds: float, **changes: Any) -> PublishRequestedV1:
        moment = request.requested_at.timestamp() + seconds
        return msgspec.structs.replace(request, requested_at=datetime.fromtimestamp(moment, UTC), **changes)

    return make
