"""Plex's own webhook (Plex Pass): JSON in the multipart part `payload`, or bare.

Only `library.new` says that a file came; there is no event for upgrades and deletions. The file is usually left out: then the
item is named, and whoever can reach the server asks it for the paths (a show or season stands for its episodes).
"""

from dataclasses import replace

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import (
    NO_VIDEO,
    Change,
    NamedItem,
    Payload,
    Source,
    Speaker,
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

NAME = "plex"
PLAYBACK = ("media.", "playback.")
SOUND_AND_PICTURES = frozenset({"artist", "album", "track", "photo", "photoalbum"})


class Part(msgspec.Struct):
    """A file of a version."""

    file: str = ""


class Media(msgspec.Struct, rename="pascal"):
    """A version of the item."""

    part: list[Part] = msgspec.field(default_factory=list[Part])


class Metadata(msgspec.Struct, rename="camel"):
    """The item that was added or is watched."""

    rating_key: str | int = ""
    type: object = ""
    title: object = ""
    grandparent_title: object = ""
    media: list[Media] = msgspec.field(default_factory=list[Media], name="Media")


class Server(msgspec.Struct):
    """`uuid` is the machine identifier of the server that sends; the owner's other servers send too."""

    uuid: str = ""


class PlexEvent(msgspec.Struct):
    """The fields that are used."""

    event: str = ""
    server: Server = msgspec.field(default_factory=Server, name="Server")
    metadata: Metadata = msgspec.field(default_factory=Metadata, name="Metadata")


def recognises(payload: Payload) -> bool:
    """A dotted event name beside an account or item in Plex's spelling."""
    return isinstance(payload.get("event"), str) and any(name in payload for name in ("Metadata", "Account", "owner"))


def understand(payload: Payload) -> Understood:
    """What a Plex payload means."""
    try:
        event = shaped(payload, PlexEvent)
    except msgspec.ValidationError as error:
        return quarantined(NAME, payload.get("event"), error)
    title = titled(event.metadata.grandparent_title, event.metadata.title)
    identity = identifier(event.server.uuid)
    if event.event == "test.ping":
        return Understood(NAME, Status.TEST, event.event)
    if event.event.startswith(PLAYBACK):
        watching = Watching(NAME, identity)
        return Understood(NAME, Status.PLAYBACK, event.event, title, "somebody watches", watching=watching)
    if event.event != "library.new":
        return ignored(NAME, event.event, title)
    if word(event.metadata.type) in SOUND_AND_PICTURES:
        return ignored(NAME, event.event, title, NO_VIDEO)
    return _added(event, title, identity)


def _added(event: PlexEvent, title: str, identity: str) -> Understood:
    files = [part.file for media in event.metadata.media for part in media.part if part.file]
    changes = tuple(Change(ChangeKind.ADDED, file) for file in files)
    item_id = identifier(event.metadata.rating_key)
    if changes or not item_id:
        return replace(settled(NAME, event.event, title, changes), speaker=Speaker(NAME, identity))
    item = NamedItem(ChangeKind.ADDED, item_id, server_type=NAME, server_identity=identity)
    return settled(NAME, event.event, title or f"item {item_id}", items=(item,))


SOURCE = Source(NAME, "Plex", recognises, understand)
