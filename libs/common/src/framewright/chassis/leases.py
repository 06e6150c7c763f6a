"""Leases: who works on what right now, over all processes; they end by themselves when their holder dies."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from framewright.chassis.bus import Bucket
from framewright.chassis.stopping import is_set_within
from framewright.domain.errors import Busy, Retry

SECONDS = 20


@asynccontextmanager
async def lease(bucket: Bucket, key: str, *, seconds: int = SECONDS) -> AsyncGenerator[None]:
    """Hold `key` while the context is open, renewed at a third of its time.

    There is no fencing (G5): a holder that was cut off may still be writing when the next one starts, so what is done under
    a lease is idempotent all the same; the lease only saves doing it twice.

    Raises:
        Busy: somebody else holds it.
    """
    holder = uuid.uuid4().hex
    revision = await bucket.lease(key, holder, seconds)
    if revision is None:
        raise Busy("the same work is being done elsewhere", after=2.0)
    held = [revision]
    over = asyncio.Event()

    async def renew() -> None:
        while not await is_set_within(over, seconds / 3):
            with contextlib.suppress(Retry):
                renewed = await bucket.lease(key, holder, seconds)
                if renewed is not None:
                    held[0] = renewed

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        # Told, not cancelled: a renewal that is on its way must be known, or the release would name an old revision.
        over.set()
        await task
        with contextlib.suppress(Retry):
            await bucket.release(key, held[0])
