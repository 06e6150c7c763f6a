"""A bench per vendor: a small library on disk, the vendor's simulator over it on loopback, and its client."""

import importlib
import io
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from framewright.chassis.testing.http import serving
from framewright.contracts.server import Server, ServerAuth, ServerOutput
from framewright.domain.frames import Rendition
from framewright.domain.ownership import Library
from framewright.domain.ports import MediaServer
from framewright.domain.publishing import PublishTarget
from framewright.formats.bif import write_bif
from framewright.vendors import media_server
from framewright.vendors.simulation.disk import Shelf

TOKEN = "s3cr3t-t0ken"
FILM = "films/Film (2001) {tmdb-1}/Film (2001).mkv"
EPISODE = "tv/Show/Season 1/Show S01E02 Second & last.mkv"

STATES = {
    "plex": "PlexState",
    "emby": "EmbyState",
    "jellyfin": "JellyfinState",
}


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    vendor: str
    media: Path
    data: Path
    clock: Clock
    http: httpx.AsyncClient
    state: Any = None
    url: str = ""
    server: MediaServer | None = None

    def add(self, name: str) -> Path:
        path = self.media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 50)
        return path

    def put(self, path: str, data: bytes) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)

    def target(self, name: str, *, interval_ms: int = 10_000, library_id: str = "") -> PublishTarget:
        return PublishTarget(f"{self.media}/{name}", (f"/data/{name}",), Rendition(320, interval_ms), library_id)

    def configured(self, **changes: Any) -> Server:
        output = changes.pop("output", {})
        base = {
            "id": "s1",
            "type": self.vendor,
            "name": "The server",
            "url": self.url,
            "auth": ServerAuth(token=TOKEN),
            "timeout": 5.0,
            "libraries": (Library("9", "Films", "movie", (f"{self.media}/films",)),),
            "output": ServerOutput(
                **{"plex_config_folder": str(self.data), "jellyfin_config_folder": str(self.data), **output}
            ),
        }
        return Server(**{**base, **changes})

    def connect(self, **changes: Any) -> MediaServer:
        return media_server(self.configured(**changes), self.http)

    def asked(self, method: str, path: str) -> list[Any]:
        return self.state.instruments.asked(method, path)


@pytest.fixture
def film() -> str:
    return FILM


@pytest.fixture
def episode() -> str:
    return EPISODE


@pytest.fixture
def token() -> str:
    return TOKEN


@pytest.fixture
def bif():
    """The bytes of a BIF with so many distinct frames."""

    def make(count: int = 6, interval_ms: int = 10_000) -> bytes:
        frames = []
        for number in range(count):
            buffer = io.BytesIO()
            Image.new("RGB", (32, 18), (number * 20 % 256, 80, 160)).save(buffer, "JPEG")
            frames.append(buffer.getvalue())
        return b"".join(write_bif(frames, interval_ms))

    return make


@pytest.fixture
def sheet():
    """Write a JPEG sheet of this size."""

    def write(path: Path, size: tuple[int, int] = (320, 180)) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, (40, 80, 160)).save(path, "JPEG")

    return write


@pytest.fixture
def bench(tmp_path: Path):
    """`async with bench("plex") as desk`: options go to the simulator's state, `configured` changes the client."""

    @asynccontextmanager
    async def run(vendor: str, *, configured: dict[str, Any] | None = None, **options: Any):
        async with httpx.AsyncClient(verify=False) as http:  # loading certificates takes longer than the test
            desk = Bench(vendor, tmp_path / "media", tmp_path / "data", Clock(), http)
            desk.add(FILM)
            desk.add(EPISODE)
            (desk.data / "Media/localhost").mkdir(parents=True)
            (desk.data / "data").mkdir()
            if vendor == "folder":
                desk.server = desk.connect(**(configured or {}))
                yield desk
                return
            simulator = importlib.import_module(f"framewright.vendors.{vendor}.simulator")
            shelves = [
                Shelf("Films", "movie", "/data/films", str(desk.media / "films")),
                Shelf("Series", "show", "/data/tv", str(desk.media / "tv")),
            ]
            if vendor != "emby":
                options = {"config_folder": str(desk.data), **options}
            options = {"shelves": shelves, "token": TOKEN, "clock": desk.clock, **options}
            desk.state = getattr(simulator, STATES[vendor])(**options)
            async with serving(simulator.create_app(desk.state)) as desk.url:
                desk.server = desk.connect(**(configured or {}))
                yield desk

    return run
