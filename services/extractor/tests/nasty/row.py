"""One line of the table of nasty files: what the file is, how it is made, what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .films import FPS, SECONDS, Studio

INTERVAL_MS = 2000


def steady(first_ms: float = 0, fps: float = FPS) -> Callable[[int], float]:
    """When each frame shows, for a film whose first frame shows at `first_ms`."""
    return lambda number: first_ms + number * 1000 / fps


USUAL = steady()


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine raises an error with this code."""

    code: str

    def cells(self) -> tuple[str, str, str]:
        """What comes of it, path and pictures, as the document shows them."""
        return f"`{self.code}`", "", ""


@dataclass(frozen=True, slots=True)
class Shown:
    """Pictures come out: how the file was walked, how many slots it owes, how many of them stay without a picture.

    `clock` says when a burnt-in frame number shows, None when the pictures are too small, too spoilt or too short to
    carry one. `size` is that of the thumbnails. `guessed` pictures are what a decoder made of damaged data.
    """

    path: str = "index"
    slots: int = SECONDS * 1000 // INTERVAL_MS
    holes: int = 0
    partial: bool = False
    clock: Callable[[int], float] | None = USUAL
    size: tuple[int, int] = (320, 180)
    guessed: int = 0

    def cells(self) -> tuple[str, str, str]:
        """What comes of it, path and pictures, as the document shows them."""
        return "partial" if self.partial else "whole", self.path, f"{self.slots - self.holes} of {self.slots}"


@dataclass(frozen=True, slots=True)
class Row:
    """One nasty file. `harm` is done to it as soon as its first bytes are read; `as_nobody` opens it without rights."""

    case: str
    made: str
    make: Callable[[Studio], Path]
    end: Refused | Shown
    note: str = ""
    harm: Callable[[Path], object] | None = None
    as_nobody: bool = False

    def cells(self) -> tuple[str, ...]:
        """The row of the table as the document shows it."""
        return self.case, self.made, *self.end.cells(), self.note
