"""Jellyfin's webhook plugin: flat JSON, usually as text/plain.

The plugin names no path; a template may add one. Without it the item is named: an added one can be looked up on the server, of
a deleted one only the caller's memory can tell where it lay.
"""

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import (
    NO_VIDEO,
    Change,
    NamedItem,
    Payload,
    Source,
    Status,
    Understood,
    Watching,
    identifier,
    ignored,
    quarantined,
    settled,
    shaped,
    titled,
    word,
)

NAME = "jellyfin"
FILES = {
    "ItemAdded": ChangeKind.ADDED,
    "library.new": ChangeKind.ADDED,
    "ItemDeleted": ChangeKind.DELETED,
}
SOUND_AND_PICTURES = frozenset({"Audio", "AudioBook", "Book", "MusicAlbum", "MusicArtist", "Photo", "PhotoAlbum"})
TASK_ENDED = "a task of the server ended; no file is named"


class JellyfinEvent(msgspec.Struct, rename="pascal"):
    """The fields that are used; templates spell the path in three ways."""

    notification_type: str = ""
    server_id: str = ""
    item_id: str = ""
    item_type: object = ""
    name: object = ""
    series_name: object = ""
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
    said, title = event.notification_type, titled(event.series_name, event.name)
    if said.startswith("Playback"):
        watching = Watching(NAME, identifier(event.server_id))
        return Understood(NAME, Status.PLAYBACK, said, title, "somebody watches", watching=watching)
    if said == "TaskCompleted":
        return ignored(NAME, said, title, TASK_ENDED)
    if said not in FILES:
        return ignored(NAME, said, title)
    if word(event.item_type) in SOUND_AND_PICTURES:
        return ignored(NAME, said, title, NO_VIDEO)
    return _changed(event, title)


def _changed(event: JellyfinEvent, title: str) -> Understood:
    said, kind = event.notification_type, FILES[event.notification_type]
    path = event.item_path or event.path or event.lower_path
    item_id = identifier(event.item_id)
    if path or not item_id:
        return settled(NAME, said, title, (Change(kind, path),))
    item = NamedItem(kind, item_id, server_type=NAME, server_identity=identifier(event.server_id))
    return settled(NAME, said, title or f"item {item_id}", items=(item,))


SOURCE = Source(NAME, "Jellyfin", recognises, understand)
