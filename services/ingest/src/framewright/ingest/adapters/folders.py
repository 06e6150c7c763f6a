"""Walks media folders for scans, without ever holding a library in memory."""

import os
from collections.abc import Iterator

from framewright.domain.media import is_video


def videos_under(root: str) -> Iterator[str]:
    """Every video file below a folder, folder by folder in name order; hidden entries and unreadable folders are left out."""
    try:
        with os.scandir(root) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    folders: list[str] = []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if _is_folder(entry):
            folders.append(entry.path)
        elif is_video(entry.name):
            yield entry.path
    for folder in folders:
        yield from videos_under(folder)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Linked folders are not walked into: a link upwards would never end."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
