"""Counting the outputs of a server and finding those whose video is gone: by what is remembered, then by walking the disks."""

import asyncio
import enum
from collections.abc import AsyncIterator, Sequence

from framewright.contracts.orphans import Orphan
from framewright.contracts.server import Server
from framewright.domain.errors import Retry
from framewright.publisher.adapters import disk, remover
from framewright.publisher.adapters.memory import Records, Remembered
from framewright.publisher.adapters.orphans import Seen, seen_outputs
from framewright.publisher.domain.orphans import BESIDE, RECORDED, Findings, Lost, not_of
from framewright.publisher.domain.removal import roots_above

BATCH = 500
"""Records that are looked at on disk in one go, so that neither memory nor the event loop feels them."""


class Fate(enum.Enum):
    """How a remembered video stands."""

    LIVING = enum.auto()
    GONE = enum.auto()
    UNKNOWN = enum.auto()


async def census(server: Server, records: Records) -> Findings:
    """Everything that is there and everything that is gone; the disks must have been found healthy before."""
    lost: list[Lost] = []
    living: set[str] = set()
    unknown = 0
    async for batch in _batches(records.of(server.id)):
        fates = await asyncio.to_thread(_fates, server, batch)
        for one, fate in zip(batch, fates, strict=True):
            unknown += fate is Fate.UNKNOWN
            if fate is Fate.GONE:
                lost.append(Lost(one.path_id, one.record))
            else:
                living.update(one.record.outputs)
    seen = await asyncio.to_thread(lambda: list(seen_outputs(server)))
    return await asyncio.to_thread(_findings, not_of(living, lost), living, seen, unknown)


def _findings(lost: tuple[Lost, ...], living: set[str], seen: Sequence[Seen], unknown: int) -> Findings:
    remembered = [
        Orphan(path, one.record.path, RECORDED, remover.size(path), recorded=True)
        for one in lost
        for path in one.record.outputs
    ]
    known = living.union(one.output for one in remembered)
    strays = [
        Orphan(one.output, one.video, BESIDE, remover.size(one.output))
        for one in seen
        if one.orphan and one.output not in known
    ]
    outputs = len(known.union(one.output for one in seen))
    return Findings(lost, tuple(strays), tuple(remembered), outputs, unknown)


def _fates(server: Server, batch: Sequence[Remembered]) -> list[Fate]:
    return [_fate(server, one) for one in batch]


def _fate(server: Server, one: Remembered) -> Fate:
    """Judged only where the video's library is still configured: nobody else can tell whether its disk is there."""
    path = one.record.path
    if not path or not roots_above(server, path):
        return Fate.UNKNOWN
    try:
        return Fate.LIVING if disk.exists(path) or disk.namesake(path) else Fate.GONE
    except Retry:
        return Fate.UNKNOWN


async def _batches(found: AsyncIterator[Remembered]) -> AsyncIterator[list[Remembered]]:
    batch: list[Remembered] = []
    async for one in found:
        batch.append(one)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
