"""The shapes in which the tries of a job are answered."""

from dataclasses import dataclass
from datetime import datetime

from framewright.domain.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The tries of a job in short: how many there were, how many files wait for the next one, and when it comes."""

    tries: int = 0
    waiting: int = 0
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TryView:
    """One try of one file; `server_id` is empty where it was about the file as a whole (finding it, reading it)."""

    at: datetime
    path: str
    path_id: str
    server_id: str
    server_name: str
    attempt: int
    outcome: Outcome
    code: str
    reason: str
    next_try: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPage:
    """A page of a job's tries, the newest first; of each file the last hundred are kept."""

    attempts: tuple[TryView, ...]
    total: int
    page: int
    per_page: int
