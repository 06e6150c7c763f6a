"""Where discovery looks."""

import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from framewright.extractor.domain.acceleration import Choices


@dataclass(frozen=True, slots=True)
class Host:
    """The roots of a machine's device files, its platform as `sys.platform`, and what its operator chose.

    `ffmpeg` is used instead of PATH's; `choices` are the same that the decoders of films obey.
    """

    sysfs: Path = Path("/sys")
    dev: Path = Path("/dev")
    proc: Path = Path("/proc")
    platform: str = sys.platform
    ffmpeg: str = ""
    choices: Choices = field(default_factory=Choices)

    def program(self, name: str) -> str:
        """Full path of a program that PATH holds, empty when it holds none."""
        return shutil.which(name) or ""

    @property
    def ffmpeg_path(self) -> str:
        """The ffmpeg that decodes where PyAV cannot, empty when there is none."""
        return self.program(self.ffmpeg or "ffmpeg")


def first_line(path: os.PathLike[str]) -> str:
    """First line of a small file of the kernel, empty when it cannot be read."""
    return next(iter(lines_of(path)), "")


def lines_of(path: os.PathLike[str]) -> list[str]:
    """Lines of a small file of the kernel, none when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
