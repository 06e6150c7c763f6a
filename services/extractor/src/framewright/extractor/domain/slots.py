"""Slots of several rhythms at once, and which picture may stand for which.

The rule is the frame pack's: a picture stands for a slot when it lies inside it, or starts so shortly before it that it
still shows when the slot begins. All times are integer milliseconds from the film's start.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from framewright.domain.frames import slot_count
from framewright.formats.framepack import EARLY_MS, slot_places

SLIVER_SHARE, SLIVER_MS = 0.1, 500
"""A last slot of which the film covers less than this share, and less than this time, is a sliver."""

PictureT = TypeVar("PictureT")


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A stretch [start, end) of the film that wants a picture."""

    start_ms: int
    end_ms: int


def slots_between(first_ms: int, until_ms: int, intervals_ms: Sequence[int]) -> list[Slot]:
    """The slots of all rhythms that start in [first, until), by start; slots that coincide are listed once."""
    found = {
        Slot(start, start + interval)
        for interval in intervals_ms
        for start in range(max(0, -(-first_ms // interval)) * interval, until_ms, interval)
    }
    return sorted(found)


def is_sliver(slot: Slot, duration_ms: int) -> bool:
    """Whether so little of the film lies in its last slot that nobody ever rests there: not worth decoding forward to."""
    covered = duration_ms - slot.start_ms
    return slot.start_ms > 0 and covered < min(SLIVER_SHARE * (slot.end_ms - slot.start_ms), SLIVER_MS)


def count_slots(duration_ms: int, intervals_ms: Sequence[int]) -> int:
    """Number of slots of all rhythms together."""
    return sum(slot_count(duration_ms, interval) for interval in set(intervals_ms))


class Coverage:
    """The times of the pictures found so far, and which slots they serve; `frame_ms` is how long one frame shows."""

    def __init__(self, frame_ms: float) -> None:
        self.early_ms = early_ms(frame_ms)
        self.times: list[int] = []

    def add(self, time_ms: int) -> None:
        """A picture was found at this time."""
        insort(self.times, time_ms)

    def serves(self, slot: Slot) -> bool:
        """Whether some picture may stand for the slot."""
        place = bisect_left(self.times, slot.start_ms - self.early_ms)
        return place < len(self.times) and self.times[place] < slot.end_ms

    def missing(self, slots: Iterable[Slot]) -> list[Slot]:
        """Those of the slots that no picture serves, in the given order."""
        return [slot for slot in slots if not self.serves(slot)]

    def holes(self, duration_ms: int, intervals_ms: Sequence[int]) -> int:
        """Number of unserved slots of a film of this length; a sliver at its end shows what came before it."""
        served = 0
        for interval in set(intervals_ms):
            near = {(time + lead) // interval for time in self.times for lead in (0, self.early_ms)}
            whole = slot_count(duration_ms, interval)
            served += sum(
                self.serves(Slot(number * interval, (number + 1) * interval)) for number in near if number < whole
            )
        slivers = sum(self._spares(duration_ms, interval) for interval in set(intervals_ms))
        return count_slots(duration_ms, intervals_ms) - served - slivers

    def _spares(self, duration_ms: int, interval_ms: int) -> bool:
        """Whether the last slot is a sliver that only the slot before it has a picture for."""
        start = (slot_count(duration_ms, interval_ms) - 1) * interval_ms
        before, last = Slot(start - interval_ms, start), Slot(start, start + interval_ms)
        return is_sliver(last, duration_ms) and self.serves(before) and not self.serves(last)


def standing(times_ms: Sequence[int], duration_ms: int, intervals_ms: Sequence[int]) -> list[int]:
    """Those of the ascending times whose pictures stand for a slot of these rhythms when a frame pack is read."""
    places = {place for interval in intervals_ms for place in slot_places(times_ms, duration_ms, interval)}
    return [times_ms[place] for place in sorted(places)]


def early_ms(frame_ms: float) -> int:
    """How long before its slot a picture may start: one frame, never more than the frame pack's reader accepts."""
    return max(1, min(EARLY_MS, round(frame_ms)))


def choose(
    pictures: Iterable[tuple[int, PictureT]], targets: Iterable[Slot], early: int
) -> Iterator[tuple[int, PictureT]]:
    """For each slot the first picture inside it, else the last one at most `early` ms before it; else nothing.

    `pictures` come in the order of time and are read no further than the last slot needs.
    """
    waiting = deque(sorted(targets))
    last: tuple[int, PictureT] | None = None
    for picture in pictures:
        while waiting and picture[0] >= waiting[0].start_ms:
            slot = waiting.popleft()
            found = picture if picture[0] < slot.end_ms else _just_before(slot, last, early)
            if found is not None:
                yield found
        if not waiting:
            return
        last = picture
    yield from filter(None, (_just_before(slot, last, early) for slot in waiting))


def _just_before(slot: Slot, last: tuple[int, PictureT] | None, early: int) -> tuple[int, PictureT] | None:
    return last if last is not None and 0 < slot.start_ms - last[0] <= early else None
