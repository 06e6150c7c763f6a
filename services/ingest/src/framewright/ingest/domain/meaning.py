"""What an event means, what its sender is told, and which events are one."""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from framewright.contracts.facts import EventClassifiedV1
from framewright.contracts.media import RawEventV1
from framewright.contracts.server import Server
from framewright.domain.outcome import ChangeKind
from framewright.vendors import recognise, source
from framewright.vendors.envelope import payload_of
from framewright.vendors.source import NamedItem, Speaker, Status, Understood

UNIVERSAL = "incoming"
SERVER_ROUTE = "server"

PLEX_ROUTE = "plex"
"""The endpoint of Plex's own webhook, which has a switch of its own."""

FOLDER = "folder"
"""The type of servers that are folders: there is nobody to ask."""

NOT_OURS = "the event is about a {} server that is not configured or disabled"

UNKNOWN_SHAPE = Understood(UNIVERSAL, Status.UNRECOGNISED, reason="no known sender has payloads of this shape")


@dataclass(frozen=True, slots=True)
class Reply:
    """Status code and JSON body for the sender."""

    status_code: int
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ground:
    """What is configured here: whether webhooks are on, and the servers; `plex_enabled` is about Plex's own endpoint."""

    enabled: bool
    servers: Sequence[Server] = ()
    plex_enabled: bool = True


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
    in_vain = meaning.status is Status.DISABLED and event.route == PLEX_ROUTE
    return Reply(200 if in_vain else 202, {**told, "message": meaning.reason})


def standing(meaning: Understood, event: RawEventV1, ground: Ground) -> Understood:
    """What the event means here: webhooks may be off, its server disabled, or nobody configured the server that speaks."""
    if meaning.status not in {Status.QUEUED, Status.PLAYBACK}:
        return meaning
    if not ground.enabled:
        return _without_work(meaning, Status.DISABLED, "webhooks are disabled")
    if event.route == PLEX_ROUTE and not ground.plex_enabled:
        return _without_work(meaning, Status.DISABLED, "the Plex webhook is disabled (plex_webhook_enabled)")
    if event.server_id and not any(one.id == event.server_id and one.enabled for one in ground.servers):
        return _without_work(meaning, Status.IGNORED, f"the server {event.server_id!r} is disabled or gone")
    if meaning.speaker is not None and _is_stranger(meaning.speaker, event, ground):
        return _without_work(meaning, Status.IGNORED, NOT_OURS.format(meaning.speaker.server_type))
    return _without_riddles(meaning, event, ground)


def _without_riddles(meaning: Understood, event: RawEventV1, ground: Ground) -> Understood:
    """The meaning without the things of which nobody here can name the paths."""
    if not meaning.items:
        return meaning
    kept = tuple(item for item in meaning.items if not _hindrance(item, event, ground))
    if kept or meaning.changes:
        return replace(meaning, items=kept)
    return _without_work(meaning, Status.IGNORED, _hindrance(meaning.items[0], event, ground))


def asked_servers(item: NamedItem, pin: str, servers: Iterable[Server]) -> list[Server]:
    """Which servers know the thing: those of its type and identity (of them the pinned one), or all when catalogues name it.

    A server whose identity was never read may be the one. Another server's ids mean other things, whatever the URL says.
    """
    able = [one for one in servers if one.enabled and one.type != FOLDER and (not pin or one.id == pin)]
    if item.server_type:
        able = [one for one in able if one.type == item.server_type]
    if not item.server_identity:
        return able
    return [one for one in able if one.server_identity in {"", item.server_identity}]


def _is_stranger(speaker: Speaker, event: RawEventV1, ground: Ground) -> bool:
    """Whether the server that speaks is none of ours, as far as the identities of ours are known.

    Without a server of its kind its files may still be those of another one, and a word about them is welcome.
    """
    ours = [one for one in ground.servers if one.type == speaker.server_type]
    if event.server_id:
        ours = [one for one in ours if one.id == event.server_id]
    known = {one.server_identity for one in ours if one.enabled}
    return bool(ours and speaker.server_identity) and not known & {"", speaker.server_identity}


def _hindrance(item: NamedItem, event: RawEventV1, ground: Ground) -> str:
    """Why nothing can be done for the thing; empty when its paths can be asked for."""
    if item.kind is ChangeKind.DELETED:
        return "the item is deleted: its server no longer knows the path"
    if not asked_servers(item, event.server_id, ground.servers):
        return NOT_OURS.format(item.server_type or "media")
    return ""


def _without_work(meaning: Understood, status: Status, reason: str) -> Understood:
    return Understood(meaning.source, status, meaning.event_type, meaning.title, reason)


def subject_of(meaning: Understood) -> str:
    """What the event is about, in the words of the answer."""
    if meaning.title:
        return f"'{meaning.title}'"
    count, word = len(meaning.changes), "file"
    if not count:
        count, word = len(meaning.items), "item"
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


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
        replay_of=event.replay_of,
    )


def debounce_key(path: str, scope: str = "") -> str:
    """Events with equal keys within the quiet time are one: the same spelling of a path, whoever sent it."""
    text = f"{unicodedata.normalize('NFC', path)}\x1f{scope}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
