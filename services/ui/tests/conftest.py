"""The real service on a real broker, and facts to tell it."""

import asyncio
import io
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bucket, connect, provision
from framewright.chassis.frame_store import BusFrameStore, FolderFrameStore
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.http import serving
from framewright.contracts.base import encode
from framewright.contracts.catalogue import (
    CONFIG,
    DUE,
    EVENTS,
    FRAMES,
    JOB_STATE,
    JOBS,
    LOCKS,
    PRESENCE,
    PUBLISH,
    SCANS,
    Topology,
)
from framewright.contracts.devices import PRESENCE_PREFIX, DeviceStatus, WorkerPresence
from framewright.contracts.facts import (
    EventClassifiedV1,
    ExtractionStartedV1,
    FileRoutedV1,
    FileSettledV1,
    FramesExtractedV1,
    JobChange,
    JobChangedV1,
    JobCreatedV1,
    ScanProgressedV1,
    ServerTroubleV1,
    ServerVerdict,
)
from framewright.contracts.scans import ScanCount
from framewright.domain.frames import FileVersion, Picture
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.formats.framepack import ExtractionReport, PackHeader, build_pack, encode_manifest
from framewright.ui.settings import UiSettings
from framewright.ui.wiring import build

TOKEN = "operators-token"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILM = "/media/films/Film (2024)/Film.mkv"
CUDA = DeviceStatus(device="cuda:0", name="GeForce RTX 3060", type="nvidia", acceleration="cuda", workers=2, busy=1)
PROCESSOR = DeviceStatus(device="cpu", name="CPU", type="cpu")


@dataclass
class Ui:
    url: str
    http: httpx.AsyncClient

    async def json(self, path: str) -> Any:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def until(self, path: str, holds: Any, seconds: float = 5.0) -> Any:
        """The answer at `path` as soon as it is 200 and `holds`."""
        ends = time.monotonic() + seconds
        while True:
            answer = await self.http.get(path)
            if answer.status_code == 200 and holds(answer.json()):
                return answer.json()
            assert time.monotonic() < ends, answer.text
            await asyncio.sleep(0.03)


class Facts:
    """Facts about one film of one job unless told otherwise; moments are seconds after noon."""

    film = FILM

    def created(self, at: float = 0, *, job: str = "job1", total: int = 1, **more: Any) -> JobCreatedV1:
        fields = {"kind": "webhook", "title": "Film", "source": "radarr", **more}
        return JobCreatedV1(job_id=job, at=self.at(at), total=total, **fields)

    def routed(
        self,
        at: float = 1,
        *,
        job: str = "job1",
        path: str = FILM,
        outcome: Outcome = Outcome.WAITING,
        reason: str = "",
        servers: dict[str, Outcome] | None = None,
    ) -> FileRoutedV1:
        verdicts = tuple(
            ServerVerdict(server_id=one, server_name=f"The {one}", server_type="plex", outcome=verdict)
            for one, verdict in (servers or {}).items()
        )
        return FileRoutedV1(
            job_id=job,
            path_id=media_id(path),
            path=path,
            at=self.at(at),
            outcome=outcome,
            reason=reason,
            servers=verdicts,
        )

    def started(self, at: float = 2, *, jobs: tuple[str, ...] = ("job1",), path: str = FILM) -> ExtractionStartedV1:
        return ExtractionStartedV1(
            job_ids=jobs, path_id=media_id(path), path=path, at=self.at(at), worker="cpu-0", delivery=1
        )

    def extracted(
        self, at: float = 3, *, pack: str = "pack1", path: str = FILM, partial: bool = False, **told: Any
    ) -> FramesExtractedV1:
        return FramesExtractedV1(
            job_ids=("job1",),
            path_id=media_id(path),
            path=path,
            at=self.at(at),
            pack=pack,
            version=FileVersion(1, 1),
            reused=False,
            partial=partial,
            report=ExtractionReport(**{"path": "index", "slots": 12, "decoded": 12, **told}),
        )

    def settled(
        self,
        at: float,
        outcome: Outcome = Outcome.PUBLISHED,
        server: str = "",
        *,
        jobs: tuple[str, ...] = ("job1",),
        path: str = FILM,
        **more: Any,
    ) -> FileSettledV1:
        return FileSettledV1(
            job_ids=jobs,
            path_id=media_id(path),
            path=path,
            at=self.at(at),
            outcome=outcome,
            server_id=server,
            **more,
        )

    def scanned(
        self, at: float, page: int = 1, *, total: int, finished: bool = False, note: str = "", **count: int
    ) -> ScanProgressedV1:
        return ScanProgressedV1(
            job_id="job1",
            at=self.at(at),
            page=page,
            total=total,
            count=ScanCount(checked=sum(count.values()), **count),
            finished=finished,
            note=note,
        )

    def changed(self, at: float, change: JobChange, *, job: str = "job1", **more: Any) -> JobChangedV1:
        return JobChangedV1(job_id=job, at=self.at(at), change=change, **more)

    def troubled(self, at: float, code: str = "", reason: str = "", server: str = "a") -> ServerTroubleV1:
        return ServerTroubleV1(server_id=server, at=self.at(at), code=code, reason=reason)

    def classified(self, at: float = 0, *, event: str = "event1", **more: Any) -> EventClassifiedV1:
        fields = {"source": "radarr", "event_type": "Download", "title": "Film", "status": "queued", **more}
        return EventClassifiedV1(event_id=event, at=self.at(at), **fields)

    def at(self, seconds: float) -> datetime:
        return NOON + timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts()


@pytest.fixture
def broker(tmp_path: Path):
    server = EmbeddedServer(tmp_path / "nats")
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def bus(broker: EmbeddedServer):
    connected = await connect(broker.url, "test")
    streams = (EVENTS, FRAMES, JOBS, DUE, SCANS, PUBLISH)
    await provision(connected, Topology(streams=streams, buckets=(CONFIG, LOCKS, PRESENCE, JOB_STATE)))
    yield connected
    await connected.close()


@pytest.fixture
def tell(bus):
    """Publish facts, in order."""

    async def send(*messages: Any) -> None:
        for message in messages:
            await Outgoing(bus).send(message)

    return send


@pytest.fixture
def presence():
    """What an extractor says of itself; two devices unless told otherwise, looked for at `scanned` seconds after noon."""

    def say(worker: str = "attic-7", *devices: DeviceStatus, scanned: float = 0, **more: Any) -> WorkerPresence:
        moment = NOON + timedelta(seconds=scanned)
        found = devices or (CUDA, PROCESSOR)
        fields = {"host": worker.partition("-")[0], "started_at": NOON, "scanned_at": moment, "devices": found, **more}
        return WorkerPresence(worker=worker, **fields)

    return say


@pytest.fixture
def announce(bus):
    """Put presences into the bucket, as extractors do."""

    async def put(*presences: WorkerPresence) -> None:
        for one in presences:
            await Bucket(bus, PRESENCE.name).put(PRESENCE_PREFIX + one.worker, encode(one))

    return put


@pytest.fixture
def start_ui(broker: EmbeddedServer, bus, tmp_path: Path):
    """`async with start_ui() as ui`: the service as its process runs it; its state survives from start to start."""

    @asynccontextmanager
    async def run(**changes: Any):
        settings = UiSettings(
            **{
                "nats_url": broker.url,
                "config_dir": str(tmp_path / "config"),
                "web_auth_token": TOKEN,
                "media_root": str(tmp_path),
                **changes,
            }
        )
        own = await connect(broker.url, "ui-test")
        stopping = asyncio.Event()
        async with build(settings, own) as service:
            tasks = [asyncio.ensure_future(task(stopping)) for task in service.tasks]
            async with serving(service.app) as url:
                async with httpx.AsyncClient(
                    base_url=url, headers={"X-Auth-Token": TOKEN}, timeout=10, verify=False
                ) as http:
                    yield Ui(url, http)
                stopping.set()
                async with asyncio.timeout(5):
                    await asyncio.gather(*tasks)
        await own.close()

    return run


@pytest.fixture
async def ui(start_ui):
    async with start_ui() as one:
        yield one


@pytest.fixture
def put_pack(bus):
    """Store a pack of pictures of rising brightness, one every five seconds."""

    async def put(key: str = "pack1", count: int = 12, folder: Path | None = None) -> list[bytes]:
        frames = []
        for number in range(count):
            buffer = io.BytesIO()
            Image.new("RGB", (32, 18), (20 * number,) * 3).save(buffer, "JPEG")
            frames.append(buffer.getvalue())
        header = PackHeader(
            path_id=media_id(FILM),
            version=FileVersion(1, 1),
            width=32,
            height=18,
            picture=Picture(),
            duration_ms=5000 * count,
            intervals_ms=(5000,),
        )
        parts, manifest = build_pack([(5000 * n, frame) for n, frame in enumerate(frames)], header, part_limit=4000)
        store = FolderFrameStore(folder) if folder else BusFrameStore(bus)
        await store.put(key, parts, encode_manifest(manifest))
        return frames

    return put
