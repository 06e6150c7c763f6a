"""Walks media folders for scans, page by page, without ever holding a library in memory.

The order is fixed: a folder's own videos by name, then its folders by name. So the last path of a page says where the next
one begins, also when that file is gone by then.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import structlog

from framewright.contracts.scans import SortBy
from framewright.domain.errors import Retry
from framewright.domain.media import is_video, shorten

log = structlog.get_logger("folders")


@dataclass(frozen=True, slots=True)
class FolderPage:
    """Some videos in order, and after which path the next page begins (empty: there is none)."""

    paths: tuple[str, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """What is walked: the folder, how many videos make a page, and since when a video must be there (None: all).

    Pages come in the order of the walk; `sort_by` orders within a page only, by the time of the last change.
    """

    root: str
    size: int
    since: datetime | None = None
    sort_by: SortBy = SortBy.NATURAL


def folder_page(walk: Walk, cursor: str) -> FolderPage:
    """The videos behind the cursor (empty: from the start); a page may be empty although more follow.

    Raises:
        Retry: code UNREADABLE, the folder itself cannot be read.
    """
    seen = list(islice(videos_under(walk.root, cursor), walk.size))
    paths = tuple(path for path in seen if walk.since is None or _came_after(path, walk.since))
    if walk.sort_by in {SortBy.NEWEST, SortBy.OLDEST}:
        paths = tuple(sorted(paths, key=_changed_at, reverse=walk.sort_by is SortBy.NEWEST))
    return FolderPage(paths, seen[-1] if len(seen) == walk.size else "")


def videos_under(root: str, after: str = "") -> Iterator[str]:
    """Every video file below a folder, behind the path `after`.

    Hidden entries, unreadable folders and names that are not UTF-8 (no message can carry them) are left out; the log
    tells of the latter two.

    Raises:
        Retry: code UNREADABLE, the folder itself cannot be read.
    """
    try:
        os.scandir(root).close()
    except OSError as error:
        raise Retry(f"{shorten(root)} cannot be read: {error.strerror}", code="UNREADABLE") from error
    below = after.removeprefix(root.rstrip("/") + "/") if after else ""
    waiting = [(root, tuple(below.split("/")) if below else ())]
    while waiting:
        folder, chain = waiting.pop()
        entries = _entries(folder)
        inner = [entry for entry in entries if _is_folder(entry)]
        names = {entry.name for entry in inner}
        if len(chain) <= 1:
            last = chain[0] if chain else ""
            yield from (one.path for one in entries if one.name > last and is_video(one.name) and one.name not in names)
            chain = ()
        waiting += reversed([(one.path, _rest(chain, one.name)) for one in inner if not chain or one.name >= chain[0]])


def _rest(chain: tuple[str, ...], name: str) -> tuple[str, ...]:
    """What of the chain to the last path lies inside the folder of this name."""
    return chain[1:] if chain and chain[0] == name else ()


def _came_after(path: str, moment: datetime) -> bool:
    """A film that was moved here keeps the age of its content; when it came is the change of its inode."""
    status = _status(path)
    return status is not None and max(status.st_mtime, status.st_ctime) >= moment.timestamp()


def _changed_at(path: str) -> float:
    status = _status(path)
    return status.st_mtime if status else 0.0


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - one of a hundred thousand needs no object
    except OSError:
        return None


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            shown = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name)
    except OSError as error:
        log.warning("a folder cannot be read and is left out", folder=folder, reason=error.strerror)
        return []
    named = [entry for entry in shown if _is_text(entry.name)]
    if len(named) < len(shown):
        log.warning("names that are not UTF-8 are left out", folder=folder, count=len(shown) - len(named))
    return named


def _is_text(name: str) -> bool:
    """Bytes that are not UTF-8 come from the file system as lone surrogates (PEP 383)."""
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Linked folders are not walked into: a link upwards would never end."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
