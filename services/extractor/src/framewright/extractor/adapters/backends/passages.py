"""Which walk a picture belongs to, when it comes back from a decoder that only keeps its time stamp.

Every packet gets a time stamp of its own making: each walk owns a stretch of time after all earlier ones. So stamps only
grow, wherever in the film the walks lie and however they overlap, and a picture's stamp tells its walk and its true time.
"""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction

from framewright.extractor.domain.plan import Key, Walk

LEAD_SECONDS = 10
LEAD_UNITS = 1 << 14
"""How far into its stretch a walk's keyframe lies: room for pictures that show earlier, and for a reset before it."""


@dataclass(slots=True, eq=False)
class Passage:
    """One walk under way: its keyframe's true stamp, where its stretch begins, how many pictures it has shown."""

    walk: Walk
    following: Key | None
    start: int
    begin: int
    shift: int
    shown: int = 0


class Passages:
    """All walks of one child, in the order of their packets; one thread opens them, another one finds them."""

    def __init__(self, time_base: Fraction) -> None:
        self._lead = max(LEAD_UNITS, int(LEAD_SECONDS / time_base))
        self.all: list[Passage] = []
        self._begins: list[int] = []
        self._decode = 0
        self._end = 0

    def open(self, walk: Walk, following: Key | None, start: int) -> Passage:
        """The next walk; `start` is its keyframe's stamp."""
        passage = Passage(walk, following, start, self._end, self._end + self._lead - start)
        self._decode = self._end
        self._end += 2 * self._lead
        # The finder looks at the beginnings: a passage must be there before its beginning is.
        self.all.append(passage)
        self._begins.append(passage.begin)
        return passage

    def stamps(self, passage: Passage, pts: int) -> tuple[int, int]:
        """Presentation and decode stamp for a packet of the passage just opened."""
        shifted = pts + passage.shift
        self._end = max(self._end, shifted + self._lead)
        return shifted, self.reset_stamp()

    def reset_stamp(self) -> int:
        """A stamp for a packet whose picture nobody wants; it lies before the keyframe's."""
        self._decode += 1
        return self._decode

    def find(self, stamp: int) -> tuple[Passage, int] | None:
        """The passage of a picture and its true stamp; None for a stamp that was never given."""
        place = bisect_right(self._begins, stamp) - 1
        if place < 0:
            return None
        passage = self.all[place]
        return passage, stamp - passage.shift
