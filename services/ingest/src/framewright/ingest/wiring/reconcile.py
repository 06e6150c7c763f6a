"""What reconciliation needs, and the task that does it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import structlog

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.http import client
from framewright.chassis.leases import lease
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.sealing import load_sealer
from framewright.chassis.senders import SenderStore
from framewright.chassis.service import Task
from framewright.contracts.catalogue import LOCKS
from framewright.contracts.senders import Sender
from framewright.domain.errors import Retry
from framewright.ingest.adapters.journal import Journal
from framewright.ingest.handlers.reconcile import Reconciler, reconcile_all
from framewright.ingest.settings import IngestSettings
from framewright.vendors import Past, past_changes

GLANCE = 2.0
"""Seconds between two looks at whether a history is to be read; a look is a few reads of the bus."""

log = structlog.get_logger("reconciliation")


@asynccontextmanager
async def reconciliation(settings: IngestSettings, bus: Bus) -> AsyncGenerator[Task]:
    """The task that reads the histories of all senders in their turn; its connections are closed at the end."""
    async with client() as strict, client(verify=False) as lax:

        async def past(sender: Sender, since: datetime) -> Past:
            return await past_changes(sender, strict if sender.verify_ssl else lax, since)

        yield partial(
            _run,
            Reconciler(
                senders=SenderStore(bus, load_sealer(settings.framewright_secret_key, settings.config_dir)),
                journal=Journal(bus),
                past=past,
                send=Outgoing(bus).send,
                lease=partial(lease, Bucket(bus, LOCKS.name)),
                started=now(),
            ),
        )


async def _run(desk: Reconciler, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            await reconcile_all(desk)
        except Retry as error:
            log.warning("senders cannot be read now", code=error.code, reason=error.reason)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GLANCE):
                await stopping.wait()
