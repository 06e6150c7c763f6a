"""Looking at outputs and writing them, in a thread: a disk may be slow."""

import asyncio

from framewright.domain.publishing import Located
from framewright.publisher.adapters import writer
from framewright.publisher.domain.outputs import Film


async def present(located: Located) -> bool:
    """Whether every output is there and not empty."""
    return await asyncio.to_thread(writer.present, located)


async def write(located: Located, film: Film) -> None:
    """Write or replace every output; raises as `writer.write` does."""
    await asyncio.to_thread(writer.write, located, film)
