"""The whole system as a newcomer starts it: `framewright up` in a process of its own, on free ports, in a temporary folder."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from framewright.chassis.broker import free_port
from framewright.chassis.bus import connect, follow
from framewright.contracts.base import Message, decode
from framewright.contracts.catalogue import EVENTS

TOKEN = "an-end-to-end-token"
SERVICES = ("ingest", "router", "extractor", "publisher", "ui")


@dataclass
class System:
    """One running box and the few things that a test does to it from outside."""

    home: Path
    media: Path
    port: int
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def console(self) -> Path:
        """What the operator's terminal would show."""
        return self.media.parent / "console.log"

    def start(self, wait: float = 60.0) -> None:
        variables = {
            **os.environ,
            "CONFIG_DIR": str(self.home),
            "WEB_PORT": str(self.port),
            "MEDIA_PATH": str(self.media),
            "WEB_AUTH_TOKEN": TOKEN,
            "WEBHOOK_QUIET_SECONDS": "0",
            "FILE_QUIET_SECONDS": "0",
            **self.environment,
        }
        command = [str(Path(sys.executable).with_name("framewright")), "up", *self.options]
        with self.console.open("ab") as console:
            self.process = subprocess.Popen(command, env=variables, stdout=console, stderr=console)
        self.until(lambda: self.get("/api/system/status") is not None, wait)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(45)

    def request(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        sent = {"X-Auth-Token": TOKEN, "Content-Type": "application/json", **(headers or {})}
        url = path if path.startswith("http") else f"http://127.0.0.1:{self.port}{path}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, sent, method=method), timeout=15) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def get(self, path: str) -> Any:
        """The decoded answer, None while the system does not answer with 200."""
        try:
            status, body = self.request("GET", path)
        except (OSError, ValueError):
            return None
        return body if status == 200 else None

    def download(self, path: str, title: str = "A film") -> str:
        """Tell the system as Radarr would; answers the event's id."""
        payload = {"eventType": "Download", "movie": {"title": title}, "movieFile": {"path": path}}
        status, answer = self.request("POST", "/api/webhooks/radarr", payload)
        assert status == 202, answer
        return answer["event_id"]

    def jobs(self) -> list[dict[str, Any]]:
        return (self.get("/api/jobs?per_page=500") or {"jobs": []})["jobs"]

    def finished(self, title: str) -> dict[str, Any] | None:
        done = ("completed", "failed", "cancelled")
        return next((job for job in self.jobs() if job["library_name"] == title and job["status"] in done), None)

    def pid_of(self, service: str) -> int:
        """The process id of one service of this box."""
        listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
        assert self.process is not None
        for line in listed.splitlines()[1:]:
            pid, parent, command = line.split(None, 2)
            if int(parent) == self.process.pid and command.endswith(f"-m framewright.{service}"):
                return int(pid)
        return 0

    def kill(self, service: str) -> None:
        os.kill(self.until(lambda: self.pid_of(service), 20), signal.SIGKILL)

    def facts(self, kind: type[Message]) -> list[Any]:
        """Every fact of one kind that was ever told, from the broker itself."""
        return asyncio.run(self._facts(kind))

    async def _facts(self, kind: type[Message]) -> list[Any]:
        config = (self.home / "nats" / "nats-server.conf").read_text()
        bus = await connect("nats://" + config.split('listen: "')[1].split('"')[0], "e2e")
        found: list[Any] = []
        async for delivered in follow(bus, EVENTS.name, f"{kind.HEAD}.>"):
            if delivered is None:
                break
            found.append(decode(kind, delivered.data))
        await bus.close()
        return found

    def until(self, probe: Callable[[], Any], wait: float) -> Any:
        """What the probe answers as soon as it is true."""
        ends = time.monotonic() + wait
        while time.monotonic() < ends:
            if found := probe():
                return found
            if self.process is not None and self.process.poll() is not None:
                pytest.fail(f"the system ended: {self.console.read_text()}")
            time.sleep(0.2)
        pytest.fail(f"not within {wait} s; still open: {json.dumps(self._open_files(), indent=1)[:3000]}")

    def _open_files(self) -> list[object]:
        running = [job["id"] for job in self.jobs() if job["status"] not in {"completed", "failed"}]
        return [self.get(f"/api/jobs/{job_id}/files") for job_id in running]


@pytest.fixture
def make_system(tmp_path: Path) -> Iterator[Callable[..., System]]:
    """A factory of systems that are stopped, or killed, when the test is over."""
    made: list[System] = []

    def make(*options: str, **environment: str) -> System:
        media = tmp_path / "media"
        for section in ("Movies", "TV"):
            (media / section).mkdir(parents=True, exist_ok=True)
        system = System(tmp_path / "state", media, free_port(), options, environment)
        made.append(system)
        return system

    yield make

    for system in made:
        if system.process is not None and system.process.poll() is None:
            system.process.terminate()
            try:
                system.process.wait(45)
            except subprocess.TimeoutExpired:
                system.process.kill()
