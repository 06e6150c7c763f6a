"""The frame pack: how pictures travel from the extractor to every publisher.

A pack is a few *parts*, JPEGs end to end, and one *manifest*, JSON, that says which bytes are which picture. It holds
every picture once; which picture stands for which slot is decided here, by the reader, for any interval it covers.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from framewright.domain.errors import Reject
from framewright.domain.frames import FileVersion, Picture, slot_count

SCHEMA = 1
"""Raised when a reader of today would misread the manifest of tomorrow; new fields alone do not need it."""

PART_LIMIT = 3 * 2**20
"""Bytes after which a new part begins."""

HARD_PART_LIMIT = 4 * 2**20
"""No part reaches this many bytes unless one picture alone does; keeps a part well inside a bus message."""

EARLY_MS = 50
"""How long before its slot a picture may lie and still count as the slot's: the longest usual frame, at 20 per second."""

CLOSE_MS = 10
"""Up to so long before its slot, less than the shortest usual frame, the nearest picture wins on either side of the start."""

MAX_FILLED_TAIL = 2
"""Slots after the last picture that may repeat it; a longer gap is a missing tail, and nothing is invented for it."""


class PackFrame(msgspec.Struct, frozen=True):
    """One picture: its time in the film, and its bytes as a range of a part."""

    pts_ms: int
    part: int
    offset: int
    size: int


class PartInfo(msgspec.Struct, frozen=True):
    """One part: size in bytes and blake2b-128 in hex."""

    size: int
    digest: str


class ExtractionReport(msgspec.Struct, frozen=True):
    """What the extraction did and cost; `path` is how the file was walked: `index`, `timestamp` or `linear`.

    `refused` names the `codec/profile` that the wanted device could not decode, when the CPU had to step in for it.
    """

    path: str = ""
    slots: int = 0
    decoded: int = 0
    holes: int = 0
    bytes_read: int = 0
    file_bytes: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    device: str = ""
    warnings: tuple[str, ...] = ()
    refused: str = ""


class PackHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What the pictures of a pack were taken from and how; `partial` when the file's tail could not be read.

    `width` and `height` are those of every picture, in pixels; `intervals_ms` the rhythms the pictures were chosen for.
    `video_width` is the stored width of the film itself, 0 when whoever made the pack did not say.
    """

    path_id: str
    version: FileVersion
    width: int
    height: int
    picture: Picture
    duration_ms: int
    intervals_ms: tuple[int, ...]
    partial: bool = False
    report: ExtractionReport = ExtractionReport()
    video_width: int = 0


class PackManifest(PackHeader, frozen=True, kw_only=True):
    """A header and the table of contents; `frames` strictly increase in time.

    Raises:
        ValueError: a table of contents that contradicts itself.
    """

    schema: int = SCHEMA
    frames: tuple[PackFrame, ...]
    parts: tuple[PartInfo, ...]

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise ValueError(f"schema {self.schema} is unknown")
        if not self.frames:
            raise ValueError("there is no picture")
        if not self.intervals_ms or min(self.intervals_ms) <= 0:
            raise ValueError("intervals must be positive, and at least one")
        if any(later.pts_ms <= sooner.pts_ms for sooner, later in pairwise(self.frames)):
            raise ValueError("pictures are not in the order of time")
        if not all(_lies_within(frame, self.parts) for frame in self.frames):
            raise ValueError("a picture is empty or lies outside its part")


def build_pack(
    frames: Iterable[tuple[int, bytes]], header: PackHeader, part_limit: int = PART_LIMIT
) -> tuple[list[bytes], PackManifest]:
    """Parts and manifest of a pack from (pts in ms, JPEG) in any order; a time given twice is stored once.

    A part ends before the picture that would make it longer than `part_limit` bytes; no picture is ever split.

    Raises:
        Reject: no picture, or an empty one (`BAD_PACK`).
        ValueError: `part_limit` of `HARD_PART_LIMIT` or more, or below 1.
    """
    if not 0 < part_limit < HARD_PART_LIMIT:
        raise ValueError(f"part_limit must be 1 to {HARD_PART_LIMIT - 1} bytes")
    groups: list[list[bytes]] = []
    table: list[PackFrame] = []
    filled = 0
    for pts_ms, jpeg in sorted(dict(frames).items()):
        if not groups or filled + len(jpeg) > part_limit:
            groups.append([])
            filled = 0
        table.append(PackFrame(pts_ms, len(groups) - 1, filled, len(jpeg)))
        groups[-1].append(jpeg)
        filled += len(jpeg)
    parts = [b"".join(group) for group in groups]
    return parts, _manifest(header, table, parts)


def encode_manifest(manifest: PackManifest) -> bytes:
    """The manifest as JSON."""
    return msgspec.json.encode(manifest)


def decode_manifest(data: bytes) -> PackManifest:
    """The manifest in `data`; fields of a later version are ignored.

    Raises:
        Reject: not JSON, a field missing or of another type, an unknown schema, a contradiction (`BAD_PACK`).
    """
    try:
        return msgspec.json.decode(data, type=PackManifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _bad(str(error)) from error


def check_part(manifest: PackManifest, number: int, data: bytes) -> None:
    """Make sure that `data` is part `number` (from 0) of this pack, to the last bit.

    Raises:
        Reject: no such part, or another size or digest (`BAD_PACK`).
    """
    if not 0 <= number < len(manifest.parts):
        raise _bad(f"there is no part {number}")
    expected = manifest.parts[number]
    if len(data) != expected.size:
        raise _bad(f"part {number} has {len(data)} bytes instead of {expected.size}")
    if _digest(data) != expected.digest:
        raise _bad(f"part {number} has another digest")


def pictures(manifest: PackManifest, parts: Sequence[bytes]) -> list[bytes]:
    """The JPEGs of a pack in the order of `manifest.frames`, every part checked.

    Raises:
        Reject: a part is missing, surplus or altered (`BAD_PACK`).
    """
    if len(parts) != len(manifest.parts):
        raise _bad(f"{len(parts)} parts came instead of {len(manifest.parts)}")
    for number, data in enumerate(parts):
        check_part(manifest, number, data)
    return [parts[frame.part][frame.offset : frame.offset + frame.size] for frame in manifest.frames]


def covers(manifest: PackManifest, interval_ms: int) -> bool:
    """Whether the pack serves this interval: a multiple of one it was made for, since finer pictures serve coarser slots."""
    return interval_ms > 0 and any(interval_ms % made_for == 0 for made_for in manifest.intervals_ms)


def slot_frames(manifest: PackManifest, interval_ms: int) -> list[int]:
    """For each slot [i·N, (i+1)·N) the index in `manifest.frames` of its picture; indexes never decrease.

    The first picture inside the slot is nearest to its start and stands for it, unless one lies up to `CLOSE_MS` before
    the start and nearer: time stamps are rounded. Without a picture inside, one up to `EARLY_MS` before the slot does: a
    frame still shows when the slot begins. A hole repeats the picture nearest to the slot's middle. A tail without
    pictures is filled up to `MAX_FILLED_TAIL` slots, else left out.
    """
    return slot_places([frame.pts_ms for frame in manifest.frames], manifest.duration_ms, interval_ms)


def slot_places(times_ms: Sequence[int], duration_ms: int, interval_ms: int) -> list[int]:
    """The rule of `slot_frames` for ascending times of pictures, at least one."""
    slots = slot_count(duration_ms, interval_ms)
    last = max(0, times_ms[-1] + EARLY_MS) // interval_ms
    if slots - 1 - last > MAX_FILLED_TAIL:
        slots = last + 1
    return [_slot_place(times_ms, slot * interval_ms, interval_ms) for slot in range(slots)]


def _slot_place(times: Sequence[int], start_ms: int, interval_ms: int) -> int:
    following = bisect_left(times, start_ms)
    preceding = following - 1
    if following == len(times):
        return preceding
    if preceding >= 0 and start_ms - times[preceding] <= min(CLOSE_MS, times[following] - start_ms):
        return preceding
    if preceding < 0 or times[following] < start_ms + interval_ms:
        return following
    if start_ms - times[preceding] <= EARLY_MS:
        return preceding
    # Twice the distances to the middle of the slot, which need not be a whole millisecond.
    to_following = 2 * (times[following] - start_ms) - interval_ms
    to_preceding = 2 * (start_ms - times[preceding]) + interval_ms
    return following if to_following < to_preceding else preceding


def _manifest(header: PackHeader, table: Sequence[PackFrame], parts: Sequence[bytes]) -> PackManifest:
    infos = tuple(PartInfo(len(part), _digest(part)) for part in parts)
    try:
        return PackManifest(**msgspec.structs.asdict(header), frames=tuple(table), parts=infos)
    except ValueError as error:
        raise _bad(str(error)) from error


def _lies_within(frame: PackFrame, parts: Sequence[PartInfo]) -> bool:
    if not 0 <= frame.part < len(parts):
        return False
    return frame.offset >= 0 and frame.size > 0 and frame.offset + frame.size <= parts[frame.part].size


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _bad(reason: str) -> Reject:
    return Reject(f"not a good frame pack: {reason}", code="BAD_PACK")
