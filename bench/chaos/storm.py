"""Everything that goes wrong: on the simulated servers, with the processes, on the disks."""

import contextlib
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import httpx
from bench.chaos.box import SERVICES, Box

GUST_SECONDS = 4.0
SHORTEST_SECONDS = 60.0
CALM_SHARE = 0.25
"""Of the gusts on a server: how many leave it alone, so that something gets through."""

FAULTS: tuple[Mapping[str, object], ...] = (
    {"kind": "latency", "seconds": 2.0},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 401},
    {"kind": "reset"},
    {"kind": "malformed"},
)
HANG: Mapping[str, object] = {"kind": "latency", "seconds": 120.0}


class Disks:
    """Small disks of their own for some folders, which a ballast fills; `real` is False where nothing can be mounted."""

    def __init__(self, root: Path, sizes_mb: Mapping[str, int], *, real: bool) -> None:
        self._real = real
        self._folders = [root / name for name in sizes_mb]
        for name, size in sizes_mb.items():
            (root / name).mkdir(parents=True)
            if real:
                command = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "framewright-chaos", str(root / name)]
                subprocess.run(command, check=True)

    def fill(self) -> bool:
        """Leave no byte free; whether that was possible."""
        for folder in self._folders if self._real else ():
            with contextlib.suppress(OSError), (folder / ".ballast").open("ab", buffering=0) as sink:
                while sink.write(bytes(1 << 20)):
                    pass
        return self._real

    def free(self) -> None:
        """Take the ballast away."""
        for folder in self._folders:
            (folder / ".ballast").unlink(missing_ok=True)

    def close(self) -> None:
        """Give the disks back with all that is on them."""
        for folder in self._folders if self._real else ():
            subprocess.run(["umount", str(folder)], check=True)


class Weather:
    """Random faults, one gust after another, beside whatever else is done."""

    def __init__(self, box: Box, disks: Disks, chance: random.Random) -> None:
        self._box = box
        self._disks = disks
        self._chance = chance
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._blow)
        self._seen: Counter[str] = Counter()
        self._began = 0.0

    def begin(self) -> None:
        """Let the faults begin."""
        self._began = time.monotonic()
        self._thread.start()

    def end(self) -> None:
        """End them, but not before the storm was one, and heal everything."""
        time.sleep(max(0.0, self._began + SHORTEST_SECONDS - time.monotonic()))
        self._over.set()
        self._thread.join()
        self._disks.free()
        heal(self._box.simulators.values())

    def summary(self) -> str:
        """What happened how often."""
        return ", ".join(f"{times} x {what}" for what, times in sorted(self._seen.items()))

    def _blow(self) -> None:
        while not self._over.is_set():
            for vendor, url in self._box.simulators.items():
                self._gust(vendor, url)
            self._strike()
            self._flood()
            self._over.wait(GUST_SECONDS)

    def _gust(self, vendor: str, url: str) -> None:
        heal([url])
        if self._chance.random() < CALM_SHARE:
            return
        fault = self._chance.choice(FAULTS)
        inject(url, fault)
        self._seen[f"{fault.get('status') or fault['kind']} on {vendor}"] += 1

    def _strike(self) -> None:
        if self._chance.random() < 0.5:
            return
        victim = self._chance.choice([*SERVICES, "broker"])
        if self._box.kill(victim):
            self._seen[f"kill of {victim}"] += 1

    def _flood(self) -> None:
        self._disks.free()
        if self._chance.random() < 0.3 and self._disks.fill():
            self._seen["disks full"] += 1


def hang(url: str) -> None:
    """Let a server accept calls and answer none."""
    inject(url, HANG)


def heal(urls: Iterable[str]) -> None:
    """End every fault of the servers."""
    for url in urls:
        httpx.delete(f"{url}/_simulator/faults").raise_for_status()


def inject(url: str, fault: Mapping[str, object]) -> None:
    """Let one fault happen to every call from now on."""
    httpx.post(f"{url}/_simulator/faults", json=[fault]).raise_for_status()
