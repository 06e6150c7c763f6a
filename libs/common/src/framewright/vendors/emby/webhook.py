"""Emby's webhook (Premiere): JSON, also as the multipart part `data`. `Item.Path` is the server's own spelling."""

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import Change, Payload, Source, Status, Understood, quarantined, settled, shaped

NAME = "emby"
ADDED = frozenset({"library.new", "item.added"})


class Item(msgspec.Struct, rename="pascal"):
    """The item the event is about."""

    name: str = ""
    path: str = ""


class EmbyEvent(msgspec.Struct, rename="pascal"):
    """The fields that are used."""

    event: str = ""
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
    if event.event == "system.notificationtest":
        return Understood(NAME, Status.TEST, event.event)
    if event.event not in ADDED:
        return Understood(NAME, Status.IGNORED, event.event, event.item.name, "the event changes no file")
    changes = (Change(ChangeKind.ADDED, event.item.path),) if event.item.path else ()
    return settled(NAME, event.event, event.item.name, changes)


SOURCE = Source(NAME, "Emby", recognises, understand)
