"""Where a film really ends, and whether that is earlier than it should."""

from dataclasses import dataclass

MISSING_TAIL_MS = 2000
"""A film may end this much before its container says so without being called truncated."""

AGREED_MS = 100
"""Closer than this, the film stream's own word and what was seen are the same."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known after the walk, in milliseconds; None for what nobody said or saw.

    `claimed_ms` is the container's word (0 when it gives none), `believed_ms` what the plan made of it, `video_ms` the
    film stream's own word, `seen_ms` where the last picture stops showing when the walk went that far. `cut_off` when the
    file is shorter than its own header or index says.
    """

    claimed_ms: int
    believed_ms: int
    video_ms: int | None
    seen_ms: int | None
    cut_off: bool = False

    @property
    def duration_ms(self) -> int:
        """Length of the film as far as it exists; a container that claims less than film and sight agree on is wrong."""
        if self.seen_ms is None:
            return self.believed_ms
        if self.video_ms is not None and abs(self.video_ms - self.seen_ms) <= AGREED_MS:
            return max(1, self.seen_ms)
        return max(1, min(self.believed_ms or self.seen_ms, self.seen_ms))

    def partial(self, interval_ms: int) -> bool:
        """Whether the film's tail is missing from the file.

        Sound that outlasts the picture is no missing tail, nor is a claim that a whole index refutes.
        """
        if self.cut_off:
            return True
        if self.seen_ms is None or self.believed_ms < self.claimed_ms:
            return False
        due = self.believed_ms
        if self.video_ms is not None and 0 < self.video_ms < due:
            due = self.video_ms
        return due - self.seen_ms > max(MISSING_TAIL_MS, interval_ms)

    def owed_ms(self, interval_ms: int) -> int:
        """The length whose slots are counted: with the missing tail when there is one."""
        return max(self.duration_ms, self.believed_ms) if self.partial(interval_ms) else self.duration_ms
