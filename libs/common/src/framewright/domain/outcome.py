"""How work on one file for one server can end; nothing ends without one of these words."""

from enum import StrEnum


class Outcome(StrEnum):
    """The named end (or waiting state) of one file on one server."""

    PUBLISHED = "published"  # written, and the server told
    ADOPTED = "adopted"  # the server itself shows it
    UP_TO_DATE = "up_to_date"  # a fresh output was already there
    NOT_OWNED = "not_owned"  # no enabled library of any server holds the path
    EXCLUDED = "excluded"  # an exclude rule of the server covers it
    COALESCED = "coalesced"  # another job for the same path is already waiting and covers this one
    FILE_MISSING = "file_missing"  # no file at the path after every retry
    UNVERIFIED = "unverified"  # written, but the server could not be seen to show it
    FAILED = "failed"
    CANCELLED = "cancelled"
    REMOVED = "removed"  # the video is gone, and with it what was made of it
    WAITING = "waiting"  # will be tried again; `next_try` says when
    RUNNING = "running"

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in {Outcome.WAITING, Outcome.RUNNING}


class ChangeKind(StrEnum):
    """What a source says happened to a path."""

    ADDED = "added"
    UPGRADED = "upgraded"
    RENAMED = "renamed"
    DELETED = "deleted"
    CHANGED = "changed"
