"""Disks on which one can see what a power cut would leave: each a file system in a file, copied as it stands at that moment.

What the kernel has not written yet is not in the copy, as it would not be on the disk.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Seen = TypeVar("Seen")

SIZE = 16 << 20
LAZY = "loop,noatime,commit=600"
"""Nothing is written by itself while a test runs."""


@dataclass(frozen=True)
class Disk:
    """A mounted file system, and the file that it lies in."""

    folder: Path
    image: Path

    def flush(self) -> None:
        """Have the kernel write everything, as it may at any moment."""
        subprocess.run(["sync", "-f", self.folder], check=True)

    def after_a_cut(self, look: Callable[[Path], Seen]) -> tuple[Seen, Seen]:
        """What is seen after a power cut now: when as little was written as was asked for, and when everything was."""
        least = self._cut(look)
        self.flush()
        return least, self._cut(look)

    def _cut(self, look: Callable[[Path], Seen]) -> Seen:
        copy = self.image.with_suffix(".copy")
        shutil.copyfile(self.image, copy)
        with _mounted(copy) as folder:
            return look(folder)


@contextmanager
def a_disk(place: Path, name: str) -> Generator[Disk]:
    """A new disk, mounted while the context is open.

    Raises:
        OSError, subprocess.CalledProcessError: this machine does not let us.
    """
    image = place / f"{name}.image"
    image.touch()
    os.truncate(image, SIZE)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with _mounted(image) as folder:
        yield Disk(folder, image)


@contextmanager
def _mounted(image: Path) -> Generator[Path]:
    folder = image.with_suffix(f"{image.suffix}.disk")
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", LAZY, image, folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
