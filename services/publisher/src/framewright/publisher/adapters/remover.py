"""Removing outputs, and nothing else: only files of our own formats, only in known places, never through a link.

What is in such a folder besides stays, and the folder with it. Doing it twice is doing it once.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from framewright.domain.errors import Retry
from framewright.domain.publishing import OutputKind
from framewright.publisher.domain.removal import Doomed

OURS = {
    OutputKind.TRICKPLAY: re.compile(r"\d+\.jpg"),
    OutputKind.WEBVTT: re.compile(r"sprite-\d+\.jpg|thumbnails\.vtt"),
}
"""What the files of a folder output are called."""


def remove(doomed: Doomed) -> str:
    """Remove an output and the folders made for it alone; answers why something stays, empty when all is gone.

    Raises:
        Retry: code UNREMOVABLE with the reason of the operating system.
    """
    try:
        return _remove(Path(doomed.path), doomed)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Retry(f"{doomed.path} cannot be removed: {why}", code="UNREMOVABLE") from error


def size(path: str) -> int:
    """Bytes of an output on disk; 0 when it is not there."""
    place = Path(path)
    try:
        if place.is_dir():
            return sum(size(str(entry)) for entry in place.iterdir() if not entry.is_symlink())
        return place.lstat().st_size
    except OSError:
        return 0


def _remove(path: Path, doomed: Doomed) -> str:
    for place in (path, *map(Path, doomed.made)):
        if place.is_symlink():
            return f"{place} is a link, which this system never makes"
    if path.is_dir():
        if kept := _emptied(path, OURS.get(doomed.kind)):
            return kept
    elif path.exists():
        if doomed.kind is not OutputKind.BIF:
            return f"{path} is a file and not a folder"
        path.unlink(missing_ok=True)
    _prune(Path(folder) for folder in doomed.made)
    return ""


def _emptied(folder: Path, ours: re.Pattern[str] | None) -> str:
    """Remove a folder of ours; why it stays when there is more in it."""
    if ours is None:
        return f"{folder} is a folder and not a file"
    for entry in folder.iterdir():
        if ours.fullmatch(entry.name) and entry.is_file() and not entry.is_symlink():
            entry.unlink(missing_ok=True)
    if any(folder.iterdir()):
        return f"{folder} holds more than this system makes"
    folder.rmdir()
    return ""


def _prune(folders: Iterable[Path]) -> None:
    """Remove folders, innermost first, up to the first one that is not empty."""
    for folder in folders:
        if folder.is_symlink() or (folder.is_dir() and any(folder.iterdir())):
            return
        if folder.is_dir():
            folder.rmdir()
