"""Live progress: published without storage, because only someone who is looking right now wants it."""

from typing import ClassVar

from framewright.contracts.base import Message


class ProgressV1(Message, frozen=True, kw_only=True):
    """How far one extraction is, 0 to 1, and on which device it runs; at most one a second per file."""

    HEAD: ClassVar[str] = "live.v1.progress"
    job_ids: tuple[str, ...]
    path_id: str
    path: str
    fraction: float
    worker: str
    device: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.path_id,)

    def dedupe_key(self) -> str:
        return ""
