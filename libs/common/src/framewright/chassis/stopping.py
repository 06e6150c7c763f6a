"""Running work, and waiting for it, until the service is told to stop."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable
from typing import Any


async def until(stopping: asyncio.Event, *works: Coroutine[Any, Any, None]) -> None:
    """Run the works until told to stop, or until one of them ends; a failure is not kept quiet."""
    tasks = [asyncio.create_task(work) for work in (*works, _set(stopping))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await cancelled(tasks)


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait so long at most; whether the event is set then."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


async def cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel until they end: a wait that was answered in the same moment swallows the cancellation (Python 3.11)."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)


async def _set(event: asyncio.Event) -> None:
    await event.wait()
