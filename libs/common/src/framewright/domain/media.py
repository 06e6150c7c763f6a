"""Paths as people and servers spell them, and the one form in which they are compared.

Two spellings exist of every path: the one to *send* (to the kernel, to a server; never altered) and the one to *compare*
(NFC, separators unified, drive letters and Windows names case-folded). Code that compares raw strings is wrong.
"""

import hashlib
import re
import unicodedata
from enum import StrEnum

from framewright.domain.errors import BadPath

MAX_PATH_BYTES = 4096
"""PATH_MAX of Linux; a longer path cannot be opened, so it is refused at the door."""

VIDEO_SUFFIXES = frozenset({
    ".3gp", ".asf", ".avi", ".divx", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg",
    ".mpg", ".mts", ".ogm", ".ogv", ".rm", ".rmvb", ".ts", ".vob", ".webm", ".wmv",
})  # fmt: skip
"""What counts as a video, in scans and in orphan checks alike (one set, so that nothing scanned looks orphaned)."""

_DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/]|$)")


class Flavour(StrEnum):
    """How a path's owner spells it."""

    POSIX = "posix"
    WINDOWS = "windows"


def flavour_of(path: str) -> Flavour:
    r"""Windows for `C:\x`, `C:/x` and `\\nas\share`; POSIX for everything else."""
    return Flavour.WINDOWS if _DRIVE.match(path) or path.startswith("\\\\") else Flavour.POSIX


def segments(path: str) -> tuple[str, ...]:
    r"""The comparable parts of a path: NFC; on Windows case-folded, drive or UNC host first.

    `/data/Films` and `/data//Films/` are equal, `/data` is no prefix of `/data_16tb2`, `C:\TV` equals `c:/tv`.
    """
    text = unicodedata.normalize("NFC", path)
    if flavour_of(path) is Flavour.WINDOWS:
        unc = text.startswith(("\\\\", "//"))
        parts = [part for part in re.split(r"[\\/]+", text.casefold()) if part not in {"", "."}]
        return ("\\\\", *parts) if unc else tuple(parts)
    return ("/", *(part for part in text.split("/") if part not in {"", "."}))


def is_under(path: str, prefix: str) -> bool:
    """Whether `path` is `prefix` or lies below it, compared segment by segment."""
    head = segments(prefix)
    return segments(path)[: len(head)] == head


def rebase(path: str, old: str, new: str) -> str | None:
    r"""`path` with its leading `old` replaced by `new`, spelled in `new`'s flavour; None when `path` is not under `old`.

    The part below `old` keeps its own spelling (case, normalisation), only separators change.
    """
    if not is_under(path, old):
        return None
    tail = _tail(path, len(segments(old)))
    separator = "\\" if flavour_of(new) is Flavour.WINDOWS and "\\" in new else "/"
    root = new.rstrip("\\/")
    if not tail:
        return root or new
    return root + separator + separator.join(tail)


def canonical(path: str) -> str:
    """A local path that may be looked up: absolute, POSIX, no `.`/`..`/empty segments, spelled as given.

    Raises:
        BadPath: empty, relative, too long, with `..`, NUL or another control character, or in Windows spelling.
    """
    reject_hostile(path)
    if not path.startswith("/"):
        raise BadPath(f"path must be absolute: {shorten(path)!r}")
    return "/" + "/".join(part for part in path.split("/") if part not in {"", "."})


def reject_hostile(path: str) -> None:
    r"""Refuse what no mapping can make safe, in either flavour.

    Raises:
        BadPath: see `canonical`; Windows spelling passes here because a mapping may translate it.
    """
    if not path:
        raise BadPath("path is empty")
    if len(path) > MAX_PATH_BYTES or len(path.encode("utf-8", "surrogatepass")) > MAX_PATH_BYTES:
        raise BadPath(f"path is longer than {MAX_PATH_BYTES} bytes")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in path):
        raise BadPath("path holds control characters")
    if ".." in re.split(r"[\\/]", path):
        raise BadPath("path climbs with '..'")


def media_id(path: str) -> str:
    """The identity of a canonical path: blake2b-128 of its NFC form, 32 hex digits; safe as a subject token and KV key."""
    return hashlib.blake2b("/".join(segments(path)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def is_video(path: str) -> bool:
    """Whether the name ends like a video file."""
    return suffix(path) in VIDEO_SUFFIXES


def stem(path: str) -> str:
    """File name without its last extension."""
    name = re.split(r"[\\/]", path)[-1]
    head, dot, _ = name.rpartition(".")
    return head if dot and head else name


def suffix(path: str) -> str:
    """The last extension in lower case with its dot; empty when there is none."""
    name = re.split(r"[\\/]", path)[-1]
    head, dot, tail = name.rpartition(".")
    return f".{tail.lower()}" if dot and head else ""


def folder(path: str) -> str:
    """The directory that holds the file, in the path's own spelling."""
    cut = max(path.rfind("/"), path.rfind("\\"))
    return path[:cut] or path[: cut + 1]


def shorten(path: str, limit: int = 120) -> str:
    """A path short enough for a log line."""
    return path if len(path) <= limit else f"{path[: limit // 2]}…{path[-limit // 2 :]}"


def _tail(path: str, skip: int) -> list[str]:
    pattern = r"[\\/]+" if flavour_of(path) is Flavour.WINDOWS else r"/+"
    raw = [part for part in re.split(pattern, path) if part not in {"", "."}]
    anchors = 1 if segments(path)[:1] in {("/",), ("\\\\",)} else 0
    return raw[skip - anchors :]
