"""Plex's own webhook (Plex Pass): JSON in the multipart part `payload`. Only `library.new` says that a file came.

Plex often leaves the file out of the payload; such an event is quarantined and can be replayed once the item is looked up.
"""

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import Change, Payload, Source, Status, Understood, quarantined, settled, shaped

NAME = "plex"


class Part(msgspec.Struct):
    """A file of a version."""

    file: str = ""


class Media(msgspec.Struct, rename="pascal"):
    """A version of the item."""

    part: list[Part] = msgspec.field(default_factory=list[Part])


class Metadata(msgspec.Struct):
    """The item that was added."""

    title: str = ""
    media: list[Media] = msgspec.field(default_factory=list[Media], name="Media")


class PlexEvent(msgspec.Struct):
    """The fields that are used."""

    event: str = ""
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
    title = event.metadata.title
    if event.event == "test.ping":
        return Understood(NAME, Status.TEST, event.event)
    if event.event != "library.new":
        return Understood(NAME, Status.IGNORED, event.event, title, "the event changes no file")
    files = [part.file for media in event.metadata.media for part in media.part if part.file]
    if not files:
        return Understood(NAME, Status.QUARANTINED, event.event, title, "the payload names no file")
    return settled(NAME, event.event, title, tuple(Change(ChangeKind.ADDED, file) for file in files))


SOURCE = Source(NAME, "Plex", recognises, understand)
