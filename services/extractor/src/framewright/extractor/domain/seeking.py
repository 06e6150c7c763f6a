"""Path B: films without an index that can still be searched by time, as recordings of broadcasts can.

One seek per slot finds the first keyframe after the slot's start. It pays while keyframes lie close together and time
stamps only grow; a `Tally` notices when they do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from framewright.extractor.domain.plan import FilmIndex, Key, Walk
from framewright.extractor.domain.slots import Slot, slots_between

SEARCHABLE = frozenset({"mpegts", "mpeg"})
"""Formats that are searched by time; in others a file without an index is read from end to end."""

WORTH_SECONDS = 60
WORTH_SLOTS = 4
"""A shorter film is read from end to end: finding the place costs more than reading on."""

WORTH_SHARE = 0.6
"""Share of the file's bytes that the search may cost; more, and reading on without seeking is cheaper."""

PROBATION = 6
"""Seeks before the search is judged."""

TOLERATED_STRAYS = 0.1
TOLERATED_MISSES = 0.5
STRAY_MS = 12_000
"""A keyframe that lies further from where it was looked for, beyond the slot's own length, is a sign of jumping time stamps."""

UNKNOWN_PLACE = -1

LEAP_SLOTS, LEAP_SHARE = 6, 0.3
"""Between neighbouring keyframes never lie more bytes than so many slots usually take, or this share of the file."""


def time_walks(index: FilmIndex, slots: Sequence[Slot], taken_format: str) -> tuple[Walk, ...]:
    """One walk per slot, its place in the file unknown; none when the film is not to be searched by time."""
    if taken_format not in SEARCHABLE or index.duration_ms < WORTH_SECONDS * 1000 or len(slots) < WORTH_SLOTS:
        return ()
    return tuple(Walk(Key(0, UNKNOWN_PLACE, slot.start_ms), targets=(slot,)) for slot in slots)


def searched_slots(index: FilmIndex, intervals_ms: Sequence[int]) -> tuple[Slot, ...]:
    """The slots of a film whose length only its container knows."""
    return tuple(slots_between(0, index.duration_ms, intervals_ms))


@dataclass(slots=True)
class Tally:
    """How the search goes: seeks made, bytes they cost, slots without a keyframe, keyframes far from their place.

    `places` are (time in ms, byte position) of the keyframes found.
    """

    bytes_per_slot: float
    seeks: int = 0
    bytes_read: int = 0
    misses: int = 0
    strays: int = 0
    places: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def note(self, slot: Slot, found_ms: int | None, bytes_read: int) -> None:
        """One more seek: the first keyframe found after the slot's start, None when there was none, and its cost."""
        self.seeks += 1
        self.bytes_read += bytes_read
        if found_ms is None or found_ms >= slot.end_ms:
            self.misses += 1
        if found_ms is not None and found_ms - slot.end_ms > STRAY_MS + slot.end_ms - slot.start_ms:
            self.strays += 1

    @property
    def verdict(self) -> str:
        """Why the file had better be read from end to end; empty while the search pays."""
        if self.seeks < PROBATION:
            return ""
        if self.strays > self.seeks * TOLERATED_STRAYS:
            return "its time stamps jump"
        if self.bytes_read > self.seeks * self.bytes_per_slot * WORTH_SHARE:
            return "searching it by time costs as much as reading it"
        if self.misses > self.seeks * TOLERATED_MISSES:
            return "its keyframes lie too far apart"
        return ""

    def leap(self, file_bytes: int) -> str:
        """What speaks for two recordings in one file, whose time stamps begin again; empty when nothing does.

        Asked at the end of the search: a part of the file that no time stamp led to must not go unseen.
        """
        most = max(2 * self.bytes_per_slot, min(LEAP_SLOTS * self.bytes_per_slot, LEAP_SHARE * file_bytes))
        positions = [0, *(pos for _, pos in sorted(self.places)), file_bytes]
        if all(0 <= later - sooner <= most for sooner, later in pairwise(positions)):
            return ""
        return "its time stamps begin again"
