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
_LONG_FORM = re.compile(r"^\\\\\?\\(?:(UNC\\)|(?=[A-Za-z]:))", re.IGNORECASE)


class Flavour(StrEnum):
    """How a path's owner spells it."""

    POSIX = "posix"
    WINDOWS = "windows"


def flavour_of(path: str) -> Flavour:
    r"""Windows for `C:\x`, `C:/x` and `\\nas\share`; POSIX for everything else."""
    return Flavour.WINDOWS if _DRIVE.match(path) or path.startswith("\\\\") else Flavour.POSIX


def segments(path: str) -> tuple[str, ...]:
    r"""The comparable parts of a path: NFC; on Windows case-folded, drive or UNC host first.

    `/data/Films` and `/data//Films/` are equal, `/data` is no prefix of `/data_16tb2`, `C:\TV` equals `c:/tv`
    and `\\?\C:\TV` (the long form of the same path).
    """
    text = unicodedata.normalize("NFC", path)
    if flavour_of(path) is Flavour.WINDOWS:
        text = _LONG_FORM.sub(lambda form: "\\\\" if form[1] else "", text)
        unc = text.startswith("\\\\")
        parts = [part for part in re.split(r"[\\/]+", text.casefold()) if part not in {"", "."}]
        return ("\\\\", *parts) if unc else tuple(parts)
    return ("/", *(part for part in text.split("/") if part not in {"", "."}))


def is_under(path: str, prefix: str) -> bool:
    """Whether `path` is `prefix` or lies below it, compared segment by segment."""
    head = segments(prefix)
    return segments(path)[: len(head)] == head


def rebase(path: str, old: str, new: str) -> str | None:
    r"""`path` with its leading `old` replaced by `new`, spelled in `new`'s flavour; None when that cannot be.

    It cannot when `path` is not under `old`, nor when a POSIX name with a backslash in it would become two Windows names.
    The part below `old` keeps its own spelling (case, normalisation), only separators change.
    """
    if not is_under(path, old):
        return None
    tail = _tail(path, len(segments(old)))
    if flavour_of(new) is Flavour.POSIX:
        return "/".join([new.rstrip("/"), *tail]) or "/"
    if any("\\" in name for name in tail):
        return None
    separator = "/" if "/" in new and "\\" not in new else "\\"
    root = new.rstrip("\\/")
    if not tail and _DRIVE.fullmatch(root):
        return root + separator  # `C:` alone would be the current folder of that drive
    return separator.join([root, *tail])


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
    name = file_name(path)
    head, dot, _ = name.rpartition(".")
    return head if dot and head else name


def suffix(path: str) -> str:
    """The last extension in lower case with its dot; empty when there is none."""
    head, dot, tail = file_name(path).rpartition(".")
    return f".{tail.lower()}" if dot and head else ""


def file_name(path: str) -> str:
    """What stands behind the last separator; a backslash separates Windows names only."""
    return path[_cut(path) + 1 :]


def folder(path: str) -> str:
    """The directory that holds the file, in the path's own spelling; the root itself keeps its separator."""
    cut = _cut(path)
    parent = path[: max(cut, 0)]
    return path[: cut + 1] if not parent or _DRIVE.fullmatch(parent) else parent


def shorten(path: str, limit: int = 120) -> str:
    """A path short enough for a log line."""
    return path if len(path) <= limit else f"{path[: limit // 2]}…{path[-limit // 2 :]}"


def _cut(path: str) -> int:
    """Where the last separator is; -1 when there is none."""
    if flavour_of(path) is Flavour.WINDOWS:
        return max(path.rfind("/"), path.rfind("\\"))
    return path.rfind("/")


def _tail(path: str, skip: int) -> list[str]:
    """The path's own spelling of its parts behind the first `skip` segments."""
    pattern = r"[\\/]+" if flavour_of(path) is Flavour.WINDOWS else r"/+"
    raw = [part for part in re.split(pattern, path) if part not in {"", "."}]
    return raw[len(raw) - (len(segments(path)) - skip) :]
