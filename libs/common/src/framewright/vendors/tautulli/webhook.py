"""Tautulli's notification agent "Webhook", whose JSON is a template of the user's.

`action`, `file`, `rating_key`, `title` hold the parameters of the same names, `server_id` holds `{server_machine_id}`. Recently
added items may be grouped: then `file` is blank and the item is a season or a show. The agent's test sends blanks only.
"""

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import (
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
    word,
)

NAME = "tautulli"
SERVER_TYPE = "plex"
WATCHED = frozenset({"play", "stop", "pause", "resume", "buffer", "watched", "change", "error"})


class Notification(msgspec.Struct):
    """The fields that are used."""

    action: str = ""
    file: str = ""
    rating_key: str | int = ""
    server_id: str = ""
    title: object = ""


def recognises(payload: Payload) -> bool:
    """An action beside a key of an item."""
    return "action" in payload and ("rating_key" in payload or "section_id" in payload)


def understand(payload: Payload) -> Understood:
    """What a notification means."""
    try:
        told = shaped(payload, Notification)
    except msgspec.ValidationError as error:
        return quarantined(NAME, payload.get("action"), error)
    title, identity = word(told.title), identifier(told.server_id)
    if not any((told.action, told.file, told.rating_key)) or told.action == "test":
        return Understood(NAME, Status.TEST, "test")
    if told.action in WATCHED:
        watching = Watching(SERVER_TYPE, identity)
        return Understood(NAME, Status.PLAYBACK, told.action, title, "somebody watches", watching=watching)
    if told.action != "created":
        return ignored(NAME, told.action, title)
    item_id = identifier(told.rating_key)
    if told.file or not item_id:
        return settled(NAME, told.action, title, (Change(ChangeKind.ADDED, told.file),))
    item = NamedItem(ChangeKind.ADDED, item_id, server_type=SERVER_TYPE, server_identity=identity)
    return settled(NAME, told.action, title or f"item {item_id}", items=(item,))


SOURCE = Source(NAME, "Tautulli", recognises, understand)
