"""Outputs whose video is gone, searched for and removed on an operator's word, which comes live from the ui.

Nothing is removed while a library looks unmounted, when the number is not the one that the operator saw, or when it is too
much of the whole. What serves a living video, and what lies in no known place, stays.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog

from framewright.chassis.clock import now
from framewright.contracts.base import decode
from framewright.contracts.orphans import Orphan, OrphanOrderV1, OrphanReport
from framewright.contracts.server import Server
from framewright.domain.errors import Busy, FramewrightError, Reject, Retry
from framewright.publisher.domain.orphans import Findings, Lost, refusal
from framewright.publisher.domain.removal import Doomed, local_roots
from framewright.publisher.handlers.given import Publisher
from framewright.publisher.handlers.removal import remove_outputs
from framewright.vendors import output_place

OF_ONE_OUTPUT = frozenset({"UNREMOVABLE", "UNREADABLE", Busy.code})
"""Troubles that say nothing of the next output."""

MOST_TOLD = 100
"""Reasons in a report why something stays."""

log = structlog.get_logger("orphans")


@dataclass(frozen=True, slots=True)
class OrphanSearch:
    """What the desk needs; `find` goes through what is remembered of a server and its disks, `say` stores the report."""

    publisher: Publisher
    find: Callable[[Server], Awaitable[Findings]]
    say: Callable[[OrphanReport], Awaitable[None]]
    lease: Callable[[str], AbstractAsyncContextManager[None]]
    orders: Callable[[], AbstractAsyncContextManager[AsyncIterator[bytes]]]
    is_mine: Callable[[str], bool]


class OrphanDesk:
    """One task that takes orders; each server's are carried out one at a time, by one publisher."""

    def __init__(self, search: OrphanSearch) -> None:
        self._search = search
        self._work: set[asyncio.Task[None]] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Take orders until told to stop; what is under way then is left where it is, and nothing is half removed."""
        listening = asyncio.create_task(self._listen())
        stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait((listening, stop), return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
        finally:
            for task in (listening, stop, *self._work):
                task.cancel()
            await asyncio.gather(listening, stop, *self._work, return_exceptions=True)

    async def _listen(self) -> None:
        async with self._search.orders() as orders:
            async for data in orders:
                with contextlib.suppress(Reject):
                    order = decode(OrphanOrderV1, data)
                    if self._search.is_mine(order.server_type):
                        task = asyncio.create_task(self.carry_out(order))
                        self._work.add(task)
                        task.add_done_callback(self._work.discard)

    async def carry_out(self, order: OrphanOrderV1) -> None:
        """Search, and remove where that was ordered; every end is a report."""
        server = self._search.publisher.server(order.server_id)
        if server is None:
            return
        try:
            async with self._search.lease(order.server_id):
                await self._carried_out(order, server)
        except Busy:
            return  # the publisher that holds the lease answers, or the operator asks again
        except FramewrightError as error:
            log.warning("the search for orphans failed", server=server.id, code=error.code, reason=error.reason)
            await self._search.say(_report(order, "refused", reason=error.reason))

    async def _carried_out(self, order: OrphanOrderV1, server: Server) -> None:
        say = self._search.say
        roots = local_roots(server)
        unmounted = await self._search.publisher.disk.unmounted(roots) if roots else "the server has no library folder"
        if unmounted:
            await say(_report(order, "refused", reason=unmounted))
            return
        await say(_report(order, "looking"))
        findings = await self._search.find(server)
        reason = refusal(order, findings) if order.remove else ""
        if reason or not order.remove:
            await say(_report(order, "refused" if reason else "done", findings, reason=reason))
            return
        await say(_report(order, "removing", findings))
        removed, left = await self._remove(server, findings)
        await say(_report(order, "done", findings, removed=removed, left=left))

    async def _remove(self, server: Server, findings: Findings) -> tuple[int, tuple[str, ...]]:
        removed, left = 0, list[str]()
        for lost in findings.lost:
            gone, kept = await _or_left(self._remove_lost(server, lost))
            removed += gone
            left += kept
        for stray in findings.strays:
            gone, kept = await _or_left(self._remove_stray(server, stray))
            removed += gone
            left += kept
        return removed, tuple(left[:MOST_TOLD])

    async def _remove_lost(self, server: Server, lost: Lost) -> tuple[int, tuple[str, ...]]:
        """The video is looked for once more: a long search may have been overtaken by its return."""
        publisher, record = self._search.publisher, lost.record
        async with publisher.lease(record.outputs[0] if record.outputs else record.path):
            if await publisher.disk.exists(record.path):
                return 0, (f"{record.path} is there again",)
            gone = await remove_outputs(publisher, server, record.path, lost.path_id, record)
        return len(gone.removed), gone.left

    async def _remove_stray(self, server: Server, stray: Orphan) -> tuple[int, tuple[str, ...]]:
        place = output_place(server.type, stray.output)
        if place is None:
            return 0, (f"{stray.output} lies in no known place",)
        kept = await self._search.publisher.disk.remove(Doomed(stray.output, place.kind, place.made))
        return (0, (kept,)) if kept else (1, ())


async def _or_left(removal: Awaitable[tuple[int, tuple[str, ...]]]) -> tuple[int, tuple[str, ...]]:
    """What a removal says; one that the disk refuses, or that somebody works on, stays and holds up no other."""
    try:
        return await removal
    except Retry as error:
        if error.code not in OF_ONE_OUTPUT:
            raise
        return 0, (error.reason,)


def _report(
    order: OrphanOrderV1,
    state: str,
    findings: Findings | None = None,
    *,
    reason: str = "",
    removed: int = 0,
    left: tuple[str, ...] = (),
) -> OrphanReport:
    found = findings or Findings()
    return OrphanReport(
        server_id=order.server_id,
        order_id=order.order_id,
        state=state,
        at=now(),
        reason=reason,
        found=found.found,
        outputs=found.outputs,
        bytes=found.bytes,
        unknown=found.unknown,
        removed=removed,
        left=left,
        orphans=found.listed,
    )
