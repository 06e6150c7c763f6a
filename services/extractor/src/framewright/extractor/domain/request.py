"""What the engine is asked and what it answers; importable without any decoder."""

from dataclasses import dataclass
from enum import StrEnum

from framewright.formats.framepack import ExtractionReport


class Mode(StrEnum):
    """How hard to try for a slot without a keyframe of its own."""

    WINDOW = "window"  # decode forward to the slot: every picture comes from inside its slot
    FAST = "fast"  # keyframes only: the nearest one stands in


class Tonemap(StrEnum):
    """The curve that brings HDR light down to what a thumbnail can show; names as in ffmpeg's tonemap filter."""

    HABLE = "hable"
    REINHARD = "reinhard"
    MOBIUS = "mobius"
    GAMMA = "gamma"
    LINEAR = "linear"
    CLIP = "clip"


@dataclass(frozen=True, slots=True)
class ExtractionRequest:
    """One file and what is wanted of it.

    `intervals_ms` may hold several rhythms, one decode serves them all. `width` is in pixels and even, `quality` 1
    (finest) to 10 as ffmpeg's q:v. `threads` decoders work side by side on the one file.

    Raises:
        ValueError: an interval, width, quality or number of threads that makes no sense.
    """

    path: str
    intervals_ms: tuple[int, ...]
    width: int = 320
    quality: int = 4
    tonemap: Tonemap = Tonemap.HABLE
    mode: Mode = Mode.WINDOW
    threads: int = 1

    def __post_init__(self) -> None:
        if not self.intervals_ms or min(self.intervals_ms) < MIN_INTERVAL_MS:
            raise ValueError(f"an interval must be at least {MIN_INTERVAL_MS} ms")
        if not MIN_WIDTH <= self.width <= MAX_WIDTH or self.width % 2:
            raise ValueError(f"the width must be even, {MIN_WIDTH} to {MAX_WIDTH} pixels")
        if not 1 <= self.quality <= MAX_QUALITY or self.threads < 1:
            raise ValueError(f"quality is 1 to {MAX_QUALITY}, threads at least 1")


@dataclass(frozen=True, slots=True)
class Extraction:
    """What came of it: `frames` are (milliseconds from the film's start, JPEG), strictly increasing in time.

    `duration_ms` is the film as far as it could be read; `partial` says that its tail is missing from the file.
    """

    frames: tuple[tuple[int, bytes], ...]
    width: int
    height: int
    duration_ms: int
    partial: bool
    report: ExtractionReport


MIN_INTERVAL_MS = 100
"""Closer pictures are a film, not a preview."""

MIN_WIDTH = 16
MAX_WIDTH = 4096
MAX_QUALITY = 10
