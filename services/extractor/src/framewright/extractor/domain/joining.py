"""Recordings joined end to end in one file, each with time stamps of its own: where they meet, and how far apart."""

from fractions import Fraction

JUMP_BACK_MS = 1000
JUMP_AHEAD_MS = 10_000
"""Time stamps that run backwards, or ahead, by more are those of another recording."""


class Joins:
    """Follows the decode times of a file read from its beginning; every recording goes on where the one before it ended."""

    def __init__(self, time_base: Fraction) -> None:
        self._back, self._ahead = (int(span / 1000 / time_base) for span in (JUMP_BACK_MS, JUMP_AHEAD_MS))
        self._shift = 0
        self._last: int | None = None

    def shift(self, stamp: int, duration: int) -> int:
        """What to add to the time stamps of the next packet, decoded at `stamp`; all in the stream's own units."""
        if self._last is not None and not -self._back <= stamp + self._shift - self._last <= self._ahead:
            self._shift = self._last + duration - stamp
        self._last = stamp + self._shift
        return self._shift
