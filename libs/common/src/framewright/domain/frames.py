"""Slots, renditions and fingerprints: what is asked of the extractor and what makes an output stale.

A *slot* is a stretch of the film that one thumbnail stands for: slot i covers [i·N, (i+1)·N). A *rendition* is one
(width, interval) that some server wants. All times are integer milliseconds from the start of the film.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

FORMAT_VERSION = 2
"""Raised whenever the same settings would give different pictures; part of every fingerprint."""

NARROWEST, WIDEST = 16, 4096
"""Pixels of the thumbnails that can be made."""


@dataclass(frozen=True, slots=True, order=True)
class FileVersion:
    """One state of a file: size in bytes and modification time in nanoseconds."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, order=True)
class Rendition:
    """One size and rhythm of thumbnails: width in pixels (even), interval in milliseconds."""

    width: int
    interval_ms: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What shapes the pixels besides size: JPEG quality 1 (finest) to 10, as ffmpeg's q:v; tone-map curve for HDR."""

    quality: int = 4
    tonemap: str = "hable"


def pack_key(path_id: str, version: FileVersion, width: int, picture: Picture) -> str:
    """Name of the frame pack that holds this file version at this width: `<32 hex>.<variant>`, safe in a subject."""
    content = _digest(path_id, version.size, version.mtime_ns)
    return f"{content}.w{width}-q{picture.quality}-{picture.tonemap}-v{FORMAT_VERSION}"


def fingerprint(version: FileVersion, rendition: Rendition, picture: Picture, further: Sequence[Rendition] = ()) -> str:
    """Everything an output depends on, in 32 hex digits; an output with another fingerprint is stale.

    With `further` renditions it is that of all their outputs together, in whatever order they are named.
    """
    return _digest(
        version.size,
        version.mtime_ns,
        *(part for one in sorted({rendition, *further}) for part in (one.width, one.interval_ms)),
        picture.quality,
        picture.tonemap,
        FORMAT_VERSION,
    )


def slot_count(duration_ms: float, interval_ms: int) -> int:
    """Number of slots in a film; at least one, a last short slot counts."""
    return max(1, -(-int(duration_ms) // interval_ms))


def _digest(*parts: object) -> str:
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()
