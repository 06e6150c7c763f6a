"""Walking the media folders for files of known names: bounded in entries and in time, level by level, links not followed."""

import asyncio
import os
import stat
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from framewright.domain.errors import Busy
from framewright.domain.media import is_video
from framewright.ui.domain.path_doctor import LocalFile, Survey, name_key

MOST_ENTRIES = 300_000
MOST_SECONDS = 20.0


class MediaGround:
    """Fulfils `Ground`; one walk at a time, because each may keep a network mount busy for its whole time."""

    def __init__(self, *, entries: int = MOST_ENTRIES, seconds: float = MOST_SECONDS) -> None:
        self._entries = entries
        self._seconds = seconds
        self._walking = asyncio.Lock()

    async def survey(self, roots: Sequence[str], names: frozenset[str]) -> Survey:
        """See `Ground.survey`."""
        if self._walking.locked():
            raise Busy("another examination walks the folders", after=5.0)
        async with self._walking:
            return await asyncio.to_thread(self._survey, roots, names)

    async def sizes(self, paths: Sequence[str]) -> dict[str, int]:
        """See `Ground.sizes`."""
        return await asyncio.to_thread(lambda: {path: size for path in paths if (size := _size(path)) is not None})

    def _survey(self, roots: Sequence[str], names: frozenset[str]) -> Survey:
        ends = time.monotonic() + self._seconds
        waiting = deque(roots)
        found: list[LocalFile] = []
        seen = 0
        while waiting:
            for entry in _entries(waiting.popleft()):
                seen += 1
                if seen > self._entries or time.monotonic() > ends:
                    return Survey(tuple(found), seen, complete=False)
                if _is_folder(entry):
                    waiting.append(entry.path)
                elif is_video(entry.name) and name_key(entry.name) in names and (size := _size(entry.path)) is not None:
                    found.append(LocalFile(entry.path, size))
        return Survey(tuple(found), seen, complete=True)


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """What lies in a folder, in name order, hidden things left out; nothing when it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    yield from (entry for entry in found if not entry.name.startswith(".") and entry.name.isprintable())


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _size(path: str) -> int | None:
    try:
        state = Path(path).stat()
    except (OSError, ValueError):
        return None
    return state.st_size if stat.S_ISREG(state.st_mode) else None
