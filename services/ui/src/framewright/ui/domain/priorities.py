"""Urgency as operators write it, 1 (high), 2 (normal) and 3 (low), and the lanes it stands for."""

from framewright.contracts.base import Lane
from framewright.domain.errors import Reject

_LANES: dict[object, Lane] = {
    1: Lane.HI,
    2: Lane.MID,
    3: Lane.LOW,
    "high": Lane.HI,
    "normal": Lane.MID,
    "low": Lane.LOW,
}


def priority_of(lane: Lane) -> int:
    """The number of a lane."""
    return tuple(Lane).index(lane) + 1


def lane_for(priority: object) -> Lane:
    """The lane of a number or a word.

    Raises:
        Reject: code VALIDATION_ERROR.
    """
    # True equals 1, and a list is no key at all.
    lane = _LANES.get(priority) if isinstance(priority, (int, str)) and not isinstance(priority, bool) else None
    if lane is None:
        raise Reject("priority must be 1, 2 or 3 (or high, normal, low)", code="VALIDATION_ERROR")
    return lane
