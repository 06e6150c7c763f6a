"""The disk."""

import asyncio
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path

import structlog

from framewright.domain.errors import Retry
from framewright.domain.media import is_video, shorten
from framewright.router.domain.deciding import MOST_FILES_OF_A_FOLDER, Listing

log = structlog.get_logger("router")


class MountedDisk:
    """The media as this machine sees it; nothing outside the media root is ever looked at."""

    def __init__(self, media_root: str, most_videos: int = MOST_FILES_OF_A_FOLDER) -> None:
        self._root = Path(media_root).resolve()
        self._most_videos = most_videos

    async def first_existing(self, paths: Sequence[str]) -> str | None:
        """See `Disk.first_existing`; in a thread, because a hung network mount must not stop the router."""
        return await asyncio.to_thread(lambda: next((path for path in paths if self._exists(path)), None))

    async def videos(self, folder: str) -> Listing | None:
        """See `Disk.videos`; bounded, in name order, links to folders not followed."""
        return await asyncio.to_thread(self._videos, folder)

    async def is_folder(self, path: str) -> bool:
        """See `Disk.is_folder`."""
        return await asyncio.to_thread(os.path.isdir, path)

    async def missing(self, paths: Collection[str]) -> set[str]:
        """See `Disk.missing`."""
        return await asyncio.to_thread(lambda: {path for path in paths if not self._exists(path)})

    def _exists(self, path: str) -> bool:
        try:
            mode = Path(path).stat().st_mode
        except (OSError, ValueError):
            return False
        return self._inside(path) and (stat.S_ISREG(mode) or stat.S_ISDIR(mode))

    def _videos(self, folder: str) -> Listing | None:
        if not Path(folder).is_dir() or not self._inside(folder):
            return None
        try:
            os.scandir(folder).close()
        except OSError as error:
            raise Retry(f"{shorten(folder)} cannot be read: {error.strerror}", code="UNREADABLE") from error
        found = list(islice(_walk(folder), self._most_videos + 1))
        return Listing(found[: self._most_videos], whole=len(found) <= self._most_videos)

    def _inside(self, path: str) -> bool:
        return self._root == Path("/") or Path(path).resolve().is_relative_to(self._root)


def _walk(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(filter(_is_shown, folders))
        yield from (f"{parent}/{name}" for name in sorted(files) if is_video(name) and _is_shown(name))


def _is_shown(name: str) -> bool:
    """Hidden files are not, nor are names that are not UTF-8 (lone surrogates, PEP 383): no message can carry them."""
    return not name.startswith(".") and not any("\ud800" <= char <= "\udfff" for char in name)
