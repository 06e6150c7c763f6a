"""The whole system as users run it, and what this run does to it from outside."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from bench.chaos.films import Film

from framewright.chassis.broker import free_port
from framewright.chassis.bus import connect, follow
from framewright.chassis.clock import now
from framewright.contracts.base import decode
from framewright.contracts.catalogue import EVENTS
from framewright.contracts.facts import FileSettledV1
from framewright.domain.outcome import Outcome

TOKEN = "chaos"
SERVERS = ("demo-plex", "demo-emby", "demo-jellyfin")
SERVICES = ("ingest", "router", "extractor", "publisher", "ui")
GLANCE = 1.0
ACCEPTED = 202

Ending = FileSettledV1
Endings = dict[tuple[str, str], Ending]
"""By path and server: the first fact that the server shows the film."""


class Box:
    """`framewright up --demo` on free ports in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._home = root / "state"
        self._port = free_port()
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}", headers={"X-Auth-Token": TOKEN}, timeout=10
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.sent: dict[str, datetime] = {}
        self.simulators: dict[str, str] = {}

    def __enter__(self) -> Self:
        variables = {
            **os.environ,
            "CONFIG_DIR": str(self._home),
            "WEB_PORT": str(self._port),
            "MEDIA_PATH": str(self._root / "media"),
            "WEB_AUTH_TOKEN": TOKEN,
            "WEBHOOK_QUIET_SECONDS": "0",
            "FILE_QUIET_SECONDS": "0",
            "SCAN_ON_START": "false",
        }
        command = [str(Path(sys.executable).with_name("framewright")), "up", "--demo"]
        with (self._root / "console.log").open("wb") as console:
            self._process = subprocess.Popen(command, env=variables, stdout=console, stderr=console)
        self._wait_until_up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(90)
        self._http.close()

    def configure(self, settings: Mapping[str, object]) -> None:
        """Change settings as an operator would."""
        self._http.post("/api/settings", json=settings).raise_for_status()

    def change_server(self, server_id: str, changes: Mapping[str, object]) -> None:
        """Change a server as an operator would."""
        self._http.patch(f"/api/servers/{server_id}", json=changes).raise_for_status()

    def send(self, films: Sequence[Film], *, pause: float) -> None:
        """Tell of each film as Radarr would, again and again until the answer is 202."""
        for film in films:
            payload = {
                "eventType": "Download",
                "instanceName": "Radarr",
                "downloadId": film.title,
                "movie": {"title": film.title, "folderPath": str(film.path.parent)},
                "movieFile": {"path": str(film.path)},
            }
            self.sent[str(film.path)] = now()
            while not self._accepted(payload):
                time.sleep(0.5)
            time.sleep(pause)

    def until_shown(self, films: Iterable[Film], wait: float, servers: Sequence[str] = SERVERS) -> list[str]:
        """Wait until each of the servers was seen to show each film; what is still missing in the end, in words."""
        wanted = {(str(film.path), server) for film in films for server in servers}
        ends = time.monotonic() + wait
        while missing := wanted - set(self.endings()):
            if time.monotonic() > ends:
                return [f"{Path(path).name} is not shown by {server}" for path, server in sorted(missing)]
            time.sleep(GLANCE)
        return []

    def endings(self) -> Endings:
        """What the system itself told so far."""
        return asyncio.run(self._endings())

    def kill(self, service: str) -> bool:
        """End one service with SIGKILL; False when it is not running just now."""
        if service == "broker":
            os.kill(int((self._home / "nats" / "nats-server.pid").read_text()), signal.SIGKILL)
            return True
        pid = self._pid_of(service)
        if pid:
            os.kill(pid, signal.SIGKILL)
        return bool(pid)

    async def _endings(self) -> Endings:
        config = (self._home / "nats" / "nats-server.conf").read_text()
        bus = await connect("nats://" + config.split('listen: "')[1].split('"')[0], "chaos")
        found: Endings = {}
        async for delivered in follow(bus, EVENTS.name, f"{FileSettledV1.HEAD}.>"):
            if delivered is None:
                break
            fact = decode(FileSettledV1, delivered.data)
            if fact.outcome in {Outcome.ADOPTED, Outcome.UP_TO_DATE} and fact.server_id:
                found.setdefault((fact.path, fact.server_id), fact)
        await bus.close()
        return found

    def _accepted(self, payload: object) -> bool:
        try:
            return self._http.post("/api/webhooks/radarr", json=payload).status_code == ACCEPTED
        except httpx.HTTPError:
            return False

    def _wait_until_up(self) -> None:
        ends = time.monotonic() + 90
        while time.monotonic() < ends:
            servers = self._get("/api/servers")
            if servers is not None:
                self.simulators = {one["type"]: one["url"] for one in servers["servers"] if one["url"]}
                return
            time.sleep(0.5)
        raise SystemExit((self._root / "console.log").read_text())

    def _get(self, path: str) -> Any:
        try:
            answer = self._http.get(path)
            return answer.json() if answer.is_success else None
        except (httpx.HTTPError, ValueError):
            return None

    def _pid_of(self, service: str) -> int:
        assert self._process is not None
        listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
        mine = rf"^\s*(\d+)\s+{self._process.pid}\s.*-m framewright\.{service}$"
        found = re.search(mine, listed, re.MULTILINE)
        return int(found[1]) if found else 0
