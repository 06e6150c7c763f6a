"""`framewright up`: the whole system as supervised processes on one box.

Start order: broker → topology and configuration → services. The broker is stopped last, so that every service can
still settle what it holds.
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from framewright.chassis.broker import EmbeddedServer, free_port
from framewright.chassis.security import load_token
from framewright.domain.errors import Reject, Retry
from framewright.standalone.demo import demo_children, demo_servers
from framewright.standalone.processes import Child, module, rotated
from framewright.standalone.progress import Progress
from framewright.standalone.settings import BoxSettings

SERVICES = ("router", "extractor", "publisher", "ui", "ingest")
THRIFT = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "262144"}
"""glibc keeps the pages of a large sheet for ever otherwise: 30 MB in a publisher at rest (measured by make bench-bus)."""

STOP_SECONDS = 30.0
TEND_SECONDS = 0.25


class Box:
    """One running system; `logs` is "files" (under the state folder) or "console"."""

    def __init__(self, settings: BoxSettings, *, demo: bool, logs: str) -> None:
        self._settings = settings
        self._demo = demo
        self._logs = logs
        self._home = settings.home
        self._broker = EmbeddedServer(self._home / "nats")
        self._children: list[Child] = []
        self._stop_requests = 0
        self._progress: Progress | None = None

    def run(self) -> int:
        """Run until SIGINT or SIGTERM; a second signal ends everything at once.

        Raises:
            Reject: the port or the state folder is taken.
            Retry: the broker did not start.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        with self._claim():
            _must_be_free(self._settings.web_host, self._settings.web_port)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._on_signal)
            try:
                self._start()
                self._tend()
            finally:
                self._stop()
        return 0

    def _start(self) -> None:
        media = self._media()
        (self._home / "previews").mkdir(exist_ok=True)
        say("starting the broker (nats-server with JetStream)")
        self._broker.start()
        if self._demo:
            for child in demo_children(self._home, media, self._log):
                child.start()
                self._children.append(child)
        self._prepare(media)
        ui_port = free_port()
        for name in SERVICES:
            child = Child(name, module(f"framewright.{name}"), self._environment(name, ui_port), self._log(name))
            child.start()
            self._children.append(child)
        token = load_token(self._settings.web_auth_token, str(self._home))
        address = f"http://{_shown_host(self._settings.web_host)}:{self._settings.web_port}"
        say(f"Framewright is at  {address}/")
        say(f"token              {token}")
        say(f"state and logs in  {self._home}")
        say(f"media              {media}")
        self._progress = Progress(address, token)

    def _tend(self) -> None:
        while not self._stop_requests:
            for child in self._children:
                if news := child.tend(time.monotonic()):
                    say(news)
            if self._broker.process is not None and self._broker.process.poll() is not None:
                say("the broker ended, starting it again")
                self._broker.start()
            for line in self._progress.news() if self._progress else ():
                say(line)
            time.sleep(TEND_SECONDS)

    def _stop(self) -> None:
        if self._children:
            say("stopping")
        for child in self._children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            while not child.has_ended(TEND_SECONDS):
                if self._stop_requests > 1 or time.monotonic() > deadline:
                    child.kill()
                    say(f"{child.name} had to be killed")
        self._broker.stop()

    def _media(self) -> str:
        if self._settings.media_path:
            media = Path(self._settings.media_path).absolute()
            if not media.is_dir():
                raise Reject(f"MEDIA_PATH {media} is not a folder", code="BAD_SETTING")
            return str(media)
        sample = self._home / "sample"
        say(f"no MEDIA_PATH given: using the sample library {sample}")
        _must_succeed([*module("framewright.standalone.sample"), str(sample)], {})
        return str(sample)

    def _prepare(self, media: str) -> None:
        """Streams, buckets and first configuration, in a process of its own so that this one stays small."""
        servers = [_folder_server(media, self._home)]
        if self._demo:
            servers += demo_servers(self._home, media, self._children)
        say("preparing streams and configuration")
        plan = json.dumps({"servers": servers, "quick": self._demo})
        _must_succeed(module("framewright.standalone.prepare"), self._environment("prepare", 0), plan)

    def _environment(self, name: str, ui_port: int) -> Mapping[str, str]:
        common = {
            **THRIFT,
            "NATS_URL": self._broker.url,
            "CONFIG_DIR": str(self._home),
            "WEB_AUTH_TOKEN": self._settings.web_auth_token,
            "LOG_FORMAT": self._settings.log_format,
            "LOG_LEVEL": self._settings.log_level,
            "FRAMEWRIGHT_HOST": "127.0.0.1",
            "HTTP_PORT": "0",
        }
        if name == "ui":
            return {**common, "HTTP_PORT": str(ui_port)}
        if name == "ingest":
            return {
                **common,
                "FRAMEWRIGHT_HOST": self._settings.web_host,
                "HTTP_PORT": str(self._settings.web_port),
                "UI_UPSTREAM": f"http://127.0.0.1:{ui_port}",
                "SCAN_ON_START": str(self._settings.scan_on_start).lower(),
            }
        return common

    def _log(self, name: str) -> Path | None:
        return None if self._logs == "console" else rotated(self._home / "logs" / f"{name}.log")

    def _claim(self) -> IO[str]:
        """Hold the state folder: two systems on one store would tear each other's streams."""
        handle = (self._home / "lock").open("w", encoding="utf-8")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.close()
            raise Reject(f"another Framewright runs with CONFIG_DIR {self._home}", code="TAKEN") from error
        return handle

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._stop_requests += 1


def say(line: str) -> None:
    """Tell the operator at the terminal."""
    sys.stdout.write(f"framewright: {line}\n")
    sys.stdout.flush()


def _folder_server(media: str, home: Path) -> dict[str, object]:
    """The built-in server: previews of the folder go under the state folder, so that the media stays untouched."""
    return {
        "id": "folder",
        "type": "folder",
        "name": "Folder",
        "libraries": [{"id": "media", "name": Path(media).name or "media", "kind": "movie", "remote_paths": [media]}],
        "output": {"save_with_media": False, "folder": str(home / "previews")},
    }


def _must_succeed(command: list[str], environment: Mapping[str, str], text: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - our own modules
        command,
        env={**os.environ, **environment},
        input=text.encode(),
        check=False,
        stdout=sys.stdout,
        stderr=subprocess.PIPE,
    )
    if done.returncode:
        tail = done.stderr.decode(errors="replace").strip().splitlines()[-3:]
        raise Retry("; ".join(tail) or f"{command[-1]} failed", code="NOT_PREPARED")


def _must_be_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Reject(f"WEB_PORT {port} cannot be used: {error.strerror}", code="TAKEN") from error


def _shown_host(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - only for display
