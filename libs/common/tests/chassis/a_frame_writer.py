"""Writes packs into a folder until it is killed: `a_frame_writer.py FOLDER`."""

import asyncio
import sys
from itertools import count
from pathlib import Path

from framewright.chassis.frame_store import FolderFrameStore


async def main() -> None:
    """Each manifest is the one byte that fills the parts."""
    store = FolderFrameStore(Path(sys.argv[1]))
    for number in count():
        body = bytes([number % 256])
        await store.put(f"pack{number % 5}", [body * 200_000] * 3, body)


asyncio.run(main())
