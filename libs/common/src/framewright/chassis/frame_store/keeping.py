"""How much is kept and for how long, and which names a pack may have."""

import re
from dataclasses import dataclass

from framewright.contracts.settings import FrameReuse
from framewright.domain.errors import Reject, Retry

MIB = 2**20

TRAVEL_SECONDS = 600
"""Every pack lives at least so long: it has to reach its publishers even where nobody wants to use it a second time."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long one pack is kept, in seconds, and how many bytes all of them may take together."""

    seconds: int = 3600
    max_bytes: int = 2048 * MIB


def keeping(reuse: FrameReuse) -> Keeping:
    """What the settings ask for.

    With reuse switched off a pack only travels. A server that takes longer than that to know its file costs one more
    extraction: its publisher asks for the frames again when it needs them.
    """
    wanted = reuse.ttl_minutes * 60 if reuse.enabled else 0
    return Keeping(max(wanted, TRAVEL_SECONDS), reuse.max_cache_disk_mb * MIB)


def checked(key: str) -> str:
    """The key, if it is safe as a token of a subject and as the name of a folder.

    Raises:
        Reject: code BAD_KEY.
    """
    if not _KEY.fullmatch(key) or ".." in key or key.endswith("."):
        raise Reject("that is no name of a frame pack", code="BAD_KEY")
    return key


def check_size(size: int, kept: Keeping) -> None:
    """Make sure that a pack of this many bytes fits at all; it would push itself out before anybody could read it.

    Raises:
        Retry: code FRAMES_FULL; it fits as soon as the operator allows more.
    """
    if size > kept.max_bytes:
        reason = f"the frames of this file take {size // MIB + 1} MB, frame_reuse.max_cache_disk_mb allows {kept.max_bytes // MIB}"
        raise Retry(reason, code="FRAMES_FULL")
