"""Ingest and the router as processes of their own on a broker of their own, and what is done to them from outside."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
from bench.traffic.day import ROOT
from cryptography.fernet import Fernet

from framewright.chassis.broker import EmbeddedServer, free_port
from framewright.chassis.bus import Bucket, Bus, connect, provision
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.sealing import Sealer
from framewright.contracts.catalogue import CONFIG, Topology
from framewright.contracts.server import Server
from framewright.contracts.settings import patch_settings
from framewright.domain.ownership import Library

TOKEN = "day"
READY_SECONDS = 60.0
GLANCE = 0.05


class Box:
    """The two services, restartable one by one; no media is there, so every path is believed."""

    def __init__(self, root: Path, quiet: int, topology: Topology | None = None) -> None:
        self._root = root
        self._topology = topology
        self._broker = EmbeddedServer(root / "nats")
        self._key = Fernet.generate_key().decode()
        self._ports = {"ingest": free_port(), "router": free_port()}
        self._quiet = quiet
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.url = f"http://127.0.0.1:{self._ports['ingest']}"

    async def start(self) -> Bus:
        """Broker, topology, one folder server that owns everything, Plex's webhook on, then the services; a connection to the broker."""
        self._broker.start()
        bus = await connect(self._broker.url, "day")
        await provision(bus, self._topology)
        library = Library("1", "Day", "movie", (ROOT,))
        config = ConfigStore(Bucket(bus, CONFIG.name), Sealer(self._key))
        await config.add_server(Server(id="disk", type="folder", name="Disk", libraries=(library,)))
        await config.change_settings(lambda old: patch_settings(old, {"plex_webhook_enabled": True}))
        for name in self._ports:
            self.begin(name)
        for name in self._ports:
            await self._until_ready(name)
        return bus

    def begin(self, name: str) -> None:
        """Start a service."""
        variables = {
            **os.environ,
            "NATS_URL": self._broker.url,
            "CONFIG_DIR": str(self._root / name),
            "FRAMEWRIGHT_SECRET_KEY": self._key,
            "WEB_AUTH_TOKEN": TOKEN,
            "HTTP_PORT": str(self._ports[name]),
            "WEBHOOK_QUIET_SECONDS": str(self._quiet),
            "LOG_LEVEL": "WARNING",
        }
        with (self._root / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", f"framewright.{name}"], env=variables, stdout=log, stderr=log
            )

    def end(self, name: str, number: int = signal.SIGKILL) -> None:
        """End a service."""
        process = self._processes.pop(name)
        process.send_signal(number)
        process.wait(40)

    async def restart(self, name: str, number: int = signal.SIGKILL) -> None:
        """End a service, leave it out for a moment, start it again."""
        await asyncio.to_thread(self.end, name, number)
        await asyncio.sleep(0.5)
        self.begin(name)
        await self._until_ready(name)

    async def crash_broker(self) -> None:
        """End the broker with SIGKILL and start it again."""
        self._broker.kill()
        await asyncio.sleep(0.5)
        self._broker.start()

    def stop(self) -> None:
        """End everything."""
        for name in list(self._processes):
            self.end(name)
        self._broker.kill()

    async def _until_ready(self, name: str) -> None:
        ends = time.monotonic() + READY_SECONDS
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._ports[name]}", trust_env=False) as http:
            while time.monotonic() < ends:
                try:
                    if (await http.get("/ready")).is_success:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(GLANCE)
        raise SystemExit((self._root / f"{name}.log").read_text()[-2000:])
