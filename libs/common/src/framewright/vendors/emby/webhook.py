"""Emby's webhook (Premiere): JSON, also mislabelled, also as the multipart part `data`.

`Item.Path` is the server's own spelling; of a series or a season it is the folder. There is no event for upgrades and renames:
they come as a deletion and a new item.
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

NAME = "emby"
FILES = {
    "library.new": ChangeKind.ADDED,
    "item.added": ChangeKind.ADDED,
    "library.deleted": ChangeKind.DELETED,
}
SOUND_AND_PICTURES = frozenset({"Audio", "AudioBook", "Book", "MusicAlbum", "MusicArtist", "Photo", "PhotoAlbum"})


class Item(msgspec.Struct, rename="pascal"):
    """The item the event is about."""

    id: str | int = ""
    type: object = ""
    name: object = ""
    series_name: object = ""
    path: str = ""


class Server(msgspec.Struct, rename="pascal"):
    """The server that sends."""

    id: str | int = ""


class EmbyEvent(msgspec.Struct, rename="pascal"):
    """The fields that are used."""

    event: str = ""
    server: Server = msgspec.field(default_factory=Server)
    item: Item = msgspec.field(default_factory=Item)


def recognises(payload: Payload) -> bool:
    """An event name beside the server object."""
    return "Event" in payload and isinstance(payload.get("Server"), dict)


def understand(payload: Payload) -> Understood:
    """What an Emby payload means."""
    try:
        event = shaped(payload, EmbyEvent)
    except msgspec.ValidationError as error:
        return quarantined(NAME, payload.get("Event"), error)
    title, identity = titled(event.item.series_name, event.item.name), identifier(event.server.id)
    if event.event == "system.notificationtest":
        return Understood(NAME, Status.TEST, event.event)
    if event.event.startswith("playback."):
        watching = Watching(NAME, identity)
        return Understood(NAME, Status.PLAYBACK, event.event, title, "somebody watches", watching=watching)
    if event.event not in FILES:
        return ignored(NAME, event.event, title)
    if word(event.item.type) in SOUND_AND_PICTURES:
        return ignored(NAME, event.event, title, NO_VIDEO)
    return _changed(event, title, identity)


def _changed(event: EmbyEvent, title: str, identity: str) -> Understood:
    kind, item_id = FILES[event.event], identifier(event.item.id)
    if event.item.path or not item_id:
        return settled(NAME, event.event, title, (Change(kind, event.item.path),))
    item = NamedItem(kind, item_id, server_type=NAME, server_identity=identity)
    return settled(NAME, event.event, title or f"item {item_id}", items=(item,))


SOURCE = Source(NAME, "Emby", recognises, understand)
