"""Packs as folders on a disk that several machines may share: written aside, renamed into place, never changed afterwards.

    <root>/<key>/p0 … pN, framepack.json     a pack; the time of its manifest says when it was written
    <root>/.writing-<id>/, .leaving-<id>/    on its way in or out; a crash may leave one behind

No locks: a rename decides between two writers, and whoever loses a file half-way through reading has a miss. Only files of
these names are ever removed, so a folder that is not ours survives even where it should not be.
"""

import contextlib
import errno
import os
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from framewright.chassis.frame_store.keeping import Keeping

MANIFEST = "framepack.json"
WRITING, LEAVING, CLOCK = ".writing-", ".leaving-", ".clock"

ORPHAN_SECONDS = 3600.0
"""After so long nobody is still writing or removing what lies aside."""

READING_SECONDS = 60.0
"""So long after somebody looked up a pack it is not evicted for want of room."""

SLACK = 0.95
"""What is left of the allowed size after an eviction, so that not every further pack needs one."""

TURNS = 100
"""Tries at a place that another writer takes at the same moment; every turn that is lost is one that another one won."""

MISSING = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ESTALE})
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
UNSYNCABLE = frozenset({errno.EINVAL, errno.ENOTSUP})
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST})
_OURS = re.compile(rf"p\d+|{re.escape(MANIFEST)}")


@dataclass(frozen=True, slots=True)
class Kept:
    """One pack on the shelf: size in bytes; when it was written and last asked for, by the clock of the file server."""

    path: Path
    size: int
    written: float
    used: float


def write_pack(root: Path, key: str, parts: Sequence[bytes], manifest: bytes) -> None:
    """Put a pack in its place, in which there may be an older one; until the rename nobody sees anything of it."""
    draft = root / f"{WRITING}{uuid.uuid4().hex}"
    try:
        draft.mkdir()
        for number, part in enumerate(parts):
            _write_synced(draft / part_name(number), part)
        _write_synced(draft / MANIFEST, manifest)
        _sync_folder(draft)
        _put_in_place(draft, root / key)
    finally:
        _remove(draft)
    _sync_folder(root)


def read(path: Path) -> bytes | None:
    """The bytes of a file of a pack, None when it is gone."""
    try:
        return path.read_bytes()
    except OSError as error:
        if error.errno in MISSING:
            return None
        raise


def note_use(pack: Path) -> None:
    """Keep a pack that somebody reads from being evicted under his hands."""
    # A reader may have no right to: then the pack may go while it is read, which is a miss like any other.
    with contextlib.suppress(OSError):
        os.utime(pack)


def is_whole(pack: Path, parts: int) -> bool:
    """Whether the manifest and this many parts are there."""
    return all((pack / name).is_file() for name in (MANIFEST, *map(part_name, range(parts))))


def sweep(root: Path, kept: Keeping, *, room: int = 0) -> int:
    """Remove what is too old or too much, oldest first, and what crashed writers left; answers the bytes that remain.

    `room` is how much must become free in any case, for the disk may be full long before the allowed size is reached.
    """
    now = _clock(root)
    _clear_orphans(root, now)
    packs: list[Kept] = []
    for pack in _packs(root):
        if now - pack.written > kept.seconds:
            _discard(pack.path)
        else:
            packs.append(pack)
    total = sum(pack.size for pack in packs)
    goal = min(int(kept.max_bytes * SLACK) if total > kept.max_bytes else total, total - room)
    for pack in sorted(packs, key=lambda one: one.written):
        if total <= goal:
            break
        if now - pack.used > READING_SECONDS:
            _discard(pack.path)
            total -= pack.size
    return total


def part_name(number: int) -> str:
    """Name of a part, from 0."""
    return f"p{number}"


def _packs(root: Path) -> Iterator[Kept]:
    with os.scandir(root) as entries:
        folders = [Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False)]
    for folder in folders:
        # Another writer may remove it meanwhile; a folder without a manifest is none of ours.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if not folder.name.startswith("."):
                written = (folder / MANIFEST).stat().st_mtime
                size = sum(file.stat().st_size for file in folder.iterdir() if _OURS.fullmatch(file.name))
                yield Kept(folder, size, written, folder.stat().st_mtime)


def _clear_orphans(root: Path, now: float) -> None:
    for aside in (*root.glob(f"{WRITING}*"), *root.glob(f"{LEAVING}*")):
        with contextlib.suppress(FileNotFoundError):
            if now - aside.stat().st_mtime > ORPHAN_SECONDS:
                _remove(aside)


def _put_in_place(draft: Path, place: Path) -> None:
    for turn in range(TURNS):
        try:
            draft.rename(place)
        except OSError as error:
            if error.errno not in _TAKEN or turn == TURNS - 1:
                raise
            _discard(place)
        else:
            return


def _discard(pack: Path) -> None:
    """Take a pack off the shelf in one step, then remove it."""
    aside = pack.with_name(f"{LEAVING}{uuid.uuid4().hex}")
    with contextlib.suppress(FileNotFoundError):
        pack.rename(aside)
        _remove(aside)


def _remove(folder: Path) -> None:
    """Remove what is ours of a folder, and the folder if that was all; the rest is tried again as an orphan."""
    with contextlib.suppress(FileNotFoundError):
        for file in folder.iterdir():
            if _OURS.fullmatch(file.name):
                file.unlink(missing_ok=True)
    # A file that is still open somewhere leaves a trace on NFS until it is closed.
    with contextlib.suppress(OSError):
        folder.rmdir()


def _clock(root: Path) -> float:
    """The time by the clock that also dates the packs; that of a file server need not agree with ours."""
    mark = root / CLOCK
    mark.touch()
    return mark.stat().st_mtime


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as sink:
        sink.write(data)
        sink.flush()
        os.fsync(sink.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network shares write folders through and know no such call.
        if error.errno not in UNSYNCABLE:
            raise
    finally:
        os.close(descriptor)
