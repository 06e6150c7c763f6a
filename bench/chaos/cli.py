"""`make chaos`: three media servers, many films, everything goes wrong for a while; at the end everything must be right.

Three phases, each with films of its own: calm (nothing wrong), sick (Plex hangs, the others are well) and storm (random
latency, 500, 401, broken connections and garbage on every server, services and the broker killed, disks full for a while).
Then the faults end, and the run waits until every film is shown by every server. What was written is then decoded picture
by picture: each must come from inside its own slot of its own film. Exits 1 when anything is missing or wrong, or when the
servers that were well felt the sick one.
"""

import argparse
import contextlib
import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog
from bench.chaos import films, report, storm, truth
from bench.chaos.box import Box
from bench.chaos.films import Film

MEDIA_MB = 160
BUNDLES_MB = 48
HEALTHY = ("demo-emby", "demo-jellyfin")
"""The servers that are well while Plex is sick."""

NAMESPACE = "FRAMEWRIGHT_CHAOS_NAMESPACE"
"""Set in the copy of this program that may mount small disks of its own."""


def main() -> int:
    """Run every phase and judge the result."""
    arguments = _arguments()
    if NAMESPACE not in os.environ:
        return _in_namespace()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="framewright-chaos-") as folder:
        return _run(Path(folder), arguments.films, arguments.seed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--films", type=int, default=200, help="films over all phases, default 200")
    parser.add_argument("--seed", type=int, default=1, help="of the random faults, default 1")
    return parser.parse_args()


def _in_namespace() -> int:
    """Start again with mounts of our own, for which no root is needed; without them no disk can be full."""
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    possible = shutil.which("unshare") and subprocess.run([*unshare, "true"], check=False).returncode == 0
    if not possible:
        print("SKIPPED: full disks, since no mounts of our own are possible here")
    command = [*(unshare if possible else ()), sys.executable, *sys.argv]
    variables = {**os.environ, NAMESPACE: "own" if possible else "none"}
    return subprocess.run(command, env=variables, check=False).returncode


def _run(root: Path, count: int, seed: int) -> int:
    began = time.monotonic()
    chance = random.Random(seed)
    disks = storm.Disks(root, {"media": MEDIA_MB, "state/demo/plex": BUNDLES_MB}, real=os.environ[NAMESPACE] == "own")
    shares = {"calm": count // 5, "sick": count // 5, "storm": count - 2 * (count // 5)}
    made = films.make(root / "material", root / "media", shares)
    print(f"{count} films, seed {seed}, made in {time.monotonic() - began:.0f} s")
    with contextlib.closing(disks), Box(root) as box:
        _calm(box, made["calm"])
        wrong = _sick(box, made["sick"])
        _storm(box, disks, made["storm"], chance)
        every = [film for share in made.values() for film in share]
        open_pairs = box.until_shown(every, 900)
        endings = box.endings()
        wrong += [*truth.objections(every, endings), *report.felt(made, endings, box.sent, HEALTHY)]
        print(report.table(made, endings, box.sent, time.monotonic() - began))
    return _verdict(open_pairs, wrong)


def _calm(box: Box, share: Sequence[Film]) -> None:
    box.send(share, pause=0.4)
    left = box.until_shown(share, 240)
    print(f"calm: {len(share)} films, {len(left)} pairs left open")


def _sick(box: Box, share: Sequence[Film]) -> list[str]:
    """One server hangs; the others must not feel it. Answers what they did not show before it was well again."""
    storm.hang(box.simulators["plex"])
    box.send(share, pause=0.4)
    left = box.until_shown(share, 240, servers=HEALTHY)
    storm.heal(box.simulators.values())
    print(f"sick: {len(share)} films, {len(left)} pairs of the healthy servers left open")
    return [f"{pair} while Plex was sick" for pair in left]


def _storm(box: Box, disks: storm.Disks, share: Sequence[Film], chance: random.Random) -> None:
    weather = storm.Weather(box, disks, chance)
    weather.begin()
    box.send(share, pause=0.4)
    weather.end()
    print(f"storm: {len(share)} films, {weather.summary()}")


def _verdict(open_pairs: Sequence[str], wrong: Sequence[str]) -> int:
    for line in (*open_pairs[:20], *wrong[:20]):
        print(f"  WRONG {line}")
    print("every film is right on every server" if not (open_pairs or wrong) else "NOT everything is right")
    return 1 if open_pairs or wrong else 0
