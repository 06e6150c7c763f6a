"""`make replay-day`: a day of mixed webhooks in minutes, while ingest and the broker are killed; then every job is counted.

10,000 events of all senders with duplicates and reorderings go to the real ingest; the real router makes jobs of what it
says. Nothing decodes: the jobs stay in their queues and are compared with what the day must give. The quiet time is longer
than the time after which the broker hands out again what a killed ingest held, as it is in the default settings. Exits 1
unless exactly the expected jobs are there, none missing and none twice.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM

import httpx
import structlog
from bench.traffic.box import TOKEN, Box
from bench.traffic.day import Day, Event, day
from bench.traffic.judge import Verdict, judged, lines, outcome

from framewright.chassis.bus import Bus, pending
from framewright.contracts.catalogue import DUE, INGEST, Topology
from framewright.domain.errors import Retry

SENDERS = 8
AGAIN = frozenset({429, 503})
LONGEST_PAUSE = 2.0
QUIET = 45

Disturbance = tuple[float, str, Callable[[Box], Awaitable[None]]]
"""After which part of the events it happens, its name, and what it is."""

HARMS: Sequence[Disturbance] = (
    (0.2, "ingest killed", lambda box: box.restart("ingest")),
    (0.4, "broker killed", lambda box: box.crash_broker()),
    (0.6, "ingest stopped", lambda box: box.restart("ingest", SIGTERM)),
    (0.8, "ingest killed", lambda box: box.restart("ingest")),
)


@dataclass(slots=True)
class Sending:
    """How far the day has come: the events in their order, answers by status, what had to be sent again."""

    events: Sequence[Event]
    place: int = 0
    answers: Counter[int] = field(default_factory=Counter[int])
    again: int = 0
    wrong: list[str] = field(default_factory=list[str])


def main() -> int:
    """Run the day and print the table."""
    arguments = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    made = day(arguments.events, arguments.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="framewright-day-") as folder:
        sending, verdict = asyncio.run(replay(made, Path(folder), arguments.quiet))
    print(f"{len(made.events)} events, seed {arguments.seed}, {time.monotonic() - began:.0f} s")
    for status, count in sorted(sending.answers.items()):
        print(f"  {f'answered {status}':<32}{count:>8}")
    print(f"  {'sent again (refused or cut off)':<32}{sending.again:>8}")
    print("\n".join(lines(verdict, len(made.expected))))
    for one in sending.wrong[:5]:
        print(f"unexpected answer: {one}")
    exact = verdict.exact and not sending.wrong
    print("exact" if exact else "NOT exact")
    return 0 if exact else 1


async def replay(
    made: Day, folder: Path, quiet: int, *, topology: Topology | None = None, harms: Sequence[Disturbance] = HARMS
) -> tuple[Sending, Verdict]:
    """Send the whole day, harm the box on the way, wait until nothing waits any more, and judge."""
    box = Box(folder, quiet, topology)
    try:
        bus = await box.start()
        sending = Sending(made.events)
        async with (
            httpx.AsyncClient(base_url=box.url, headers={"X-Auth-Token": TOKEN}, trust_env=False, timeout=15) as http,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(_disturb(box, sending, harms))
            for _ in range(SENDERS):
                group.create_task(_send(http, sending))
        await _until_done(bus, quiet)
        verdict = judged(made.expected, await outcome(bus))
        await bus.close()
    finally:
        box.stop()
    return sending, verdict


async def _send(http: httpx.AsyncClient, sending: Sending) -> None:
    """Take the next event and send it until it is taken, as a program with patience does."""
    while sending.place < len(sending.events):
        event = sending.events[sending.place]
        sending.place += 1
        while (status := await _posted(http, event)) is None:
            sending.again += 1
        sending.answers[status] += 1
        if status != event.status:
            sending.wrong.append(f"{event.route} {status} instead of {event.status}: {event.body[:200]!r}")


async def _posted(http: httpx.AsyncClient, event: Event) -> int | None:
    """The status of the answer; None when the event must be sent again."""
    try:
        answer = await http.post(
            f"/api/webhooks/{event.route}", content=event.body, headers={"Content-Type": event.content_type}
        )
    except httpx.HTTPError:
        await asyncio.sleep(0.2)
        return None
    if answer.status_code in AGAIN:
        await asyncio.sleep(min(float(answer.headers["Retry-After"]), LONGEST_PAUSE))
        return None
    return answer.status_code


async def _disturb(box: Box, sending: Sending, harms: Sequence[Disturbance]) -> None:
    for part, name, harm in harms:
        while sending.place < part * len(sending.events):
            await asyncio.sleep(0.02)
        print(f"after {sending.place} events: {name}", flush=True)
        await harm(box)


async def _until_done(bus: Bus, quiet: int) -> None:
    """Wait until every event was acted on and every change went to the router, or for so long that something is stuck."""
    ends = time.monotonic() + quiet + 90
    while time.monotonic() < ends:
        try:
            if not await pending(bus, INGEST.name, "ingest") and not await _waiting(bus):
                return
        except Retry:
            pass
        await asyncio.sleep(0.5)


async def _waiting(bus: Bus) -> int:
    return await bus.count(DUE.name, "wait.due.>") + await bus.count(DUE.name, "due.v1.>")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quiet", type=int, default=QUIET, help="quiet time in seconds")
    return parser.parse_args()
