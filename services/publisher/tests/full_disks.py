"""Disks that take no more, without root: a limit that the system sets, and a small disk of its own for a process."""

import resource
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

MOUNT = 'mount -t tmpfs -o "size=$1" none "$2" && shift 2 && exec "$@"'


@contextmanager
def a_disk_that_takes(size: int) -> Generator[None]:
    """No file may grow beyond so many bytes: the system refuses as a full disk does, in the middle of a write."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def on_a_small_disk(size: str, folder: Path, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command that sees a disk of this size (`64k`) in the place of the folder; nobody else sees it."""
    inside = ["unshare", "-Urm", "sh", "-c", MOUNT, "sh", size, str(folder), *command]
    return subprocess.run(inside, capture_output=True, text=True, check=False, timeout=60)
