"""Reading the histories of senders and queueing what never arrived: they do not send a webhook twice."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from framewright.chassis.clock import now
from framewright.chassis.outgoing import Answer
from framewright.contracts.senders import Reconciled, Sender, SenderReport
from framewright.domain.errors import Busy, FramewrightError, Reject, Retry
from framewright.ingest.domain import reconcile as domain
from framewright.vendors import Past

log = structlog.get_logger("reconciliation")


class Senders(Protocol):
    """The configured senders and what is remembered of them; every method may raise `Retry`."""

    async def all(self) -> list[Sender]:
        """Every sender."""
        ...

    async def reconciled(self, sender_id: str) -> Reconciled:
        """How far its history is dealt with."""
        ...

    async def keep_reconciled(self, sender_id: str, reconciled: Reconciled) -> None:
        """Remember that."""
        ...

    async def asked_at(self, sender_id: str) -> datetime | None:
        """When a reading was asked for last."""
        ...


class Heard(Protocol):
    """The history of webhooks."""

    async def is_complete(self) -> bool:
        """Whether every stored webhook is understood by now."""
        ...

    async def heard(self, wanted: Collection[str], since: datetime) -> dict[str, datetime]:
        """When each of the wanted keys was heard of last."""
        ...


@dataclass(frozen=True, slots=True)
class Reconciler:
    """What reconciliation needs; `started` is when this process began."""

    senders: Senders
    journal: Heard
    past: Callable[[Sender, datetime], Awaitable[Past]]
    send: Callable[[Answer], Awaitable[None]]
    lease: Callable[[str], AbstractAsyncContextManager[None]]
    started: datetime


async def reconcile_all(desk: Reconciler) -> None:
    """Read every history whose time has come; one sender's trouble is not another's.

    Raises:
        Retry: the bus is out of reach.
    """
    enabled = [one for one in await desk.senders.all() if one.enabled]
    await asyncio.gather(*(_reconcile_in_turn(one, desk) for one in enabled))


async def _reconcile_in_turn(sender: Sender, desk: Reconciler) -> None:
    try:
        if not await _is_due(sender, desk):
            return
        async with desk.lease(f"reconcile.{sender.id}"):
            # Another replica may have read it between the question and the lease.
            if await _is_due(sender, desk):
                await reconcile(sender, desk)
    except Busy:
        return
    except FramewrightError as error:
        log.warning("a history could not be dealt with", sender=sender.label, code=error.code, reason=error.reason)


async def reconcile(sender: Sender, desk: Reconciler) -> SenderReport:
    """Read the history since the last time, queue what never arrived, and keep the report.

    Raises:
        Busy: webhooks that are stored are not understood yet, so nobody can say what is missing.
        Retry: the bus is out of reach; nothing is lost, what was queued already is not queued twice.
    """
    before = await desk.senders.reconciled(sender.id)
    covered = domain.span(before, now())
    report = SenderReport(sender_id=sender.id, at=now(), since=covered.since, until=covered.until)
    try:
        past = await desk.past(sender, covered.since)
    except (Retry, Reject) as error:
        return await _failed(desk, before, report, error)
    if not await desk.journal.is_complete():
        raise Busy("stored webhooks are still being read")
    found = await _findings(desk, past, covered)
    report = msgspec.structs.replace(
        report,
        checked=found.checked,
        known=found.known,
        missed_count=len(found.missed),
        missed=domain.missed_changes(found),
        without_path=past.without_path,
        job_id=await _queue(sender, found, desk),
    )
    seen = domain.seen(past.changes, covered)
    await desk.senders.keep_reconciled(sender.id, Reconciled(until=covered.until, seen=seen, report=report))
    log.info("reconciled", sender=sender.label, checked=report.checked, missed=report.missed_count)
    return report


async def _is_due(sender: Sender, desk: Reconciler) -> bool:
    last = (await desk.senders.reconciled(sender.id)).report
    return domain.is_due(sender, last, domain.Calls(desk.started, await desk.senders.asked_at(sender.id)), now())


async def _findings(desk: Reconciler, past: Past, covered: domain.Span) -> domain.Findings:
    entries = domain.in_span(past.changes, covered)
    if not entries:
        return domain.Findings(0, 0, ())
    oldest = min(one.at for one in entries) - domain.SKEW
    return domain.judged(entries, await desk.journal.heard(domain.wanted_keys(entries), oldest))


async def _queue(sender: Sender, found: domain.Findings, desk: Reconciler) -> str:
    """Queue what was missed under one job; its id, empty when nothing was."""
    if not found.missed:
        return ""
    job = domain.job(sender, found.missed, now())
    await desk.send(job)
    for one in found.missed:
        await desk.send(domain.change(sender, one, job.job_id))
    return job.job_id


async def _failed(desk: Reconciler, before: Reconciled, report: SenderReport, error: FramewrightError) -> SenderReport:
    failed = msgspec.structs.replace(report, errors=(error.reason,))
    await desk.senders.keep_reconciled(report.sender_id, msgspec.structs.replace(before, report=failed))
    log.warning("a history could not be read", sender=report.sender_id, code=error.code, reason=error.reason)
    return failed
