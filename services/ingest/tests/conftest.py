"""Ingest as it runs: its routes over real HTTP, its consumer on a real broker."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.fernet import Fernet

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import serve
from framewright.chassis.http import bound_socket, serving
from framewright.chassis.sealing import Sealer
from framewright.contracts.base import Message, decode
from framewright.contracts.catalogue import CONFIG, stream_of
from framewright.contracts.server import Server
from framewright.domain.ownership import Library
from framewright.ingest.settings import IngestSettings
from framewright.ingest.wiring import build

KEY = Fernet.generate_key().decode()
TOKEN = "operators-t0ken"
SECRET = "webhook-s3cret"


@dataclass
class Desk:
    url: str
    http: httpx.AsyncClient
    config: ConfigStore

    async def post(self, route: str, payload: Any, **options: Any) -> httpx.Response:
        """A webhook with the operators' token, unless `headers` says otherwise; bytes go as they are."""
        options.setdefault("headers", {"X-Auth-Token": TOKEN})
        body = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        return await self.http.post(f"/api/webhooks/{route}", content=body, **options)


@pytest.fixture
def token() -> str:
    return TOKEN


@pytest.fixture
def secret() -> str:
    return SECRET


@pytest.fixture
def stored(bus: Bus) -> Callable[[type[Message]], Any]:
    """Every stored message of a kind, oldest first."""

    async def read(kind: type[Message]) -> list[Any]:
        stream = stream_of(f"{kind.HEAD}.x")
        _, last = await bus.stream_state(stream.name)
        found = [await bus.get_sequence(stream.name, number) for number in range(1, last + 1)]
        return [decode(kind, one.data) for one in found if one and one.subject.startswith(f"{kind.HEAD}.")]

    return read


@pytest.fixture
def config(bus: Bus) -> ConfigStore:
    """The configuration as another service would write it."""
    return ConfigStore(Bucket(bus, CONFIG.name), Sealer(KEY))


@pytest.fixture
def folder_server() -> Callable[..., Server]:
    def make(*roots: str, **changes: Any) -> Server:
        libraries = (Library("1", "Films", "movie", roots),)
        return Server(**{"id": "disk", "type": "folder", "name": "Disk", "libraries": libraries, **changes})

    return make


@pytest.fixture
def ingest(server: EmbeddedServer, bus: Bus, config: ConfigStore, tmp_path: Path):
    """`async with ingest() as desk`; `stored_settings` are the operators', the rest comes from the environment."""

    @asynccontextmanager
    async def run(*, servers: Sequence[Server] = (), stored_settings: dict[str, Any] | None = None, **environment: Any):
        changes = {"webhook_secret": SECRET, "plex_webhook_enabled": True, **(stored_settings or {})}
        await config.change_settings(lambda old: msgspec.structs.replace(old, **changes))
        for one in servers:
            await config.add_server(one)
        given = {"nats_url": server.url, "config_dir": str(tmp_path), "framewright_secret_key": KEY}
        given |= {"web_auth_token": TOKEN, "webhook_quiet_seconds": 0, **environment}
        stopping = asyncio.Event()
        async with (
            build(IngestSettings(**given), bus) as service,
            serving(service.app, bound_socket("127.0.0.1", 0)) as url,
            httpx.AsyncClient(base_url=url, timeout=15) as http,
        ):
            work = [serve(bus, one, stopping) for one in service.subscriptions]
            running = [asyncio.create_task(one) for one in (*work, *(task(stopping) for task in service.tasks))]
            await http.post("/api/webhooks/incoming")  # is refused once the configuration is known
            try:
                yield Desk(url, http, config)
            finally:
                stopping.set()
                await asyncio.gather(*running)

    return run
