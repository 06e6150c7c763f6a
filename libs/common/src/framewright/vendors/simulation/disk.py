"""Libraries over real folders: a shelf maps what a simulated server calls a folder to where it is on this machine."""

from dataclasses import dataclass
from pathlib import Path

from framewright.domain.media import is_video, rebase

KINDS = ("movie", "show")


@dataclass(frozen=True, slots=True)
class Shelf:
    """One library: `remote` is its root in the server's spelling, `local` the folder that really holds the files."""

    name: str
    kind: str
    remote: str
    local: str


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A video on a shelf; `remote` is how the server spells its path."""

    shelf: Shelf
    remote: str
    local: str
    size: int
    mtime_ns: int


def parse_shelf(text: str) -> Shelf:
    """The shelf in `NAME=KIND=REMOTE=LOCAL`; the kind is movie or show.

    Raises:
        ValueError: a part is missing, or the kind is another.
    """
    name, kind, remote, local = [*text.split("=", 3), "", "", ""][:4]
    if not (name and remote and local) or kind not in KINDS:
        raise ValueError(f"a library is NAME=KIND=REMOTE=LOCAL with KIND one of {', '.join(KINDS)}: {text!r}")
    return Shelf(name, kind, remote, str(Path(local).resolve()))


def local_path(shelf: Shelf, remote: str) -> str | None:
    """Where the server's path is on this machine; None when the shelf does not hold it."""
    return rebase(remote, shelf.remote, shelf.local)


def found_files(shelf: Shelf, below: str) -> list[FoundFile]:
    """The videos in or under the local folder `below`, hidden ones left out."""
    found: list[FoundFile] = []
    for path in sorted(Path(below).rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(shelf.local).parts)
        remote = rebase(str(path), shelf.local, shelf.remote)
        if hidden or remote is None or not is_video(path.name) or not path.is_file():
            continue
        state = path.stat()
        found.append(FoundFile(shelf, remote, str(path), state.st_size, state.st_mtime_ns))
    return found
