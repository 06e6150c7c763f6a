"""Moving outputs to where their video went, so that at every moment a whole output lies in the old place or in the new one.

Within a file system a move is one rename. Across two it is a copy that is put in place whole; only when it is on disk there is
the old one removed, first the file that it is known by. A move that was cut off is simply done again: what is left in the
old place is moved.
"""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from framewright.domain.errors import Retry
from framewright.domain.publishing import Output, OutputKind
from framewright.publisher.adapters.remover import clear, own_files
from framewright.publisher.adapters.writer import (
    discard_drafts,
    like,
    make_parents,
    put_file,
    put_folder,
    stage_file,
    stage_folder,
    sync_folder,
    temporary,
)

CHUNK = 1024 * 1024

IN_THE_WAY = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR})
"""What a rename of a folder says where another folder, a file or a link is already."""


def move(old: str, output: Output, *, keep: bool = False) -> None:
    """Bring an output from its old place to its new one, for good when it returns; with `keep` the old one stays too.

    Raises:
        Retry: code UNWRITABLE with the reason of the operating system; nothing was lost.
    """
    source, final = Path(old), Path(output.path)
    try:
        make_parents(final.parent, Path(output.root))
        discard_drafts(final, output.kind)
        if keep or not _renamed(source, output):
            _copy(source, output)
            if not keep:
                clear(source, output.kind)
        sync_folder(source.parent)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Retry(f"{output.path} cannot be written: {why}", code="UNWRITABLE") from error


def _renamed(source: Path, output: Output) -> bool:
    """Whether one rename did it; False where there are two file systems."""
    final = Path(output.path)
    _dress(source, output.kind, final.parent)
    try:
        _rename(source, output)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    sync_folder(final.parent)
    return True


def _rename(source: Path, output: Output) -> None:
    """Rename; what is in the way of a folder is of another file and goes first, while ours lies in its old place."""
    final = Path(output.path)
    try:
        source.rename(final)
    except OSError as error:
        if output.kind is OutputKind.BIF or error.errno not in IN_THE_WAY or not os.path.lexists(final):
            raise
    else:
        return
    with temporary(final, output.kind) as aside:
        final.rename(aside)
    source.rename(final)


def _dress(source: Path, kind: OutputKind, model: Path) -> None:
    """Give what is ours the owner and mode of its new folder while it lies in the old one: after a kill nobody would."""
    if source.is_symlink():
        return
    for file in () if kind is OutputKind.BIF else own_files(source, kind):
        like(file, model, is_folder=False)
    like(source, model, is_folder=kind is not OutputKind.BIF)


def _copy(source: Path, output: Output) -> None:
    """Copy what is ours; what else lies in the old folder stays there."""
    final = Path(output.path)
    with temporary(final, output.kind) as draft:
        if output.kind is OutputKind.BIF:
            stage_file(draft, _chunks(source), final.parent)
            put_file(draft, final)
        else:
            files = own_files(source, output.kind)
            stage_folder(draft, ((file.name, _chunks(file)) for file in files), final.parent)
            put_folder(draft, final)


def _chunks(source: Path) -> Iterator[bytes]:
    with source.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk
