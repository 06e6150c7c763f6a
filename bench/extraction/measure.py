"""One command, measured from outside: time, processor, memory and bytes of the whole tree of processes.

The kernel adds a child's processor time and bytes to its parent's when the parent reaps it; both are read after the command
ended and before it is reaped here. The sum of memory over the tree is sampled. All that happens in a small process of its
own (`launch.py`): a command starts as a copy of whoever starts it, and the kernel counts that copy's memory as its peak.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """One run. Seconds, bytes; `peak` is the largest process's memory, `tree` the most that all held at one moment.

    `requested` are the bytes of all read calls (film, programs, pipes), `disk` those that came from the disk, `media` what
    the command itself says it asked of the film (None when it does not say).
    """

    wall: float
    cpu: float
    peak: int
    tree: int
    requested: int
    disk: int
    code: int = 0
    media: int | None = None
    output: str = ""

    def then(self, other: "Sample") -> "Sample":
        """Both runs, one after the other, as one."""
        return replace(
            other,
            wall=self.wall + other.wall,
            cpu=self.cpu + other.cpu,
            peak=max(self.peak, other.peak),
            tree=max(self.tree, other.tree),
            requested=self.requested + other.requested,
            disk=self.disk + other.disk,
        )


def drop_from_cache(path: Path) -> None:
    """Have the kernel forget a file's pages, so that the next read comes from the disk; needs no rights."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)


def run(command: Sequence[str]) -> Sample:
    """Run a command to its end; `output` is what it printed, or the end of its complaints when it failed."""
    launcher = Path(__file__).with_name("launch.py")
    done = subprocess.run((sys.executable, "-I", "-S", str(launcher), *command), stdout=subprocess.PIPE, check=True)
    return Sample(**json.loads(done.stdout))
