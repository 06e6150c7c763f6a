"""The router's handlers with their real adapters: a real broker, a real disk."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Outgoing
from framewright.contracts.base import Lane, Message, decode, encode
from framewright.contracts.catalogue import FILES, LOCKS, stream_of
from framewright.contracts.jobs import JobMovedV1
from framewright.contracts.media import MediaChangedV1, NudgeV1
from framewright.contracts.record import PublishRecord, Stage, record_key
from framewright.contracts.server import Server
from framewright.contracts.settings import Settings
from framewright.domain.frames import Rendition
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import Library
from framewright.router.adapters import JobQueue, MountedDisk, PublishedRecords
from framewright.router.domain.deciding import Listing
from framewright.router.handlers import Router, on_job_moved, on_media_changed, on_nudge


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
    rendition: Any = None
    reread: Any = None
    cancelled: set[str] = field(default_factory=set)
    lanes: dict[str, Lane] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.disk = WatchedDisk(str(self.media))
        self.queue = JobQueue(self.bus, Bucket(self.bus, LOCKS.name))
        self.outgoing = Outgoing(self.bus)

    @property
    def router(self) -> Router:
        return Router(
            servers=lambda: self.servers,
            settings=lambda: self.settings,
            rendition=self.rendition or _as_wanted,
            reread=self.reread or _nothing_new,
            cancelled=self._all_cancelled,
            lane=self.lanes.get,
            queue=self.queue,
            disk=self.disk,
            records=PublishedRecords(self.bus),
        )

    async def route(self, path: str | Path, event_id: str = "e1", *, attempt: int = 1, **changes: Any) -> list[Any]:
        change = self.change(path, event_id, **changes)
        return await self._handled(on_media_changed, change, attempt)

    async def nudge(self, path: str | Path, kind: ChangeKind = ChangeKind.ADDED, **changes: Any) -> list[Any]:
        nudge = NudgeV1(event_id="n", key="n", path=str(path), observed_at=now(), kind=kind, **changes)
        return await self._handled(on_nudge, nudge)

    async def order(self, job_id: str, lane: Lane) -> None:
        await self._handled(on_job_moved, JobMovedV1(job_id=job_id, lane=lane, at=now()))

    async def published(self, path: str | Path, *server_ids: str) -> None:
        """Remember outputs of this path for these servers, as the publisher does."""
        for server_id in server_ids:
            record = PublishRecord(
                fingerprint="f", requested_at=now(), outputs=(), stage=Stage.TOLD, at=now(), path=str(path)
            )
            await Bucket(self.bus, FILES.name).put(record_key(media_id(str(path)), server_id), encode(record))

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


async def _nothing_new(_server_id: str) -> bool:
    await asyncio.sleep(0)
    return False


async def _as_wanted(_server: Server, wanted: Rendition) -> Rendition:
    await asyncio.sleep(0)
    return wanted


@pytest.fixture
def desk(bus: Bus, tmp_path: Path) -> Desk:
    (tmp_path / "media").mkdir()
    return Desk(bus, tmp_path / "media")


@pytest.fixture
def stored(bus: Bus) -> Callable[[type[Message]], Any]:
    """Every stored message of a kind, oldest first."""

    async def read(kind: type[Message]) -> list[Any]:
        stream = stream_of(f"{kind.HEAD}.x")
        _, last = await bus.stream_state(stream.name)
        found = [await bus.get_sequence(stream.name, number) for number in range(1, last + 1)]
        return [decode(kind, one.data) for one in found if one and one.subject.startswith(f"{kind.HEAD}.")]

    return read
