"""What would be asked of a media server for one file, described without asking it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call: `path` is percent-encoded, `query` is not; `body` is JSON text. What only the server knows is in angle brackets.

    `when` says in words under which condition it is made. A call without a method is none: `when` then says why.
    """

    method: str
    path: str
    when: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: str = ""

    @property
    def line(self) -> str:
        """The call as one line: method, path with its query, body."""
        asked = f"?{urlencode(self.query, quote_via=quote, safe='')}" if self.query else ""
        return " ".join(filter(None, (self.method, self.path + asked, self.body)))


def no_call(why: str) -> PlannedCall:
    """Nothing is asked, and why."""
    return PlannedCall("", "", why)
