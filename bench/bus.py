"""What the bus and the doors cost on this machine: `make bench-bus`.

Prints, from one run of the whole box: webhooks accepted per second with a durable ack (closed loop, and latency at a
steady 500 per second), hop latency, what the system adds to an extraction, and memory at rest. Figures, not assertions.
"""

import asyncio
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from framewright.chassis.broker import free_port
from framewright.chassis.bus import Bucket, Bus, Puller, connect, provision
from framewright.chassis.testing.media import MediaSpec, make_video
from framewright.contracts.catalogue import Consumer, Retention, Stream, Topology

TOKEN = "bench"
CONNECTIONS = 16
WEBHOOKS = 4000
STEADY_PER_SECOND = 500
STEADY_SECONDS = 6
HOPS = 2000
CLIPS = 5
SETTLE_SECONDS = 45

BENCH = Stream("BENCH", ("bench.>",), Retention.WORK_QUEUE, (Consumer("bench", ("bench.>",)),))


def main() -> None:
    """Run everything against one fresh box."""
    print(f"load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        clips = [_clip(root / "media" / "Movies", number) for number in range(CLIPS)]
        port = free_port()
        box = _start(root, port)
        try:
            asyncio.run(_measure(root, port, clips, box.pid))
        finally:
            box.send_signal(signal.SIGINT)
            box.wait(60)
    print(f"load after: {os.getloadavg()[0]:.2f}")


async def _measure(root: Path, port: int, clips: Sequence[Path], box: int) -> None:
    await asyncio.to_thread(_wait_until_up, port)
    _print_memory(box, "at rest, just started", await asyncio.to_thread(_rest, 5))
    for clip in clips:
        await _print_overhead(port, clip)
    await _print_closed_loop(port)
    await _print_steady(port)
    await _print_hops(root)
    _print_memory(box, f"{SETTLE_SECONDS} s after the load", await asyncio.to_thread(_rest, SETTLE_SECONDS))


async def _print_closed_loop(port: int) -> None:
    began = time.perf_counter()
    share = WEBHOOKS // CONNECTIONS
    latencies = await asyncio.gather(*(_client(port, number, share) for number in range(CONNECTIONS)))
    took = time.perf_counter() - began
    _print_latency(
        f"webhooks, closed loop, {CONNECTIONS} connections: {WEBHOOKS / took:.0f}/s,", list(chain(*latencies))
    )


async def _print_steady(port: int) -> None:
    """Open loop: a request is sent when its time has come, whether or not earlier ones were answered."""
    senders = 32
    share = STEADY_PER_SECOND * STEADY_SECONDS // senders
    every = senders / STEADY_PER_SECOND
    runs = (_client(port, 100 + n, share, every=every, shift=n * every / senders) for n in range(senders))
    latencies = list(chain(*await asyncio.gather(*runs)))
    _print_latency(f"webhooks, steady {STEADY_PER_SECOND}/s:", latencies)


async def _client(port: int, number: int, count: int, *, every: float = 0.0, shift: float = 0.0) -> list[float]:
    """Post `count` webhooks over one kept-alive connection; answers seconds from due time to answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies: list[float] = []
    start = time.perf_counter() + shift
    for turn in range(count):
        due = start + turn * every
        if every and (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        sent = due if every else time.perf_counter()
        writer.write(_webhook(number, turn))
        await _answer(reader)
        latencies.append(time.perf_counter() - sent)
    writer.close()
    return latencies


def _webhook(number: int, turn: int) -> bytes:
    path = f"/nowhere/Film {number} {turn}/film.mkv"
    body = json.dumps({"eventType": "Download", "movie": {"title": "Bench"}, "movieFile": {"path": path}}).encode()
    head = f"POST /api/webhooks/radarr HTTP/1.1\r\nHost: bench\r\nX-Auth-Token: {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if " 202 " not in head.partition("\r\n")[0]:
        raise SystemExit(f"not accepted: {head}")
    length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length"))
    await reader.readexactly(length)


async def _print_hops(root: Path) -> None:
    """Publish to a waiting consumer, one message at a time."""
    bus = await connect(_broker_url(root), "bench")
    await provision(bus, Topology(streams=(BENCH,), buckets=()))
    puller = Puller(bus, BENCH.name, "bench")
    hops: list[float] = []
    publishes: list[float] = []
    for _ in range(HOPS):
        waiting = asyncio.create_task(puller.next(5.0))
        await asyncio.sleep(0)
        began = time.perf_counter()
        await bus.publish("bench.hop", b"{}")
        publishes.append(time.perf_counter() - began)
        delivered = await waiting
        hops.append(time.perf_counter() - began)
        if delivered is not None:
            await delivered.ack()
    _print_latency("durable publish (the floor under a webhook):", publishes)
    _print_latency("hop, publish to waiting consumer:", hops)
    await _print_state(bus)
    await bus.close()


async def _print_state(bus: Bus) -> None:
    bucket = Bucket(bus, "files")
    await bucket.put("bench", b"x")
    reads: list[float] = []
    for _ in range(HOPS):
        began = time.perf_counter()
        await bucket.get("bench")
        reads.append(time.perf_counter() - began)
    _print_latency("state read (direct get):", reads)


async def _print_overhead(port: int, clip: Path) -> None:
    """From the webhook to `completed`, less the extraction's own wall time."""
    began = time.perf_counter()
    payload = {"eventType": "Download", "movie": {"title": clip.stem}, "movieFile": {"path": str(clip)}}
    await asyncio.to_thread(_call, port, "/api/webhooks/radarr", payload)
    while (job := await asyncio.to_thread(_job, port, clip.stem)) is None:
        await asyncio.sleep(0.02)
    total = time.perf_counter() - began
    files = await asyncio.to_thread(_call, port, f"/api/jobs/{job['id']}/files")
    extraction = files["files"][0]["report"]["wall_s"]
    print(
        f"2 s clip, webhook to published: {total:.2f} s, extraction {extraction:.2f} s, overhead {total - extraction:.2f} s"
    )


def _job(port: int, title: str) -> dict[str, Any] | None:
    jobs = _call(port, "/api/jobs?per_page=50")["jobs"]
    return next((job for job in jobs if job["library_name"] == title and job["status"] == "completed"), None)


def _call(port: int, path: str, body: object = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"X-Auth-Token": TOKEN})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def _wait_until_up(port: int) -> None:
    for _ in range(600):
        try:
            _call(port, "/api/system/status")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the box did not come up")


def _start(root: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "CONFIG_DIR": str(root / "state"),
        "MEDIA_PATH": str(root / "media"),
        "WEB_PORT": str(port),
        "WEB_AUTH_TOKEN": TOKEN,
        "WEBHOOK_QUIET_SECONDS": "0",
        "FILE_QUIET_SECONDS": "0",
        "SCAN_ON_START": "false",
        "FLOOD_RATE": "0",  # one sender sends more here than any real one does
    }
    command = [str(Path(sys.executable).with_name("framewright")), "up"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def _clip(movies: Path, number: int) -> Path:
    clip = movies / f"Clip {number}" / f"Clip {number}.mkv"
    clip.parent.mkdir(parents=True)
    return make_video(clip, MediaSpec(seconds=2, width=640, height=360))


def _broker_url(root: Path) -> str:
    config = (root / "state" / "nats" / "nats-server.conf").read_text()
    return "nats://" + config.split('listen: "')[1].split('"')[0]


def _print_latency(what: str, seconds: Sequence[float]) -> None:
    ordered = sorted(seconds)
    p99 = ordered[int(len(ordered) * 0.99)]
    print(
        f"{what} p50 {statistics.median(ordered) * 1000:.2f} ms, p99 {p99 * 1000:.2f} ms, max {ordered[-1] * 1000:.2f} ms"
    )


def _rest(seconds: float) -> None:
    time.sleep(seconds)


def _print_memory(box: int, when: str, _rested: None) -> None:
    """Resident size of the supervisor and all it started, workers included."""
    page = resource.getpagesize()
    rows = [("supervisor", _resident(box, page))]
    rows += [(_name(pid), _resident(pid, page)) for pid in _descendants(box)]
    total = sum(size for _, size in rows)
    print(f"memory {when}: " + ", ".join(f"{name} {size:.0f}" for name, size in rows) + f"; whole box {total:.0f} MB")


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in map(int, children) for found in (child, *_descendants(child))]


def _resident(pid: int, page: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page / 1e6


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return next(
        (word.removeprefix("framewright.") for word in words if word.startswith("framewright.")), Path(words[0]).name
    )


if __name__ == "__main__":
    main()
