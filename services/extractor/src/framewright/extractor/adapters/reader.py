"""One open file for a whole job: sparse reads that cost what they ask for, byte counts, cancellation, identity.

Every reader of a job uses `pread` on the same descriptor, so that a file replaced half-way can never mix with the old one.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from framewright.domain.errors import FramewrightError, Reject, Retry


class CancelledError(Exception):
    """The job's owner does not want it any more; raised from inside a read and caught by the engine."""


class MediaFile:
    """A regular file opened once and never reopened by name.

    Raises:
        Retry: `FILE_MISSING` or `UNREADABLE`.
        Reject: `NOT_A_FILE` for folders, pipes, devices and symlink loops; `NOT_MEDIA` for an empty file.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._fd = _open_regular(path)
        self._first = os.fstat(self._fd)
        self.size = self._first.st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def pread(self, count: int, offset: int) -> bytes:
        """Bytes at an offset; fewer at the end of the file."""
        return os.pread(self._fd, count, offset)

    def expect_random(self) -> None:
        """Tell the kernel to read exactly what is asked for."""
        os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_RANDOM)

    def expect_sequential(self) -> None:
        """Tell the kernel to read ahead."""
        os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Start reading (position, bytes) without waiting; deepens the queue of a disk or a network share."""
        for pos, count in ranges:
            os.posix_fadvise(self._fd, pos, count, os.POSIX_FADV_WILLNEED)

    def check_unchanged(self) -> None:
        """Make sure that the name still leads to the same, untouched file.

        Raises:
            Retry: `FILE_CHANGED` when it was written to or replaced, `FILE_MISSING` when it is gone.
        """
        try:
            now = Path(self.path).stat()
        except OSError as error:
            raise translated(error, self.path) from error
        seen = (self._first.st_dev, self._first.st_ino, self._first.st_size, self._first.st_mtime_ns)
        if seen != (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns):
            raise Retry(f"{self.path} changed while it was read", code="FILE_CHANGED")


class Reader:
    """A file object over a `MediaFile` for one container; `tick` is called after every read, `stop` before it.

    While `limit` is set, the file seems to end with the read that reaches this offset.
    """

    def __init__(self, media: MediaFile, stop: Callable[[], bool], tick: Callable[[], None]) -> None:
        self._media = media
        self.size = media.size
        self._stop = stop
        self._tick = tick
        self._offset = 0
        self.bytes_read = 0
        self.limit: int | None = None
        self.failure: OSError | None = None

    def read(self, count: int) -> bytes:
        """Up to `count` bytes from here on.

        Raises:
            CancelledError: the job is not wanted any more.
            OSError: the disk or the share fails; kept in `failure`, since a demuxer may take it for the file's end.
        """
        if self._stop():
            raise CancelledError
        if self.limit is not None and self._offset >= self.limit:
            return b""
        try:
            data = self._media.pread(count, self._offset)
        except OSError as error:
            self.failure = error
            raise
        self._offset += len(data)
        self.bytes_read += len(data)
        self._tick()
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to an offset, as `io.IOBase.seek`."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._offset, os.SEEK_END: self._media.size}[whence]
        self._offset = max(0, base + offset)
        return self._offset

    def tell(self) -> int:
        """The offset of the next read."""
        return self._offset


def translated(error: OSError, path: str) -> FramewrightError:
    """A failure of the file system as an instruction."""
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return Retry(f"{path} does not exist", code="FILE_MISSING")
    if error.errno in {errno.ELOOP, errno.ENAMETOOLONG, errno.EISDIR, errno.ENXIO}:
        return Reject(f"{path} is not a file: {error.strerror}", code="NOT_A_FILE")
    return Retry(f"{path} cannot be read: {error.strerror}", code="UNREADABLE")


def _open_regular(path: str) -> int:
    try:
        # A look before the open: opening a device may already act on it, and a pipe may block.
        _refuse_special(Path(path).stat(), path)
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise translated(error, path) from error
    except ValueError as error:
        raise Reject(f"{path!r} is not a path", code="NOT_A_FILE") from error
    try:
        status = os.fstat(fd)
        _refuse_special(status, path)
        if not status.st_size:
            raise Reject(f"{path} is empty", code="NOT_MEDIA")
    except FramewrightError:
        os.close(fd)
        raise
    return fd


def _refuse_special(status: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Reject(f"{path} is not a regular file", code="NOT_A_FILE")
