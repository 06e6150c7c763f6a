"""Removing outputs, and nothing else: only files of our own formats, only in known places, never through a link.

What is in such a folder besides stays, and the folder with it. Doing it twice is doing it once. The file by which an output
is known goes first, so a removal that was cut off leaves nothing that would be taken for an output.
"""

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path

from framewright.domain.errors import Retry
from framewright.domain.publishing import OutputKind
from framewright.publisher.adapters.writer import discard_drafts, known_by, sync_folder
from framewright.publisher.domain.removal import Doomed

OURS = {
    OutputKind.TRICKPLAY: re.compile(r"\d+\.jpg"),
    OutputKind.WEBVTT: re.compile(r"sprite-\d+\.jpg|thumbnails\.vtt"),
}
"""What the files of a folder output are called."""


def remove(doomed: Doomed) -> str:
    """Remove an output, what killed publishers left of it, and the folders made for it alone; on disk when it returns.

    Answers why something stays, empty when all is gone.

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


def clear(path: Path, kind: OutputKind) -> str:
    """Remove what lies in an output's place as far as it is ours; why it stays, empty when it is gone.

    A link goes, and what it leads to stays.
    """
    if path.is_dir() and not path.is_symlink():
        return _emptied(path, kind)
    if kind is not OutputKind.BIF and path.exists() and not path.is_symlink():
        return f"{path} is a file and not a folder"
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        path.unlink()
    return ""


def own_files(folder: Path, kind: OutputKind) -> list[Path]:
    """The files of a folder output, first the one that it is known by; what is not of our making is left out."""
    ours, first = OURS[kind], known_by(kind, folder)
    found = [one for one in folder.iterdir() if ours.fullmatch(one.name) and one.is_file() and not one.is_symlink()]
    return sorted(found, key=lambda file: (file != first, file))


def _remove(path: Path, doomed: Doomed) -> str:
    for place in (path, *map(Path, doomed.made)):
        if place.is_symlink():
            return f"{place} is a link, which this system never makes"
    kept = clear(path, doomed.kind)
    discard_drafts(path, doomed.kind)
    if not kept:
        _prune(Path(folder) for folder in doomed.made)
    # Also when a try before has removed it: that one may have been killed before this.
    sync_folder(next(place for place in (path, *path.parents) if place.is_dir()))
    return kept


def _emptied(folder: Path, kind: OutputKind) -> str:
    """Remove a folder of ours; why it stays when there is more in it."""
    if kind not in OURS:
        return f"{folder} is a folder and not a file"
    for file in own_files(folder, kind):
        file.unlink(missing_ok=True)
        if file == known_by(kind, folder):
            sync_folder(folder)
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
