"""Every error that crosses a room's door, as an instruction for whoever catches it.

    FramewrightError
    ├── Retry            not now: the world may be different later
    │   ├── Busy         somebody else is at the same work; waiting is no failed attempt
    │   └── NotIndexed   the server has not seen the file yet
    │       └── Outdated it still knows an earlier version of the file
    └── Reject           never: this input cannot succeed as it is
        ├── BadPath      a path that may not be opened
        └── NoVideo      a file without a picture to show

Adapters and vendor clients translate foreign failures at the call (`raise Retry(...) from error`); only the chassis
catches these two families. `code` is a stable upper-case word for programs, the message is one sentence for people.
"""


class FramewrightError(Exception):
    """Base of both instructions; carries a machine `code` and a sentence in plain words."""

    code = "ERROR"

    def __init__(self, reason: str, *, code: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code or type(self).code


class Retry(FramewrightError):
    """The work may succeed later; `after` seconds is the earliest sensible time (None: the caller's own schedule)."""

    code = "RETRY"

    def __init__(self, reason: str, *, after: float | None = None, code: str | None = None) -> None:
        super().__init__(reason, code=code)
        self.after = after


class Busy(Retry):
    """Another worker holds the same work; this does not count as an attempt."""

    code = "BUSY"


class NotIndexed(Retry):
    """The media server does not know the file yet; it has been, or will be, told to look."""

    code = "NOT_INDEXED"


class Outdated(NotIndexed):
    """The media server knows the path, and still the file that lay there before: it has to look again."""


class Reject(FramewrightError):
    """The work can never succeed as it is; it goes to the dead letters or to the sender, with the reason."""

    code = "REJECTED"


class BadPath(Reject):
    """A path that is relative, climbs, holds control characters or leaves every allowed root."""

    code = "BAD_PATH"


class NoVideo(Reject):
    """The file holds no video stream with a decoder (audio only, cover art only)."""

    code = "NO_VIDEO"


SERVER_CODES = frozenset({"UNAUTHORIZED", "OUTPUT_ROOT_MISSING", "WRONG_SERVER"})
"""Codes of `Reject` whose cause is a server's configuration: an operator cures it, and every file waits until then."""
