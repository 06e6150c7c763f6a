"""The router's handlers with their real adapters: a real broker, a real disk."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bucket, Bus, ensure_consumer
from framewright.chassis.clock import after, now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import Context, Subscription, serve
from framewright.chassis.outgoing import Later, Outgoing
from framewright.chassis.sealing import Sealer
from framewright.contracts.base import Lane, Message, decode, encode
from framewright.contracts.catalogue import CONFIG, DUE, FILES, LOCKS, stream_of
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.jobs import JobMovedV1
from framewright.contracts.media import MediaChangedV1, NudgeV1
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import PublishRecord, Stage, record_key
from framewright.contracts.server import Server
from framewright.contracts.settings import Settings
from framewright.domain.errors import Reject
from framewright.domain.frames import FileVersion, Picture, Rendition
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import Library
from framewright.router.adapters import BusBacklog, JobQueue, MountedDisk, PublishedRecords
from framewright.router.domain.deciding import Listing
from framewright.router.handlers import Router, on_job_moved, on_media_changed, on_nudge

KEY = Fernet.generate_key().decode()


class WatchedDisk(MountedDisk):
    """The real disk, with every path that was looked at."""

    def __init__(self, media_root: str) -> None:
        super().__init__(media_root)
        self.looked_at: list[str] = []

    async def first_existing(self, paths: Sequence[str]) -> str | None:
        self.looked_at += paths
        return await super().first_existing(paths)

    async def videos(self, folder: str) -> Listing | None:
        self.looked_at.append(folder)
        return await super().videos(folder)


@dataclass
class Desk:
    """A router over these servers; `route` handles one change and stores the answers, as the delivery loop does."""

    bus: Bus
    media: Path
    servers: list[Server] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    renditions: Any = None
    reread: Any = None
    cancelled: set[str] = field(default_factory=set)
    lanes: dict[str, Lane] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.disk = WatchedDisk(str(self.media))
        self.queue = JobQueue(self.bus, Bucket(self.bus, LOCKS.name))
        self.backlog = BusBacklog(self.bus)
        self.outgoing = Outgoing(self.bus)

    @property
    def router(self) -> Router:
        return Router(
            servers=lambda: self.servers,
            settings=lambda: self.settings,
            renditions=self.renditions or _as_wanted,
            reread=self.reread or _nothing_new,
            cancelled=self._all_cancelled,
            lane=self.lanes.get,
            queue=self.queue,
            backlog=self.backlog,
            disk=self.disk,
            records=PublishedRecords(self.bus),
        )

    async def route(self, path: str | Path, event_id: str = "e1", *, attempt: int = 1, **changes: Any) -> list[Any]:
        change = self.change(path, event_id, **changes)
        return await self._handled(on_media_changed, change, attempt)

    async def nudge(self, path: str | Path, kind: ChangeKind = ChangeKind.ADDED, **changes: Any) -> list[Any]:
        nudge = NudgeV1(event_id="n", key="n", path=str(path), observed_at=now(), kind=kind, **changes)
        return await self._handled(on_nudge, nudge)

    async def order(self, job_id: str, lane: Lane, *, attempt: int = 1) -> list[Any]:
        return await self._handled(on_job_moved, JobMovedV1(job_id=job_id, lane=lane, at=now()), attempt)

    async def published(self, path: str | Path, *server_ids: str) -> None:
        """Remember outputs of this path for these servers, as the publisher does."""
        for server_id in server_ids:
            record = PublishRecord(
                fingerprint="f", requested_at=now(), outputs=(), stage=Stage.TOLD, at=now(), path=str(path)
            )
            await Bucket(self.bus, FILES.name).put(record_key(media_id(str(path)), server_id), encode(record))

    def asked(self, path: str | Path, job: str = "old", **changes: Any) -> ExtractRequestedV1:
        """A request for the path's frames, for every configured server."""
        fields = {"targets": tuple(_target(server) for server in self.servers), "requested_at": now(), **changes}
        return ExtractRequestedV1(
            job_ids=(job,), path=str(path), path_id=media_id(str(path)), picture=Picture(), **fields
        )

    def owed(self, path: str | Path, server_id: str, job: str = "old", **changes: Any) -> PublishRequestedV1:
        """A request to publish the path for one server."""
        server = next(one for one in self.servers if one.id == server_id)
        fields = {"version": FileVersion(1, 1), "pack": "p", "fingerprint": "f", "requested_at": now(), **changes}
        return PublishRequestedV1(
            job_ids=(job,),
            path=str(path),
            path_id=media_id(str(path)),
            target=_target(server),
            picture=Picture(),
            **fields,
        )

    async def waits(self, request: Message, seconds: float = 60.0) -> None:
        """Let a request wait for its second try, as a service does that could not do it."""
        await self.outgoing.send(Later(request, after(seconds), attempt=2))

    @asynccontextmanager
    async def at_work(self):
        """Take changes and orders from the queue as the service does while the context is open."""
        stopping = asyncio.Event()
        changes = partial(on_media_changed, router=self.router)
        orders = partial(on_job_moved, router=self.router)
        subscriptions = (
            Subscription(DUE, ("router",), MediaChangedV1, changes, slots=4),
            Subscription(DUE, ("orders",), JobMovedV1, orders),
        )
        tasks = [asyncio.create_task(serve(self.bus, one, stopping)) for one in subscriptions]
        try:
            yield
        finally:
            stopping.set()
            await asyncio.wait_for(asyncio.gather(*tasks), 20)

    async def _handled(self, handler: Any, message: Message, attempt: int = 1) -> list[Any]:
        """What was told and answered; all of it is stored."""
        told: list[Any] = []

        async def tell(one: Message) -> None:
            told.append(one)
            await self.outgoing.send(one)

        context = Context(attempt, now(), 1, tell, self.outgoing.show, AsyncExitStack())
        answers = await handler(message, context, router=self.router)
        for answer in answers:
            await self.outgoing.send(answer)
        return [*told, *answers]

    def _all_cancelled(self, job_ids: Iterable[str]) -> bool:
        return set(job_ids) <= self.cancelled

    def change(self, path: str | Path, event_id: str = "e1", **changes: Any) -> MediaChangedV1:
        fields = {"event_id": event_id, "key": f"k{event_id}", "source": "radarr", "kind": ChangeKind.ADDED}
        return MediaChangedV1(**{**fields, "path": str(path), "observed_at": now(), **changes})

    def add(self, name: str) -> Path:
        path = self.media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"film")
        return path

    def server(self, server_id: str = "s1", *roots: str, **changes: Any) -> Server:
        """Configure one more server that owns these roots (the media folder, when none is named)."""
        libraries = (Library("1", "Films", "movie", roots or (str(self.media),)),)
        given = {"id": server_id, "type": "folder", "name": server_id.upper(), "libraries": libraries, **changes}
        self.servers.append(Server(**given))
        return self.servers[-1]


def _target(server: Server) -> Target:
    return Target(server_id=server.id, server_type=server.type, rendition=Rendition(320, 5000))


async def _nothing_new(_server_id: str) -> bool:
    await asyncio.sleep(0)
    return False


async def _as_wanted(_server: Server, wanted: Rendition) -> Sequence[Rendition]:
    await asyncio.sleep(0)
    return (wanted,)


@pytest.fixture
def desk(bus: Bus, tmp_path: Path) -> Desk:
    (tmp_path / "media").mkdir()
    return Desk(bus, tmp_path / "media")


@pytest.fixture
def a_router(server: EmbeddedServer, desk: Desk, tmp_path: Path):
    """`async with a_router() as process`: the router in a process of its own, over the desk's servers; killed in the end."""

    @asynccontextmanager
    async def start():
        settings = {
            "NATS_URL": server.url,
            "CONFIG_DIR": str(tmp_path),
            "MEDIA_ROOT": str(desk.media),
            "FRAMEWRIGHT_SECRET_KEY": KEY,
            "LOG_LEVEL": "WARNING",
        }
        config = ConfigStore(Bucket(desk.bus, CONFIG.name), Sealer(KEY))
        for one in desk.servers:
            with contextlib.suppress(Reject):  # known from an earlier start
                await config.add_server(one)
        command = (sys.executable, "-m", "framewright.router")
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **settings})
        try:
            yield process
        finally:
            process.kill()
            await process.wait()

    return start


@pytest.fixture
def handed_out_again(bus: Bus):
    """Have the broker hand out what a killed router held after two seconds."""

    async def shorten(consumer: str) -> None:
        fixed = next(one for one in DUE.consumers if one.name == consumer)
        await ensure_consumer(bus, DUE.name, replace(fixed, ack_wait=2.0))

    return shorten


@pytest.fixture
def stored(bus: Bus) -> Callable[[type[Message]], Any]:
    """Every stored message of a kind, oldest first."""

    async def read(kind: type[Message]) -> list[Any]:
        stream = stream_of(f"{kind.HEAD}.x")
        _, last = await bus.stream_state(stream.name)
        found = [await bus.get_sequence(stream.name, number) for number in range(1, last + 1)]
        return [decode(kind, one.data) for one in found if one and one.subject.startswith(f"{kind.HEAD}.")]

    return read
