"""Slots, keyframes and burnt-in numbers: which keyframe a slot needs, and what a picture's number says. Pure.

Slot i is [iN, (i+1)N). A picture counts as inside its slot when it is on the screen at some moment of it: it starts in the
slot, or less than one picture's length before it.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

ROUNDING = 0.002
"""Seconds by which a container's clock may be off: Matroska counts milliseconds."""


def slot_count(last: float, interval: float) -> int:
    """Slots of a film whose last picture starts at `last`: as many as hold the start of a picture."""
    return math.floor((last - ROUNDING) / interval) + 1


def needed_keys(times: Sequence[float], slots: int, interval: float, frame: float) -> list[int]:
    """Places in `times` (ascending) of the keyframes that serve the slots, each once.

    A slot takes the first keyframe inside it; one without takes the keyframe that is nearest to its start.
    """
    chosen = {_best(times, number * interval, interval, frame) for number in range(slots)}
    return sorted(chosen)


def own_keys(times: Sequence[float], slots: int, interval: float, frame: float) -> bool:
    """Whether every slot has a keyframe of its own."""
    starts = [number * interval for number in range(slots)]
    chosen = [(start, times[_best(times, start, interval, frame)]) for start in starts]
    return all(-frame - ROUNDING < time - start < interval for start, time in chosen)


def _best(times: Sequence[float], start: float, interval: float, frame: float) -> int:
    place = bisect_left(times, start - frame + ROUNDING)
    if place < len(times) and times[place] < start + interval:
        return place
    near = [other for other in (place - 1, place) if 0 <= other < len(times)]
    return min(near, key=lambda other: abs(times[other] - start))


def when(number: int, near: float, times: Sequence[float], period: int) -> float:
    """When the picture with this burnt-in number shows: the number repeats every `period` pictures, so the time nearest.

    Raises:
        ValueError: the film has no picture of this number.
    """
    shows = times[number::period] if 0 <= number < period else ()
    if not shows:
        raise ValueError(f"no picture of this film carries the number {number}")
    place = bisect_left(shows, near)
    return min(shows[max(0, place - 1) : place + 1], key=lambda time: abs(time - near))


@dataclass(frozen=True, slots=True)
class Truth:
    """How right the pictures of one method are; errors in seconds, from the slot's start to when the picture shows."""

    slots: int
    pictures: int
    unreadable: int
    unique: int
    mean_error: float
    max_error: float
    inside: float


def judge(numbers: Sequence[int | None], slots: int, interval: float, times: Sequence[float], period: int) -> Truth:
    """Compare what each picture's number says with the slot it stands for; None is a picture that cannot be read.

    Pictures past the last slot are counted, not judged.
    """
    frame = (times[-1] - times[0]) / max(1, len(times) - 1)
    shown: list[float] = []
    errors: list[float] = []
    inside = 0
    for slot, number in enumerate(numbers[:slots]):
        if number is None or not 0 <= number < period:
            continue
        time = when(number, slot * interval, times, period)
        shown.append(time)
        errors.append(abs(time - slot * interval))
        inside += -frame - ROUNDING < time - slot * interval < interval
    return Truth(
        slots=slots,
        pictures=len(numbers),
        unreadable=min(len(numbers), slots) - len(shown),
        unique=len(set(shown)),
        mean_error=sum(errors) / len(errors) if errors else math.inf,
        max_error=max(errors, default=math.inf),
        inside=inside / slots,
    )


def objections(truth: Truth, interval: float, largest_gap: float, *, promises_slot: bool) -> list[str]:
    """Why a method is out of the race, in words; empty when it is in.

    Any method must give a readable picture for every slot (one may be missing at the end) from not further away than a
    keyframe can be; one that `promises_slot` must keep its pictures inside their slots.
    """
    said: list[str] = []
    if truth.unreadable:
        said.append(f"{truth.unreadable} pictures are broken")
    if truth.pictures < truth.slots - 1:
        said.append(f"{truth.slots - truth.pictures} pictures are missing")
    if truth.max_error > largest_gap + interval:
        said.append(f"a picture is {truth.max_error:.1f} s away from its slot")
    if promises_slot and truth.inside < 0.99:
        said.append(f"only {truth.inside:.1%} of the pictures are from their own slot")
    return said
