"""Which version of a file lies at a path, without opening it."""

import os
import stat
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
