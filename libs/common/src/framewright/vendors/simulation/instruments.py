"""Faults to inject into a simulated server and the record of what it was asked."""

from collections import deque
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

MASK = "***"
_MOST_CALLS = 10_000


class FaultKind(StrEnum):
    """How an answer goes wrong."""

    LATENCY = "latency"  # answers late
    STATUS = "status"  # answers with a status of its own
    RESET = "reset"  # the connection breaks in the middle of the answer
    MALFORMED = "malformed"  # answers 200 with something else


class Fault(msgspec.Struct, frozen=True):
    """One fault for the calls whose method and path match (shell patterns), `times` times (None: until cleared)."""

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    times: int | None = None
    status: int = 503
    seconds: float = 0.0
    retry_after: int | None = None
    body: str = "<html><body>It works!</body></html>"
    content_type: str = "text/html"


class Recorded(msgspec.Struct, frozen=True):
    """One call as it came, secrets masked; `body` is its text, cut short."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str = ""


class Watched(msgspec.Struct, frozen=True):
    """Somebody plays the file at this path, in the server's spelling; `state` is playing, paused or buffering."""

    path: str
    state: str = "playing"
    transcoding: bool = False
    user: str = "admin"


class Instruments:
    """The faults that are set, the calls that came, newest last, who watches what, and how often streams were cut."""

    def __init__(self) -> None:
        self.calls: deque[Recorded] = deque(maxlen=_MOST_CALLS)
        self.watched: list[Watched] = []
        self.cuts = 0
        self._faults: list[tuple[Fault, int | None]] = []

    def inject(self, *faults: Fault) -> None:
        """Add faults; the first that matches a call applies."""
        self._faults.extend((fault, fault.times) for fault in faults)

    def watch(self, *watched: Watched) -> None:
        """From now on exactly this is played; nothing ends by itself."""
        self.watched = list(watched)

    def cut_streams(self) -> None:
        """End every stream of events that is open now."""
        self.cuts += 1

    def clear(self) -> None:
        """Remove every fault."""
        self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that applies to this call, counted down."""
        for place, (fault, left) in enumerate(self._faults):
            if left == 0 or not (fnmatchcase(method, fault.method) and fnmatchcase(path, fault.path)):
                continue
            self._faults[place] = (fault, None if left is None else left - 1)
            return fault
        return None

    def asked(self, method: str, path: str) -> list[Recorded]:
        """The recorded calls whose method and path match (shell patterns)."""
        return [call for call in self.calls if fnmatchcase(call.method, method) and fnmatchcase(call.path, path)]
