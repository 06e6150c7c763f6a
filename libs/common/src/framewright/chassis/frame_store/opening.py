"""One way to the frame store for every service: which one it is, is a matter of the environment."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog

from framewright.chassis.bus import connect
from framewright.chassis.frame_store.bus import BusFrameStore
from framewright.chassis.frame_store.folder import FolderFrameStore
from framewright.chassis.frame_store.keeping import Keeping
from framewright.chassis.settings import ProcessSettings
from framewright.domain.errors import FramewrightError, Reject
from framewright.domain.ports import FrameStore

TEND_SECONDS = 1.0
"""How soon a changed setting reaches the store."""

PATIENCE_SECONDS = 30.0
"""How long a store that would not follow is left alone."""

log = structlog.get_logger("frames")


@asynccontextmanager
async def frame_store(
    settings: ProcessSettings, name: str, keeping: Callable[[], Keeping] | None = None
) -> AsyncGenerator[FrameStore]:
    """The frame store of this process, named so on the bus: the folder `frames_dir` where one is set, else the FRAMES stream.

    A writer passes `keeping`; while the context is open the store then follows what it says.

    Raises:
        Reject: code BAD_SETTING, `frames_dir` is no folder, or a writer may not write there.
        Retry: the bus is out of reach.
    """
    async with AsyncExitStack() as stack:
        if settings.frames_dir:
            store = FolderFrameStore(_usable(Path(settings.frames_dir), writes=keeping is not None), keeping or Keeping)
        else:
            # Frames travel on a connection of their own: megabytes on the other would delay every heartbeat.
            bus = await connect(settings.nats_url, f"{name}-frames-{os.getpid()}", seed=settings.nats_seed)
            stack.push_async_callback(bus.close)
            store = BusFrameStore(bus, keeping or Keeping)
        if keeping is not None:
            await stack.enter_async_context(_tended(store))
        yield store


@asynccontextmanager
async def _tended(store: BusFrameStore | FolderFrameStore) -> AsyncGenerator[None]:
    task = asyncio.create_task(_tend(store))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _tend(store: BusFrameStore | FolderFrameStore) -> None:
    said = ""
    while True:
        try:
            await store.tend()
            said = ""
        except FramewrightError as error:
            if error.reason != said:
                said = error.reason
                log.warning("the frame store does not follow its settings", code=error.code, reason=error.reason)
        await asyncio.sleep(PATIENCE_SECONDS if said else TEND_SECONDS)


def _usable(root: Path, *, writes: bool) -> Path:
    """The folder, which is never made here: where it is missing, a disk is not mounted."""
    if not root.is_dir():
        raise Reject(f"FRAMES_DIR {root} is not a folder", code="BAD_SETTING")
    if writes and not os.access(root, os.W_OK | os.X_OK):
        raise Reject(f"FRAMES_DIR {root} cannot be written to", code="BAD_SETTING")
    return root
