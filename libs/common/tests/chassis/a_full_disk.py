"""Run alone, in a folder on a disk of one megabyte: what becomes of packs that do not fit. Prints one JSON object."""

import asyncio
import json
import os
import sys
from pathlib import Path

from framewright.chassis.frame_store import FolderFrameStore
from framewright.domain.errors import Retry

ROOT = Path(sys.argv[1])


async def main() -> None:
    """Fill the disk, then ask for room that can be made, and for room that cannot."""
    store = FolderFrameStore(ROOT)
    for age, key in ((300, "oldest"), (200, "older")):
        await store.put(key, [bytes(400_000)], b"manifest")
        for path in (*(ROOT / key).iterdir(), ROOT / key):
            os.utime(path, (path.stat().st_mtime - age,) * 2)
    await store.put("fits", [bytes(400_000)], b"manifest")
    refusal = ""
    try:
        await store.put("never", [bytes(900_000)], b"manifest")
    except Retry as error:
        refusal = error.code
    whole = [key for key in ("oldest", "older", "fits", "never") if await store.whole(key, 1)]
    print(json.dumps({"whole": whole, "refusal": refusal, "aside": aside()}))  # noqa: T201 - read by the test


def aside() -> list[str]:
    """What was left of packs that did not make it."""
    return [path.name for path in ROOT.glob(".*-*")]


asyncio.run(main())
