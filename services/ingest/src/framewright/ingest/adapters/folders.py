"""Walks media folders for scans, without ever holding a library in memory."""

import os
from collections.abc import Iterator

import structlog

from framewright.domain.media import is_video

log = structlog.get_logger("folders")


def videos_under(root: str) -> Iterator[str]:
    """Every video file below a folder, folder by folder in name order.

    Hidden entries, unreadable folders and names that are not UTF-8 (no message can carry them) are left out; the log
    tells of the latter two.
    """
    waiting = [root]
    while waiting:
        entries = _entries(waiting.pop())
        inner = [entry.path for entry in entries if _is_folder(entry)]
        yield from (entry.path for entry in entries if is_video(entry.name) and entry.path not in inner)
        waiting += reversed(inner)


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
