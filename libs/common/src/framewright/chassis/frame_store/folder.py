"""Frame packs in a folder that every service mounts, where the broker should not carry or keep them (docs/adr/0010)."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from framewright.chassis.frame_store import shelf
from framewright.chassis.frame_store.keeping import Keeping, check_size, checked
from framewright.domain.errors import Retry

SWEEP_SECONDS = 60.0
"""How often a writer looks for what has become too old, or sooner where packs live shorter than that."""

T = TypeVar("T")


class FolderFrameStore:
    """The `FrameStore` port over a folder that exists; `keeping` is asked anew whenever it matters, and by writers only."""

    def __init__(self, root: Path, keeping: Callable[[], Keeping] = Keeping) -> None:
        self._root = root
        self._keeping = keeping
        self._held = 0
        self._swept_for: Keeping | None = None
        self._swept_at = 0.0

    async def manifest(self, key: str) -> bytes | None:
        """See `FrameStore.manifest`; from here on the pack counts as being read for a minute."""
        pack = self._root / checked(key)
        found = await _on_disk(lambda: shelf.read(pack / shelf.MANIFEST))
        if found is not None:
            await _on_disk(lambda: shelf.note_use(pack))
        return found

    async def whole(self, key: str, parts: int) -> bool:
        """See `FrameStore.whole`."""
        pack = self._root / checked(key)
        return await _on_disk(lambda: shelf.is_whole(pack, parts))

    async def part(self, key: str, number: int) -> bytes | None:
        """See `FrameStore.part`."""
        path = self._root / checked(key) / shelf.part_name(number)
        return await _on_disk(lambda: shelf.read(path))

    async def put(self, key: str, parts: Sequence[bytes], manifest: bytes) -> None:
        """See `FrameStore.put`; a full disk is given one chance, by removing as many old packs as are needed."""
        size = sum(map(len, parts)) + len(manifest)
        check_size(size, self._keeping())
        name = checked(key)
        try:
            await _on_disk(lambda: shelf.write_pack(self._root, name, parts, manifest))
        except Retry as error:
            if error.code != "FRAMES_FULL":
                raise
            await self._sweep(room=size)
            await _on_disk(lambda: shelf.write_pack(self._root, name, parts, manifest))
        self._held += size

    async def tend(self) -> None:
        """Remove what is too old or too much: at once after a change of the settings or one pack too many, else now and then.

        Raises:
            Retry: code FRAMES_UNAVAILABLE.
        """
        kept = self._keeping()
        due = time.monotonic() - self._swept_at >= min(SWEEP_SECONDS, kept.seconds)
        if due or kept != self._swept_for or self._held > kept.max_bytes:
            await self._sweep()

    async def _sweep(self, room: int = 0) -> None:
        kept = self._keeping()
        self._held = await _on_disk(lambda: shelf.sweep(self._root, kept, room=room))
        self._swept_for, self._swept_at = kept, time.monotonic()


async def _on_disk(work: Callable[[], T]) -> T:
    """Run blocking work in a thread; what the system refuses becomes a `Retry`."""
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        if error.errno in shelf.FULL:
            raise Retry("the disk of FRAMES_DIR is full", code="FRAMES_FULL") from error
        raise Retry(f"FRAMES_DIR cannot be used: {error.strerror}", code="FRAMES_UNAVAILABLE") from error
