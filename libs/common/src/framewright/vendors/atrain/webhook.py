"""A-Train's notification: `{"created": […], "deleted": […]}`, folders relative to the drive.

Where the drive lies is not in the payload: the door adds it as `prefix`.
"""

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import (
    Change,
    Payload,
    Source,
    Status,
    Understood,
    joined,
    quarantined,
    settled,
    shaped,
)

NAME = "atrain"
EVENT = "DriveChanged"
NO_PREFIX = "it is not configured where the drive lies"


class DriveEvent(msgspec.Struct):
    """The fields that are used."""

    prefix: str = ""
    created: list[str] = msgspec.field(default_factory=list[str])
    deleted: list[str] = msgspec.field(default_factory=list[str])


def recognises(payload: Payload) -> bool:
    """Both lists, whatever they hold."""
    return "created" in payload and "deleted" in payload


def understand(payload: Payload) -> Understood:
    """What a notification about a drive means."""
    try:
        event = shaped(payload, DriveEvent)
    except msgspec.ValidationError as error:
        return quarantined(NAME, EVENT, error)
    if not event.prefix:
        return Understood(NAME, Status.IGNORED_NO_PATH, EVENT, reason=NO_PREFIX)
    created = [Change(ChangeKind.ADDED, joined(event.prefix, path)) for path in event.created]
    deleted = [Change(ChangeKind.DELETED, joined(event.prefix, path)) for path in event.deleted]
    return settled(NAME, EVENT, "", (*created, *deleted))


SOURCE = Source(NAME, "A-Train", recognises, understand)
