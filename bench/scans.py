"""What whole-library scans cost on this machine: `make bench-scan`.

A simulated Plex lists 100,000 films, which lie here as empty files; ingest is a process of its own, a stand-in takes what it
queues as the router would. Printed for a first scan (everything is queued), a second one (everything is fresh) and one that
is killed in the middle: items per second, memory of ingest, how long a webhook waits meanwhile, and whether the counts are
exact. Figures; exits 1 when a count is not.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import msgspec
from cryptography.fernet import Fernet

from framewright.chassis.broker import EmbeddedServer, free_port
from framewright.chassis.bus import Bucket, Bus, Puller, connect, provision
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.sealing import Sealer
from framewright.contracts.base import decode
from framewright.contracts.catalogue import CONFIG, DUE, EVENTS, FILES, LOCKS
from framewright.contracts.facts import ScanProgressedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.record import PublishRecord, Stage, record_key
from framewright.contracts.scans import ScanRequestedV1, SortBy
from framewright.contracts.server import Server, ServerAuth
from framewright.domain.frames import FileVersion, Picture, Rendition, fingerprint
from framewright.domain.media import media_id
from framewright.domain.ownership import Library, PathMapping

TOKEN = "bench"
BULK_ROOT = "/bulk"
ROUTER_SLOTS, ROUTE_SECONDS = 4, 0.003
WEBHOOK_EVERY = 0.5
PLEX = "framewright.vendors.plex.simulator"


@dataclass(frozen=True)
class Figures:
    """What one scan cost; `wrong` names every count that is not exact."""

    name: str
    seconds: float
    last: ScanProgressedV1
    queued: int
    memory_mb: float
    webhooks: Sequence[float]
    wrong: Sequence[str]
    note: str = ""

    @property
    def row(self) -> str:
        count = self.last.count
        rate = count.checked / self.seconds
        slow = f"{1000 * median(self.webhooks):.0f} / {1000 * max(self.webhooks):.0f} ms" if self.webhooks else "-"
        counts = f"{count.checked} checked, {count.queued} queued, {count.up_to_date} fresh"
        return f"{self.name:<14} {self.seconds:7.1f} s {rate:7.0f}/s {self.memory_mb:6.0f} MB  {slow:>16}  {counts}  {self.note}"


@dataclass
class Router:
    """Takes changes as the router does: four at a time, a few milliseconds each; remembers what came and when."""

    bus: Bus
    scanned: list[str] = field(default_factory=list[str])
    arrived: dict[str, float] = field(default_factory=dict[str, float])
    waits: list[float] = field(default_factory=list[float])
    began: float = 0.0

    def begin(self) -> None:
        """Forget what came before."""
        self.scanned.clear()
        self.waits.clear()
        self.began = time.perf_counter()

    async def run(self) -> None:
        await asyncio.gather(*(self._slot() for _ in range(ROUTER_SLOTS)))

    async def _slot(self) -> None:
        puller = Puller(self.bus, DUE.name, "router")
        while True:
            delivered = await puller.next(5.0)
            if delivered is None:
                continue
            change = decode(MediaChangedV1, delivered.data)
            await asyncio.sleep(ROUTE_SECONDS)
            if change.job_id:
                self.scanned.append(change.path)
            else:
                self.arrived[change.path] = time.perf_counter()
            await delivered.ack()


class Scene:
    """Broker, simulated Plex, films and ingest."""

    def __init__(self, root: Path, films: int) -> None:
        self.root = root
        self.films = films
        self.key = Fernet.generate_key().decode()
        self.port = free_port()
        self.broker = EmbeddedServer(root / "nats")
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def media(self) -> Path:
        return self.root / "films"

    def start_ingest(self) -> subprocess.Popen[bytes]:
        environment = {
            "NATS_URL": self.broker.url,
            "CONFIG_DIR": str(self.root / "config"),
            "FRAMEWRIGHT_SECRET_KEY": self.key,
            "WEB_AUTH_TOKEN": TOKEN,
            "HTTP_PORT": str(self.port),
            "WEBHOOK_QUIET_SECONDS": "0",
            "LOG_LEVEL": "WARNING",
        }
        return self._start([sys.executable, "-m", "framewright.ingest"], environment)

    def start_plex(self, port: int) -> None:
        given = ["--port", str(port), "--token", TOKEN, "--bulk", str(self.films), "--bulk-root", BULK_ROOT]
        self._start([sys.executable, "-m", PLEX, *given], {})

    def server(self, port: int) -> Server:
        return Server(
            id="plex",
            type="plex",
            name="Plex",
            url=f"http://127.0.0.1:{port}",
            auth=ServerAuth(token=TOKEN),
            libraries=(Library("1", "Bulk", "movie", (BULK_ROOT,)),),
            path_mappings=(PathMapping(BULK_ROOT, str(self.media)),),
        )

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.broker.kill()

    def _start(self, command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, env={**os.environ, **environment})
        self.processes.append(process)
        return process


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--films", type=int, default=100_000)
    films = parser.parse_args().films
    print(f"{films} films; load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
    print(f"{'scan':<14} {'time':>9} {'items':>9} {'memory':>9}  {'webhook med/max':>16}  counts")
    with tempfile.TemporaryDirectory() as folder:
        results = asyncio.run(measured(Path(folder), films))
    wrong = [f"{one.name}: {what}" for one in results for what in one.wrong]
    print("\n".join(wrong) or "every count is exact")
    return 1 if wrong else 0


async def measured(root: Path, films: int, *, hurried: bool = False) -> list[Figures]:
    """The three scans; `hurried` does not wait until the broker notices that a process was killed."""
    stage = Scene(root, films)
    paths = await asyncio.to_thread(_lay_out, stage.media, films)
    try:
        async with _opened(stage) as bus:
            return await _scans(stage, bus, paths, hurried=hurried)
    finally:
        stage.close()


async def _scans(scene: Scene, bus: Bus, paths: Sequence[str], *, hurried: bool) -> list[Figures]:
    process = scene.start_ingest()
    await _is_up(scene.port)
    async with _router(scene, bus) as router:
        results = [await _scan(scene, router, process, _request("first"))]
        print(results[-1].row)
        await _publish_all(bus, paths)
        results.append(await _scan(scene, router, process, _request("second")))
        print(results[-1].row)
        results.append(await _killed(scene, router, process, hurried=hurried))
        print(results[-1].row)
    return results


async def _scan(scene: Scene, router: Router, process: subprocess.Popen[bytes], request: ScanRequestedV1) -> Figures:
    router.begin()
    await Outgoing(router.bus).send(request)
    last = await _finished(router.bus, request.job_id)
    return _figures(scene, router, last, process.pid)


async def _killed(scene: Scene, router: Router, process: subprocess.Popen[bytes], *, hurried: bool) -> Figures:
    """Everything is asked for anew; in the middle the process is gone without a word."""
    request, bus = _request("killed", regenerate=True), router.bus
    router.begin()
    await Outgoing(bus).send(request)
    while len(router.scanned) < scene.films * 2 // 5:
        await asyncio.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed, before = time.perf_counter(), len(router.scanned)
    if hurried:
        await Bucket(bus, LOCKS.name).delete(f"scan.{request.job_id}")
        await Outgoing(bus).send(msgspec.structs.replace(request, requested_at=now()))
    process = scene.start_ingest()
    while len(router.scanned) < before + 200 and len(set(router.scanned)) < scene.films:
        await asyncio.sleep(0.01)
    resumed = time.perf_counter() - killed
    last = await _finished(bus, request.job_id)
    return replace(_figures(scene, router, last, process.pid), note=f"on again {resumed:.1f} s after kill -9")


def _figures(scene: Scene, router: Router, last: ScanProgressedV1, pid: int) -> Figures:
    count, distinct = last.count, len(set(router.scanned))
    wrong: list[str] = []
    for what, is_now, should in (
        ("checked", count.checked, scene.films),
        ("total", last.total, scene.films),
        ("queued and fresh", count.queued + count.up_to_date, scene.films),
        ("paths that came to the router", distinct, count.queued),
    ):
        if is_now != should:
            wrong.append(f"{what} is {is_now}, not {should}")
    seconds = time.perf_counter() - router.began
    return Figures(last.job_id, seconds, last, distinct, _peak(pid), tuple(router.waits), wrong)


@asynccontextmanager
async def _opened(stage: Scene) -> AsyncGenerator[Bus]:
    stage.broker.start()
    bus = await connect(stage.broker.url, "bench", wait=10)
    try:
        await provision(bus)
        port = free_port()
        stage.start_plex(port)
        await ConfigStore(Bucket(bus, CONFIG.name), Sealer(stage.key)).add_server(stage.server(port))
        await _is_up(port, "/identity")
        yield bus
    finally:
        await bus.close()


@asynccontextmanager
async def _router(scene: Scene, bus: Bus) -> AsyncGenerator[Router]:
    """The stand-in for the router, and a webhook now and then."""
    router = Router(bus)
    tasks = [asyncio.create_task(router.run()), asyncio.create_task(_webhooks(scene, router))]
    try:
        yield router
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _webhooks(scene: Scene, router: Router) -> None:
    """Collects the seconds from a request to the moment at which the router is done with what it meant."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{scene.port}", timeout=5) as http:
        while True:
            path = f"{scene.media}/webhook {time.time_ns()}.mkv"
            sent = time.perf_counter()
            with contextlib.suppress(httpx.HTTPError):  # while ingest is dead nobody takes it
                answer = await http.post(
                    "/api/webhooks/custom", json={"file_path": path}, headers={"X-Auth-Token": TOKEN}
                )
                while answer.is_success and path not in router.arrived:
                    await asyncio.sleep(0.001)
                if answer.is_success:
                    router.waits.append(router.arrived[path] - sent)
            await asyncio.sleep(WEBHOOK_EVERY)


async def _finished(bus: Bus, job_id: str) -> ScanProgressedV1:
    """The last word of the scan; then whatever it queued is taken, too."""
    while True:
        found = await bus.get_last(EVENTS.name, f"{ScanProgressedV1.HEAD}.{job_id}")
        last = decode(ScanProgressedV1, found[1]) if found else None
        if last is not None and last.finished and not await bus.subjects(DUE.name, "due.v1.>"):
            return last
        await asyncio.sleep(0.02)


async def _publish_all(bus: Bus, paths: Sequence[str]) -> None:
    """A record for every film, as if all had been published."""
    bucket = Bucket(bus, FILES.name)
    for start in range(0, len(paths), 500):
        await asyncio.gather(*(_publish(bucket, path) for path in paths[start : start + 500]))


async def _publish(bucket: Bucket, path: str) -> None:
    status = os.stat(path)  # noqa: PTH116 - a hundred thousand times
    mark = fingerprint(FileVersion(status.st_size, status.st_mtime_ns), Rendition(320, 5000), Picture())
    record = PublishRecord(fingerprint=mark, requested_at=now(), outputs=(), stage=Stage.SHOWN, at=now())
    await bucket.put(record_key(media_id(path), "plex"), msgspec.json.encode(record))


def _lay_out(media: Path, films: int) -> list[str]:
    """An empty file for every film of the simulated library, under the same name."""
    paths = [f"{media}/Film {number:07d} (2000)/Film {number:07d} (2000).mkv" for number in range(films)]
    media.mkdir(parents=True)
    for path in paths:
        Path(path).parent.mkdir()
        Path(path).touch()
    return paths


def _request(job_id: str, **changes: Any) -> ScanRequestedV1:
    fields: dict[str, Any] = {
        "title": job_id,
        "source": "bench",
        "requested_at": now(),
        "sort_by": SortBy.NATURAL,
        **changes,
    }
    return ScanRequestedV1(job_id=job_id, **fields)


async def _is_up(port: int, path: str = "/live") -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get(path)).is_success:
                    return
            await asyncio.sleep(0.05)


def _peak(pid: int) -> float:
    """The most memory that the process ever held at once, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    raise SystemExit(main())
