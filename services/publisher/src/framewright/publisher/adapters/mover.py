"""Moving outputs to where their video went, so that at every moment a whole output lies in the old place or in the new one.

Within a file system a move is one rename. Across two it is a copy that is flushed to disk, put in place whole, and only then
is the old one removed. A move that was cut off is simply done again: what is left in the old place is moved.
"""

import errno
from collections.abc import Iterator
from pathlib import Path

from framewright.domain.errors import Retry
from framewright.domain.publishing import Output
from framewright.publisher.adapters.writer import (
    discard,
    like,
    make_parents,
    put_folder,
    staging_for,
    sync_folder,
    temporary,
    write_synced,
)

CHUNK = 1024 * 1024


def move(old: str, output: Output, *, keep: bool = False) -> None:
    """Bring an output from its old place to its new one; with `keep` the old one stays too.

    Raises:
        Retry: code UNWRITABLE with the reason of the operating system; nothing was lost.
    """
    source, final = Path(old), Path(output.path)
    try:
        make_parents(final.parent, Path(output.root))
        if keep or not _renamed(source, final, staging_for(output)):
            _copy(source, final, staging_for(output))
            if not keep:
                discard(source)
        sync_folder(final.parent)
        sync_folder(source.parent)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Retry(f"{output.path} cannot be written: {why}", code="UNWRITABLE") from error


def _renamed(source: Path, final: Path, staging: Path) -> bool:
    """Whether one rename did it. A folder in the way is of another file; while it is put away ours lies in its old place."""
    with temporary(staging) as aside:
        if final.is_dir() and not final.is_symlink():
            final.rename(aside)
        try:
            source.rename(final)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            return False
    return True


def _copy(source: Path, final: Path, staging: Path) -> None:
    with temporary(staging) as draft:
        if source.is_dir():
            draft.mkdir()
            for file in source.iterdir():
                _copy_file(file, draft / file.name, final.parent)
            like(draft, final.parent, is_folder=True)
            sync_folder(draft)
            put_folder(draft, final)
        else:
            _copy_file(source, draft, final.parent)
            draft.replace(final)


def _copy_file(source: Path, target: Path, model: Path) -> None:
    write_synced(target, _chunks(source))
    like(target, model, is_folder=False)


def _chunks(source: Path) -> Iterator[bytes]:
    with source.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk
