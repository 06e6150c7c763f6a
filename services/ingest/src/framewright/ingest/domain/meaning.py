"""What an event means, what its sender is told, and which events are one."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from framewright.contracts.facts import EventClassifiedV1
from framewright.contracts.media import MediaChangedV1, RawEventV1
from framewright.vendors import recognise, source
from framewright.vendors.envelope import payload_of
from framewright.vendors.source import Status, Understood

UNIVERSAL = "incoming"
SERVER_ROUTE = "server"

UNKNOWN_SHAPE = Understood(UNIVERSAL, Status.UNRECOGNISED, reason="no known sender has payloads of this shape")


@dataclass(frozen=True, slots=True)
class Reply:
    """Status code and JSON body for the sender."""

    status_code: int
    body: Mapping[str, object]


def understood(event: RawEventV1) -> Understood:
    """The meaning of a stored event: by its route's own source, or by shape on the universal routes.

    Raises:
        Reject: code NOT_JSON, the body holds no JSON object.
    """
    payload = payload_of(event.body, event.content_type)
    sender = source(event.route) or recognise(payload)
    return UNKNOWN_SHAPE if sender is None else sender.understand(payload)


def reply(event: RawEventV1, meaning: Understood) -> Reply:
    """What the sender is told; a known sender never gets a 4xx, because it would stop sending."""
    if meaning.status is Status.UNRECOGNISED:
        body = {"success": False, "error": meaning.reason, "code": "VALIDATION_ERROR", "event_id": event.id}
        return Reply(400, body)
    told: dict[str, object] = {"success": True, "status": meaning.status, "kind": meaning.source, "event_id": event.id}
    if meaning.status is Status.TEST:
        return Reply(200, {**told, "message": f"{label(meaning.source)} webhook configured successfully"})
    if meaning.status is Status.QUEUED:
        return Reply(202, {**told, "message": f"Processing queued for {subject_of(meaning)}"})
    return Reply(202, {**told, "message": meaning.reason})


def disabled(meaning: Understood) -> Understood:
    """The same event while webhooks are switched off."""
    if meaning.status is not Status.QUEUED:
        return meaning
    return Understood(meaning.source, Status.DISABLED, meaning.event_type, meaning.title, "webhooks are disabled")


def subject_of(meaning: Understood) -> str:
    """What the event is about, in the words of the answer."""
    if meaning.title:
        return f"'{meaning.title}'"
    count = len(meaning.changes)
    return f"{count} file" if count == 1 else f"{count} files"


def label(name: str) -> str:
    """The source's name for people."""
    known = source(name)
    return known.label if known else name.capitalize()


def history_row(event: RawEventV1, meaning: Understood) -> EventClassifiedV1:
    """The fact that the event was understood."""
    return EventClassifiedV1(
        event_id=event.id,
        at=event.received_at,
        source=meaning.source,
        event_type=meaning.event_type,
        title=meaning.title or meaning.source,
        status=meaning.status,
        reason=meaning.reason,
        paths=tuple(change.path for change in meaning.changes),
    )


def changes(event: RawEventV1, meaning: Understood) -> list[MediaChangedV1]:
    """One message per path of a queued event."""
    return [
        MediaChangedV1(
            event_id=event.id,
            key=debounce_key(change.path, event.server_id),
            source=meaning.source,
            kind=change.kind,
            path=change.path,
            previous_path=change.previous_path,
            observed_at=event.received_at,
            title=meaning.title,
            server_id=event.server_id,
        )
        for change in meaning.changes
    ]


def debounce_key(path: str, scope: str = "") -> str:
    """Events with equal keys within the quiet time are one: the same spelling of a path, whoever sent it."""
    text = f"{unicodedata.normalize('NFC', path)}\x1f{scope}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
