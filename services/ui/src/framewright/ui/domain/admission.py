"""Who gets in: sessions, the rate of login attempts, and which requests a foreign site may have forged."""

import math
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

SESSION_SECONDS = 7 * 86_400

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_CLIENTS = 1024


@dataclass(frozen=True, slots=True)
class Session:
    """What a session cookie says: until when (seconds since 1970), and a digest of the token it was opened with."""

    until: int
    token: str
    purpose: str = "session"

    def holds(self, at: float, token: str) -> bool:
        """Whether it is valid now and for the token in force."""
        return self.purpose == "session" and at < self.until and self.token == token


class Turnstile:
    """At most `limit` passages per client in `window` seconds.

    Counted in this process: with several replicas each counts for itself, so the whole lets that many times more through.
    """

    def __init__(self, limit: int = 5, window: float = 60.0) -> None:
        self._limit = limit
        self._window = window
        self._passed: OrderedDict[str, deque[float]] = OrderedDict()

    def standing(self, client: str, at: float) -> tuple[int, int, int]:
        """How many passages there are in a window, how many the client has left, and in how many seconds it has one more."""
        passed = [moment for moment in self._passed.get(client, ()) if at - moment < self._window]
        more = self._window - (at - passed[0]) if passed else 0.0
        return self._limit, max(0, self._limit - len(passed)), math.ceil(more)

    def wait(self, client: str, at: float) -> float:
        """Seconds until the client may try; 0 lets it through and counts it."""
        passed = self._passed.setdefault(client, deque())
        self._passed.move_to_end(client)
        if len(self._passed) > _CLIENTS:
            self._passed.popitem(last=False)
        while passed and at - passed[0] >= self._window:
            passed.popleft()
        if len(passed) >= self._limit:
            return self._window - (at - passed[0])
        passed.append(at)
        return 0.0


def same_site(headers: Mapping[str, str], *, lenient: bool = False) -> bool:
    """Whether a page of ours, or no page at all, sent a request that carries its authority by itself (a cookie).

    A foreign page can neither set `X-Requested-With` without being asked nor fake its Origin. `lenient` lets a request
    pass that says nothing about where it comes from: scripts, behind an authenticating proxy.
    """
    if headers.get("x-requested-with"):
        return True
    fetched = headers.get("sec-fetch-site", "")
    origin = headers.get("origin", "")
    if fetched == "same-origin":
        return True
    if origin and origin != "null":
        return urlsplit(origin).netloc == (headers.get("x-forwarded-host") or headers.get("host"))
    return lenient and not origin and fetched in {"", "none"}


def safe_return(path: str) -> str:
    """Where to go after the login: a path of ours, never another host."""
    local = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if local else "/"


def client_of(peer: str, forwarded: str) -> str:
    """The client's address; the word of a proxy counts only when it sits on this machine."""
    last_hop = forwarded.rpartition(",")[2].strip()
    return last_hop if last_hop and peer in {"127.0.0.1", "::1"} else peer
