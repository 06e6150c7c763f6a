"""What servers say of themselves while it happens, in words that all vendors share.

An event is a reason to look and never a proof: whoever hears it asks the server, as it would have done a little later.
"""

from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """What an event is about."""

    OPENED = "opened"
    """The line stands: from now on everything is heard, and nothing that happened before."""

    PLAYBACK = "playback"
    """Somebody began to play, paused, went on or stopped."""

    LIBRARY = "library"
    """A scan or a refresh came to its end, or items changed."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event; `item_ids` are the items that changed, where the server names them."""

    kind: EventKind
    item_ids: tuple[str, ...] = ()
