"""Writing outputs so that nobody ever sees half of one.

A file is written under a temporary name beside its final one, flushed to disk, and renamed over it. A folder is staged
beside its parent (never inside it: Jellyfin deletes what it does not know there) and exchanged with the old one in a single
step where the file system can (Linux `renameat2`), else in two renames. New files and folders get the owner and mode of
the folder that receives them.
"""

import contextlib
import ctypes
import errno
import os
import shutil
import time
import uuid
from collections.abc import Generator, Iterable
from pathlib import Path

from framewright.domain.errors import Retry
from framewright.domain.publishing import Located, Output, OutputKind
from framewright.publisher.domain.outputs import VTT_NAME, Film, bif_chunks, folder_files

TEMPORARY = ".framewright-"

STALE_SECONDS = 3600.0
"""A temporary name this old belongs to a process that died."""

AT_FDCWD = -100
RENAME_EXCHANGE = 2
NO_EXCHANGE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV})
MODE_BITS = 0o7777

_libc = ctypes.CDLL(None, use_errno=True)


def present(located: Located) -> bool:
    """Whether every output is there and not empty."""
    return all(is_there(output) for output in located.outputs)


def write(located: Located, film: Film) -> None:
    """Write or replace every output.

    Raises:
        Retry: code UNWRITABLE with the reason of the operating system (full, read-only, permissions).
    """
    for output in located.outputs:
        try:
            _write(output, film)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise Retry(f"{output.path} cannot be written: {why}", code="UNWRITABLE") from error


def _write(output: Output, film: Film) -> None:
    final = Path(output.path)
    staging = staging_for(output)
    make_parents(final.parent, Path(output.root))
    sweep(staging)
    with temporary(staging) as draft:
        if output.kind is OutputKind.BIF:
            write_synced(draft, bif_chunks(film, output))
            like(draft, final.parent, is_folder=False)
            draft.replace(final)
        else:
            _stage_folder(draft, folder_files(film, output), final.parent)
            put_folder(draft, final)
    sync_folder(final.parent)


def staging_for(output: Output) -> Path:
    """Where an output is made ready: outside `<stem>.trickplay`, where the server deletes what it does not know."""
    place = Path(output.path).parent
    return place.parent if output.kind is OutputKind.TRICKPLAY else place


def is_there(output: Output) -> bool:
    """Whether the output is on disk and not empty."""
    path = Path(output.path)
    sample = {OutputKind.BIF: path, OutputKind.TRICKPLAY: path / "0.jpg", OutputKind.WEBVTT: path / VTT_NAME}[
        output.kind
    ]
    try:
        return sample.stat().st_size > 0
    except OSError:
        return False


def _stage_folder(draft: Path, files: Iterable[tuple[str, bytes]], model: Path) -> None:
    draft.mkdir()
    for name, data in files:
        write_synced(draft / name, (data,))
        like(draft / name, model, is_folder=False)
    like(draft, model, is_folder=True)
    sync_folder(draft)


def put_folder(draft: Path, final: Path) -> None:
    """Put a folder that is ready into its place; what was there is under the draft's name afterwards, or gone."""
    if not os.path.lexists(final):
        draft.rename(final)
    elif not _exchange(draft, final):
        _swap(draft, final)


def _swap(draft: Path, final: Path) -> None:
    """Two renames where the file system cannot exchange; the old folder is back if the second one fails."""
    aside = draft.with_name(f"{draft.name}.old")
    final.rename(aside)
    try:
        draft.rename(final)
    except OSError:
        aside.rename(final)
        raise
    discard(aside)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; False where that is not possible."""
    renameat2 = getattr(_libc, "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in NO_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code))


@contextlib.contextmanager
def temporary(parent: Path) -> Generator[Path]:
    """A name that does not exist yet; what is left under it afterwards is removed."""
    draft = parent / f"{TEMPORARY}{uuid.uuid4().hex}"
    try:
        yield draft
    finally:
        discard(draft)


def write_synced(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a new file and wait until it is on disk."""
    with path.open("xb") as sink:
        for chunk in chunks:
            sink.write(chunk)
        sink.flush()
        os.fsync(sink.fileno())


def make_parents(folder: Path, root: Path) -> None:
    """Create what is missing below the root, never the root itself: a missing root is an unmounted disk."""
    if not root.is_dir():
        raise FileNotFoundError(errno.ENOENT, "its root folder is missing (not mounted?)", str(root))
    missing = [parent for parent in (folder, *folder.parents) if parent.is_relative_to(root) and not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(exist_ok=True)
        like(parent, parent.parent, is_folder=True)


def like(path: Path, model: Path, *, is_folder: bool) -> None:
    """Give a new entry the owner and mode of the folder it lands in; without the right to, it keeps our own."""
    wanted = model.stat()
    mode = wanted.st_mode & MODE_BITS
    with contextlib.suppress(OSError):  # some network and FAT disks know neither owner nor mode
        path.chmod(mode if is_folder else mode & 0o666)
        os.chown(path, wanted.st_uid, wanted.st_gid)


def sweep(folder: Path) -> None:
    """Remove what a killed publisher left behind here; leases see to it that nobody else is writing the same output."""
    for left in folder.glob(f"{TEMPORARY}*"):
        if _age(left) > STALE_SECONDS:
            discard(left)


def discard(path: Path) -> None:
    """Remove a file, a folder with all it holds, or a link without what it points to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return time.time() - path.lstat().st_mtime
    except OSError:
        return 0.0


def sync_folder(folder: Path) -> None:
    """Wait until the names in the folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
