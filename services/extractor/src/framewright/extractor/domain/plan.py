"""From a container's keyframe index to the walks that fetch the pictures, or the reason why the index is no use.

A *walk* begins at one keyframe. It takes the keyframe's own picture, or decodes forward from it to slots that hold no
keyframe, or both. A slot [iN, (i+1)N) takes the keyframe nearest to its start: inside it, or a rounding before it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from framewright.extractor.domain.request import Mode
from framewright.extractor.domain.slots import Slot, early_ms, is_sliver, slots_between
from framewright.formats.framepack import CLOSE_MS

SLACK_MS = 30_000
"""The last keyframe may lie this long before the end, or `SLACK_SHARE` of the film, whichever is longer."""

SLACK_SHARE = 0.05
FEW_KEYS = 3
"""An index with fewer keyframes is often what is left of a lost one; it must reach within `FEW_KEYS_SLACK_MS`."""

FEW_KEYS_SLACK_MS = 10_000
FORWARD_LIMIT_MS = 30_000
"""Film decoded without serving a slot before the nearest keyframe is accepted instead."""

TAIL_FACTOR = 4
"""The bytes after the last keyframe may last this many times longer than the film's average says."""


@dataclass(frozen=True, slots=True)
class Key:
    """A keyframe: time stamp in the stream's own units (to seek), byte position, time in the film, bytes (0: unknown)."""

    pts: int
    pos: int
    time_ms: int
    size: int = 0


@dataclass(frozen=True, slots=True)
class FilmIndex:
    """What the container claims. `fault` is its own reason not to be trusted, empty when there is none.

    `keys` are in the container's order, `duration_ms` counts from the film's start, `data_end` is the first byte after
    the last picture that the index knows, or the length that the file's header announces (0 when neither says).
    """

    keys: tuple[Key, ...]
    duration_ms: int
    frame_ms: float
    file_bytes: int
    data_end: int = 0
    fault: str = ""

    @property
    def cut_off(self) -> bool:
        """Whether the file is shorter than it must be."""
        return self.data_end > self.file_bytes


@dataclass(frozen=True, slots=True)
class Walk:
    """Seek to `key`; take its picture if `take_key`; then decode forward to each of `targets`."""

    key: Key
    take_key: bool = False
    targets: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The walks in the order of the file; or, when `linear` gives a reason, none: read the file from end to end."""

    duration_ms: int
    slots: tuple[Slot, ...] = ()
    walks: tuple[Walk, ...] = ()
    linear: str = ""
    warnings: tuple[str, ...] = ()


def plan(index: FilmIndex, intervals_ms: Sequence[int], mode: Mode = Mode.WINDOW) -> Plan:
    """How to fetch a picture for every slot of these rhythms from this film."""
    duration = believable_duration(index)
    linear = index_fault(index, duration)
    if linear:
        return Plan(index.duration_ms, linear=linear)
    slots = slots_between(0, duration, intervals_ms) or slots_between(0, 1, intervals_ms)
    draft = _Draft(index, mode, duration)
    for slot in slots:
        draft.serve(slot)
    warnings = draft.warnings()
    if duration < index.duration_ms:
        warnings.append(
            f"the header claims {index.duration_ms / 1000:.0f} s, the index ends at {index.keys[-1].time_ms / 1000:.0f} s"
        )
    return Plan(duration, tuple(slots), draft.walks(), warnings=tuple(warnings))


def replan(index: FilmIndex, missing: Sequence[Slot]) -> tuple[Walk, ...]:
    """Walks for slots whose keyframe turned out to be broken or elsewhere: forward from the keyframe before them."""
    draft = _Draft(index, Mode.WINDOW, believable_duration(index))
    for slot in missing:
        if not is_sliver(slot, draft.duration_ms):
            draft.decode_forward(slot)
    return draft.walks()


def believable_duration(index: FilmIndex) -> int:
    """The claimed duration in ms, bounded by where the index ends and by how long the bytes after that can last.

    A header that claims ten hours for a minute of film must not make anyone seek for ten hours. An index with few keyframes
    refutes nothing.
    """
    if len(index.keys) < FEW_KEYS:
        return index.duration_ms
    last = index.keys[-1]
    rate = max(last.pos, 1) / max(last.time_ms, 1)
    tail = TAIL_FACTOR * max(0, index.file_bytes - last.pos) / rate
    return min(index.duration_ms, int(last.time_ms + max(tail, _slack(index, last.time_ms))))


def index_fault(index: FilmIndex, duration_ms: int) -> str:
    """Why the index cannot lead through a film of this length; empty when it can."""
    if index.fault:
        return index.fault
    if not index.keys:
        return "the index lists no keyframe"
    if index.cut_off or max(key.pos for key in index.keys) >= index.file_bytes:
        return "the file is shorter than its index"
    if any(later.time_ms < sooner.time_ms for sooner, later in pairwise(index.keys)):
        return "the index is out of order"
    if index.keys[-1].time_ms < duration_ms - _slack(index, duration_ms):
        return f"the index ends at {index.keys[-1].time_ms / 1000:.0f} s of {duration_ms / 1000:.0f} s"
    return ""


def _slack(index: FilmIndex, duration_ms: int) -> float:
    return max(SLACK_MS, SLACK_SHARE * duration_ms) if len(index.keys) >= FEW_KEYS else FEW_KEYS_SLACK_MS


@dataclass(slots=True)
class _Draft:
    """Collects what each keyframe is wanted for."""

    index: FilmIndex
    mode: Mode
    duration_ms: int
    taken: set[int] = field(default_factory=set[int])
    forward: defaultdict[int, list[Slot]] = field(default_factory=lambda: defaultdict[int, list[Slot]](list))
    times: list[int] = field(init=False)
    strangers: int = 0
    bounded: int = 0

    def __post_init__(self) -> None:
        self.times = [key.time_ms for key in self.index.keys]

    def serve(self, slot: Slot) -> None:
        """Choose a keyframe that may stand for the slot, else decode forward (window) or take a stranger (fast)."""
        place = bisect_left(self.times, slot.start_ms)
        lead = slot.start_ms - self.times[place - 1] if place else slot.start_ms
        if place < len(self.times) and self.times[place] < slot.end_ms:
            close = place > 0 and lead <= min(CLOSE_MS, self.times[place] - slot.start_ms)
            self.taken.add(place - close)
        elif place and lead <= early_ms(self.index.frame_ms):
            self.taken.add(place - 1)
        elif self.mode is Mode.WINDOW and place and not is_sliver(slot, self.duration_ms):
            self.decode_forward(slot)
        else:
            self.strangers += not is_sliver(slot, self.duration_ms)
            self.taken.add(self._nearest(slot))

    def decode_forward(self, slot: Slot) -> None:
        """From the keyframe before the slot, unless that is further than is worth while."""
        place = max(0, bisect_left(self.times, slot.start_ms) - 1)
        targets: Mapping[int, list[Slot]] = self.forward
        gained = targets[place][-1].start_ms if targets.get(place) else self.times[place]
        if slot.start_ms - gained > FORWARD_LIMIT_MS:
            self.bounded += 1
            self.taken.add(self._nearest(slot))
            return
        self.forward[place].append(slot)

    def walks(self) -> tuple[Walk, ...]:
        """One walk per keyframe that is wanted, in the order of the file."""
        wanted = sorted(self.taken | self.forward.keys(), key=lambda place: self.index.keys[place].pos)
        return tuple(
            Walk(self.index.keys[place], place in self.taken, tuple(self.forward.get(place, ()))) for place in wanted
        )

    def warnings(self) -> list[str]:
        """What the reader of the report should know, in words."""
        said: list[str] = []
        if self.strangers:
            said.append(f"{self.strangers} slots without a keyframe of their own show the nearest one")
        if self.bounded:
            said.append(f"{self.bounded} slots lie too far from a keyframe and show the nearest one")
        return said

    def _nearest(self, slot: Slot) -> int:
        place = bisect_left(self.times, slot.start_ms)
        around = [near for near in (place - 1, place) if 0 <= near < len(self.times)]
        return min(around, key=lambda near: abs(self.times[near] - slot.start_ms))
