"""Writing outputs so that nobody ever sees half of one.

A file is written under a temporary name beside its final one, flushed to disk, and renamed over it. A folder is staged
beside its parent (never inside it: Jellyfin deletes what it does not know there) and exchanged with the old one in a single
step where the file system can (Linux `renameat2`), else in two renames. The name is flushed too before the old one is
thrown away: a power cut leaves one of the two. New files and folders get the owner and mode of the folder that receives them.
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
from framewright.domain.media import media_id
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
    make_parents(final.parent, Path(output.root))
    sweep(staging_for(final, output.kind))
    with temporary(final, output.kind) as draft:
        if output.kind is OutputKind.BIF:
            stage_file(draft, bif_chunks(film, output), final.parent)
            put_file(draft, final)
        else:
            stage_folder(draft, ((name, (data,)) for name, data in folder_files(film, output)), final.parent)
            put_folder(draft, final)


def staging_for(path: Path, kind: OutputKind) -> Path:
    """Where an output is made ready: outside `<stem>.trickplay`, where the server deletes what it does not know."""
    return path.parent.parent if kind is OutputKind.TRICKPLAY else path.parent


def known_by(kind: OutputKind, path: Path) -> Path:
    """The file by which an output is known to be there."""
    return {OutputKind.BIF: path, OutputKind.TRICKPLAY: path / "0.jpg", OutputKind.WEBVTT: path / VTT_NAME}[kind]


def is_there(output: Output) -> bool:
    """Whether the output is on disk and not empty."""
    try:
        return known_by(output.kind, Path(output.path)).stat().st_size > 0
    except OSError:
        return False


def stage_file(draft: Path, chunks: Iterable[bytes], model: Path) -> None:
    """Write a new file as the folder `model` would have it, and wait until it is on disk."""
    with draft.open("xb") as sink:
        for chunk in chunks:
            sink.write(chunk)
        sink.flush()
        like(draft, model, is_folder=False)
        os.fsync(sink.fileno())


def stage_folder(draft: Path, files: Iterable[tuple[str, Iterable[bytes]]], model: Path) -> None:
    """Write a new folder with these files as the folder `model` would have it, and wait until it is on disk."""
    draft.mkdir()
    for name, chunks in files:
        stage_file(draft / name, chunks, model)
    like(draft, model, is_folder=True)
    sync_folder(draft)


def put_file(draft: Path, final: Path) -> None:
    """Put a file that is ready into its place, for good."""
    draft.replace(final)
    sync_folder(final.parent)


def put_folder(draft: Path, final: Path) -> None:
    """Put a folder that is ready into its place, for good; what was there is under the draft's name afterwards, or gone."""
    if not os.path.lexists(final):
        draft.rename(final)
    elif not _exchange(draft, final):
        _swap(draft, final)
    sync_folder(final.parent)


def _swap(draft: Path, final: Path) -> None:
    """Two renames where the file system cannot exchange; the old folder is back if the second one fails."""
    aside = draft.with_name(f"{draft.name}.old")
    final.rename(aside)
    try:
        draft.rename(final)
    except OSError:
        aside.rename(final)
        raise
    sync_folder(final.parent)
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
def temporary(final: Path, kind: OutputKind) -> Generator[Path]:
    """A name for an output that is made ready, under which nothing is yet; what is left there afterwards is removed."""
    draft = staging_for(final, kind) / f"{_mark(final)}{uuid.uuid4().hex}"
    try:
        yield draft
    finally:
        discard(draft)


def _mark(final: Path) -> str:
    """How the names of all drafts of one output begin."""
    return f"{TEMPORARY}{media_id(str(final))}-"


def make_parents(folder: Path, root: Path) -> None:
    """Create what is missing below the root, never the root itself: a missing root is an unmounted disk."""
    if not root.is_dir():
        raise FileNotFoundError(errno.ENOENT, "its root folder is missing (not mounted?)", str(root))
    missing = [parent for parent in (folder, *folder.parents) if parent.is_relative_to(root) and not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(exist_ok=True)
        like(parent, parent.parent, is_folder=True)
        sync_folder(parent.parent)


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


def discard_drafts(final: Path, kind: OutputKind) -> None:
    """Remove what killed publishers left of one output, however young; who still writes it finds it gone and tries again."""
    for left in staging_for(final, kind).glob(f"{_mark(final)}*"):
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
