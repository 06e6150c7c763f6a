"""Things of the file system that are no file, or do not stay what they are."""

import os
from pathlib import Path

from .films import Studio
from .row import Refused, Row, Shown

NOT_A_FILE, MISSING, CHANGED = Refused("NOT_A_FILE"), Refused("FILE_MISSING"), Refused("FILE_CHANGED")


def _copy(studio: Studio, name: str = "film.mkv") -> Path:
    return studio.write(name, studio.film("seed.mkv").read_bytes())


def _link(studio: Studio, target: str | Path) -> Path:
    path = studio.folder / "link.mkv"
    path.symlink_to(target)
    return path


def _pipe(studio: Studio) -> Path:
    path = studio.folder / "pipe.mkv"
    os.mkfifo(path)
    return path


def _folder(studio: Studio) -> Path:
    path = studio.folder / "folder.mkv"
    path.mkdir()
    return path


def _locked(studio: Studio) -> Path:
    path = _copy(studio)
    path.chmod(0)
    return path


def _replace(path: Path) -> None:
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def _grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(1000))


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


ROWS = (
    Row("folder", "a folder called .mkv", _folder, NOT_A_FILE),
    Row("pipe", "a FIFO", _pipe, NOT_A_FILE, "never opened: it would block"),
    Row("device", "a link to /dev/zero", lambda studio: _link(studio, "/dev/zero"), NOT_A_FILE, "never opened"),
    Row("loop of links", "a link to itself", lambda studio: _link(studio, "link.mkv"), NOT_A_FILE),
    Row("link to a film", "a symbolic link", lambda studio: _link(studio, studio.film("seed.mkv")), Shown()),
    Row(
        "no file", "a name that is not there", lambda studio: studio.folder / "missing.mkv", MISSING, "it may come back"
    ),
    Row("dangling link", "a link to nowhere", lambda studio: _link(studio, "nowhere.mkv"), MISSING),
    Row("a file for a folder", "a path through a film", lambda studio: _copy(studio) / "film.mkv", MISSING),
    Row(
        "path of 5000 characters",
        "longer than any kernel takes",
        lambda studio: studio.folder / ("x" * 5000),
        NOT_A_FILE,
    ),
    Row("path with NUL", "a name that C cannot hold", lambda studio: studio.folder / "a\0b.mkv", NOT_A_FILE),
    Row("unreadable", "no permission", _locked, Refused("UNREADABLE"), as_nobody=True),
    Row("replaced while read", "another file under the name", _copy, CHANGED, harm=_replace),
    Row("deleted while read", "unlinked", _copy, MISSING, harm=Path.unlink),
    Row("growing while read", "1000 bytes more", _copy, CHANGED, harm=_grow),
    Row("cut while read", "half of it gone", _copy, CHANGED, harm=_cut),
    Row("name with a line break", "a copy", lambda studio: _copy(studio, "a\nb.mkv"), Shown()),
    Row("name with emoji", "a copy", lambda studio: _copy(studio, "\N{FILM FRAMES}\N{CLAPPER BOARD}.mkv"), Shown()),
    Row("name that is no UTF-8", "a copy", lambda studio: _copy(studio, os.fsdecode(b"\xff\xfe.mkv")), Shown()),
)
