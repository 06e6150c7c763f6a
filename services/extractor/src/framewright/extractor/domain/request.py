"""What the engine is asked and what it answers; importable without any decoder."""

from dataclasses import dataclass
from enum import StrEnum

from framewright.domain.frames import NARROWEST, WIDEST, Rendition
from framewright.formats.framepack import ExtractionReport

CPU = "cpu"
"""The device that every machine has."""


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

    One decode serves every rendition, whatever its width and interval. `quality` is 1 (finest) to 10 as ffmpeg's q:v.
    `threads` decoders work side by side on the one file. `device` decodes; `device_threads` caps the CPU threads of a
    decoder process there (0: no cap); what it refused before, as `codec/profile`, is decoded on the CPU at once.

    Raises:
        ValueError: an interval, width, quality or number of threads that makes no sense.
    """

    path: str
    renditions: tuple[Rendition, ...]
    quality: int = 4
    tonemap: Tonemap = Tonemap.HABLE
    mode: Mode = Mode.WINDOW
    threads: int = 1
    device: str = CPU
    device_threads: int = 0
    refused: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.renditions or min(self.intervals_ms) < MIN_INTERVAL_MS:
            raise ValueError(f"an interval must be at least {MIN_INTERVAL_MS} ms")
        if any(not NARROWEST <= width <= WIDEST or width % 2 for width in self.widths):
            raise ValueError(f"the width must be even, {NARROWEST} to {WIDEST} pixels")
        if not 1 <= self.quality <= MAX_QUALITY or self.threads < 1:
            raise ValueError(f"quality is 1 to {MAX_QUALITY}, threads at least 1")

    @property
    def widths(self) -> tuple[int, ...]:
        """Every width once, ascending."""
        return tuple(sorted({rendition.width for rendition in self.renditions}))

    @property
    def intervals_ms(self) -> tuple[int, ...]:
        """Every interval once, ascending."""
        return tuple(sorted({rendition.interval_ms for rendition in self.renditions}))

    def intervals_of(self, width: int) -> tuple[int, ...]:
        """The intervals wanted at this width, ascending."""
        return tuple(sorted({one.interval_ms for one in self.renditions if one.width == width}))


@dataclass(frozen=True, slots=True)
class Strip:
    """The pictures of one width: (milliseconds from the film's start, JPEG), strictly increasing in time."""

    width: int
    height: int
    frames: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What came of it: one strip per width of the request, in that order.

    `duration_ms` is the film as far as it could be read; `partial` says that its tail is missing from the file.
    `video_width` is the stored width of the film in pixels.
    """

    strips: tuple[Strip, ...]
    duration_ms: int
    partial: bool
    report: ExtractionReport
    video_width: int = 0

    def strip(self, width: int) -> Strip:
        """The strip of a width that was asked for."""
        return next(strip for strip in self.strips if strip.width == width)


MIN_INTERVAL_MS = 100
"""Closer pictures are a film, not a preview."""

MAX_QUALITY = 10
