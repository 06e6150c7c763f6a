"""Frames out of the frame store, as single JPEGs and as strips; Pillow is only loaded when a strip is asked for."""

import asyncio

from framewright.domain.errors import Reject
from framewright.domain.ports import FrameStore
from framewright.formats.framepack import PackManifest, check_part, covers, decode_manifest, slot_frames
from framewright.ui.domain.views import strip_slots

CELLS = 10
QUALITY = 82
AT_ONCE = 2
"""Packs in memory at the same time; a part is up to 4 MiB."""


class PackPictures:
    """Fulfils `Pictures`."""

    def __init__(self, store: FrameStore) -> None:
        self._store = store
        self._permits = asyncio.Semaphore(AT_ONCE)

    async def frame(self, pack: str, slot: int, interval_ms: int) -> bytes | None:
        """See `Pictures.frame`.

        Raises:
            Reject: code VALIDATION_ERROR, the pack was not made for this interval.
        """
        async with self._permits:
            manifest = await self._manifest(pack)
            if manifest is None:
                return None
            wanted = interval_ms or manifest.intervals_ms[0]
            if not covers(manifest, wanted):
                made_for = ", ".join(str(one) for one in manifest.intervals_ms)
                raise Reject(f"interval must be a multiple of one of {made_for} ms", code="VALIDATION_ERROR")
            slots = slot_frames(manifest, wanted)
            if slot >= len(slots):
                return None
            found = await self._frames(pack, manifest, [slots[slot]])
            return found[0] if found else None

    async def strip(self, pack: str) -> bytes | None:
        """See `Pictures.strip`."""
        async with self._permits:
            manifest = await self._manifest(pack)
            if manifest is None:
                return None
            slots = slot_frames(manifest, min(manifest.intervals_ms))
            chosen = [slots[slot] for slot in strip_slots(len(slots), CELLS)]
            frames = await self._frames(pack, manifest, chosen)
            return await asyncio.to_thread(_side_by_side, frames) if frames else None

    async def _manifest(self, pack: str) -> PackManifest | None:
        data = await self._store.manifest(pack)
        return None if data is None else decode_manifest(data)

    async def _frames(self, pack: str, manifest: PackManifest, chosen: list[int]) -> list[bytes]:
        """The chosen pictures in order, one part in memory at a time; empty when a part is gone."""
        pictures: dict[int, bytes] = {}
        for number in sorted({manifest.frames[index].part for index in chosen}):
            part = await self._store.part(pack, number)
            if part is None:
                return []
            check_part(manifest, number, part)
            for index in chosen:
                frame = manifest.frames[index]
                if frame.part == number:
                    pictures[index] = part[frame.offset : frame.offset + frame.size]
        return [pictures[index] for index in chosen]


def _side_by_side(frames: list[bytes]) -> bytes:
    from framewright.formats.trickplay import write_sheets  # noqa: PLC0415 - brings Pillow, 10 MB, with it

    return next(write_sheets(frames, len(frames), 1, QUALITY))
