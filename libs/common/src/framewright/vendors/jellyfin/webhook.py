"""Jellyfin's webhook plugin: flat JSON, usually as text/plain. Its templates may add a path; by default there is none.

An added item without a path is quarantined and can be replayed once the item is looked up.
"""

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import Change, Payload, Source, Status, Understood, quarantined, settled, shaped

NAME = "jellyfin"
ADDED = frozenset({"ItemAdded", "library.new"})


class JellyfinEvent(msgspec.Struct, rename="pascal"):
    """The fields that are used; templates spell the path in three ways."""

    notification_type: str = ""
    name: str = ""
    item_path: str = ""
    path: str = ""
    lower_path: str = msgspec.field(default="", name="path")


def recognises(payload: Payload) -> bool:
    """The plugin's notification type."""
    return "NotificationType" in payload


def understand(payload: Payload) -> Understood:
    """What a Jellyfin payload means."""
    try:
        event = shaped(payload, JellyfinEvent)
    except msgspec.ValidationError as error:
        return quarantined(NAME, payload.get("NotificationType"), error)
    kind = event.notification_type
    if kind not in ADDED:
        return Understood(NAME, Status.IGNORED, kind, event.name, "the event changes no file")
    path = event.item_path or event.path or event.lower_path
    if not path:
        return Understood(NAME, Status.QUARANTINED, kind, event.name, "the payload names no path")
    return settled(NAME, kind, event.name, (Change(ChangeKind.ADDED, path),))


SOURCE = Source(NAME, "Jellyfin", recognises, understand)
