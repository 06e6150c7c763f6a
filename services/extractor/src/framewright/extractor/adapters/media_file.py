"""Which version of a file lies at a path, and whether it has come to rest, without opening it."""

import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from framewright.domain.errors import BadPath, Reject, Retry
from framewright.domain.frames import FileVersion
from framewright.domain.media import canonical, shorten


def version_of(path: str, media_root: str) -> FileVersion:
    """Size and modification time of a regular file under the media root, links followed.

    Raises:
        BadPath: the path may not be looked at, or leads out of the media root.
        Reject: code NOT_A_FILE.
        Retry: code FILE_MISSING or UNREADABLE.
    """
    file = Path(canonical(path))
    try:
        found = os.stat(file)  # noqa: PTH116 - one call for size, time and kind
        inside = media_root == "/" or file.resolve(strict=True).is_relative_to(Path(media_root).resolve())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Retry(f"no file at {shorten(path)}", code="FILE_MISSING") from error
    except OSError as error:
        raise Retry(f"{shorten(path)} cannot be looked at: {error.strerror}", code="UNREADABLE") from error
    if not inside:
        raise BadPath(f"{shorten(path)} leads out of the media root")
    if not stat.S_ISREG(found.st_mode):
        raise Reject(f"{shorten(path)} is not a regular file", code="NOT_A_FILE")
    return FileVersion(found.st_size, found.st_mtime_ns)


MOST_REMEMBERED = 10_000
"""Files that are waited for at once; beyond that the oldest is looked at afresh."""


@dataclass(frozen=True, slots=True)
class _Look:
    version: FileVersion
    at: float


class QuietFiles:
    """Tells how long a file must still be left alone until it counts as whole: `quiet_seconds()` without a change, 0: none.

    The modification time answers that at once. Where it lies in the future (the clock of a file server, a careless tool)
    it says nothing, and the file must look the same twice, that long apart.
    """

    def __init__(self, quiet_seconds: Callable[[], int], clock: Callable[[], float] = time.time) -> None:
        self._quiet_seconds = quiet_seconds
        self._clock = clock
        self._looks: dict[str, _Look] = {}

    def quiet_in(self, path: str, version: FileVersion) -> float:
        """Seconds until the file at this path will have been quiet for long enough; 0 when it has."""
        quiet = self._quiet_seconds()
        age = self._clock() - version.mtime_ns / 1e9
        left = quiet - age if age >= 0 else quiet - self._seen_for(path, version)
        if quiet <= 0 or left <= 0:
            self._looks.pop(path, None)
            return 0.0
        return left

    def _seen_for(self, path: str, version: FileVersion) -> float:
        """Seconds since this very version was first seen here."""
        look = self._looks.get(path)
        if look is None or look.version != version:
            look = self._looks[path] = _Look(version, time.monotonic())
        if len(self._looks) > MOST_REMEMBERED:
            del self._looks[next(iter(self._looks))]
        return time.monotonic() - look.at
