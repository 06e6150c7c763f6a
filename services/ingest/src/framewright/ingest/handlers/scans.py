"""Scanning the folder servers: every video becomes a change on the low lane, under one job."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec
import structlog

from framewright.chassis.clock import now
from framewright.chassis.outgoing import Answer
from framewright.contracts.facts import JobCreatedV1
from framewright.contracts.server import Server
from framewright.ingest.domain.scans import scan_change, scan_roots

PAGE = 200

log = structlog.get_logger("scan")


class ScanState(msgspec.Struct, frozen=True):
    """Where the last scan of a server stands; an unfinished one is taken up again under its own job."""

    job_id: str
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Scanner:
    """What a scan needs of the world."""

    videos: Callable[[str], Iterator[str]]
    send: Callable[[Answer], Awaitable[None]]
    load: Callable[[str], Awaitable[ScanState | None]]
    save: Callable[[str, ScanState], Awaitable[None]]


async def scan_server(server: Server, scanner: Scanner) -> str:
    """Enumerate a folder server's libraries; answers the job's id.

    The count comes first, so that progress is exact from the start; files that appear during the scan raise the total.
    """
    before = await scanner.load(server.id)
    job_id = before.job_id if before and not before.finished else uuid.uuid4().hex
    await scanner.save(server.id, ScanState(job_id))
    roots = scan_roots(server)
    total = await asyncio.to_thread(_count, scanner.videos, roots)
    await scanner.send(_job(job_id, server, total))
    sent = 0
    for root in roots:
        videos = scanner.videos(root)
        while page := await asyncio.to_thread(_page, videos):
            for path in page:
                await scanner.send(scan_change(path, job_id, now()))
            sent += len(page)
    if sent != total:
        await scanner.send(_job(job_id, server, sent))
    await scanner.save(server.id, ScanState(job_id, finished=True))
    log.info("scanned", server=server.name, files=sent)
    return job_id


def _job(job_id: str, server: Server, total: int) -> JobCreatedV1:
    return JobCreatedV1(
        job_id=job_id,
        at=now(),
        kind="scan",
        title=server.name or server.id,
        source="scan",
        total=total,
        library_id=server.id,
    )


def _count(videos: Callable[[str], Iterator[str]], roots: Sequence[str]) -> int:
    return sum(1 for root in roots for _ in videos(root))


def _page(videos: Iterator[str]) -> list[str]:
    return list(islice(videos, PAGE))
