"""BIF, the Base Index Frames file that Plex and Emby read.

All integers are little-endian u32; N is the number of images.

    offset  size  value
    0       8     magic 89 42 49 46 0D 0A 1A 0A
    8       4     version, 0
    12      4     N
    16      4     timestamp multiplier in milliseconds; 0 means 1000
    20      44    zero
    64      8*N   index: (timestamp, offset of the image from the start of the file)
    64+8N   8     end of the index: (0xFFFFFFFF, offset after the last image)
    72+8N   …     the JPEG images in index order

An image is shown from timestamp * multiplier on. It ends where the next one starts, so offsets strictly increase and
equal images are stored as often as they are shown. Source: Roku, "Trick mode" (BIF archive), version 0.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from framewright.domain.errors import Reject

MAGIC = b"\x89BIF\r\n\x1a\n"
"""The first eight bytes of every BIF file."""

_HEADER = struct.Struct("<8s3I44x")
_ENTRY = struct.Struct("<2I")
_END = 0xFFFFFFFF
_DEFAULT_MULTIPLIER_MS = 1000


@dataclass(frozen=True, slots=True)
class Bif:
    """A parsed file: `frames` are views into the data it was read from, `times_ms` says when each one starts.

    `interval_ms` is the shortest distance between two images; with fewer than two images it is the multiplier.
    """

    interval_ms: int
    times_ms: tuple[int, ...]
    frames: tuple[memoryview, ...]


def write_bif(frames: Sequence[bytes], interval_ms: int) -> Iterator[bytes]:
    """The chunks of a BIF file with one image per slot: header and index in one, then each JPEG as given.

    Timestamps are the counters 0, 1, 2, … and the multiplier is `interval_ms`. All is checked before the first chunk.

    Raises:
        Reject: no image, an empty image, an interval outside u32 or more than 4 GiB (`BAD_BIF`).
    """
    if not frames or not all(frames):
        raise _bad("an image is empty" if frames else "there is no image to write")
    if not 0 < interval_ms < _END:
        raise _bad(f"an interval of {interval_ms} ms does not fit the header")
    first = _images_at(len(frames))
    offsets = list(accumulate(map(len, frames), initial=first))
    if offsets[-1] > _END:
        raise _bad(f"{offsets[-1]} bytes are more than its 32-bit offsets can reach")
    return _chunks(frames, interval_ms, offsets)


def read_bif(data: bytes | memoryview) -> Bif:
    """Parse a whole file without copying its images; bytes after the end that the index names are ignored.

    Raises:
        Reject: not a BIF, truncated, or with an index that contradicts itself (`BAD_BIF`).
    """
    view = memoryview(data).cast("B").toreadonly()
    count, multiplier = _read_header(view)
    entries = list(_ENTRY.iter_unpack(view[_HEADER.size : _images_at(count)]))
    stamps, offsets = [stamp for stamp, _ in entries], [offset for _, offset in entries]
    _check_index(stamps, offsets, len(view))
    times = tuple(stamp * multiplier for stamp in stamps[:-1])
    interval = min((later - sooner for sooner, later in pairwise(times)), default=multiplier)
    return Bif(interval, times, tuple(view[start:end] for start, end in pairwise(offsets)))


def _images_at(count: int) -> int:
    return _HEADER.size + _ENTRY.size * (count + 1)


def _chunks(frames: Sequence[bytes], interval_ms: int, offsets: Sequence[int]) -> Iterator[bytes]:
    stamps = (*range(len(frames)), _END)
    index = b"".join(_ENTRY.pack(stamp, offset) for stamp, offset in zip(stamps, offsets, strict=True))
    yield _HEADER.pack(MAGIC, 0, len(frames), interval_ms) + index
    yield from frames


def _read_header(view: memoryview) -> tuple[int, int]:
    if bytes(view[: len(MAGIC)]) != MAGIC:
        raise _bad("it does not start with the magic bytes")
    if len(view) < _HEADER.size:
        raise _bad(f"its header is cut off after {len(view)} bytes")
    _, version, count, multiplier = _HEADER.unpack_from(view)
    if version != 0:
        raise _bad(f"version {version} is unknown")
    if len(view) < _images_at(count):
        raise _bad(f"its index of {count} images is cut off after {len(view)} bytes")
    return count, multiplier or _DEFAULT_MULTIPLIER_MS


def _check_index(stamps: Sequence[int], offsets: Sequence[int], size: int) -> None:
    if stamps[-1] != _END:
        raise _bad("its index does not end with 0xFFFFFFFF")
    if any(later <= sooner for sooner, later in pairwise(stamps)):
        raise _bad("its timestamps do not increase")
    if any(end <= start for start, end in pairwise(offsets)):
        raise _bad("its offsets do not increase")
    if offsets[0] < _images_at(len(offsets) - 1):
        raise _bad("its first image lies inside the index")
    if offsets[-1] > size:
        raise _bad(f"its images end at byte {offsets[-1]}, the file at {size}")


def _bad(reason: str) -> Reject:
    return Reject(f"not a good BIF: {reason}", code="BAD_BIF")
