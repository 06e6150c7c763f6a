"""What a source plug-in is: it recognises its payloads by shape and says in our words what they mean. Pure.

Senders skip or disable a webhook that errors, so a payload of a known sender is never an error: what cannot be used is
*ignored* (understood, nothing to do) or *quarantined* (not understood; kept for replay by a later version).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from framewright.domain.media import Flavour, flavour_of
from framewright.domain.outcome import ChangeKind

Payload = Mapping[str, object]

P = TypeVar("P")


class Status(StrEnum):
    """What became of an event at the door; the words of the webhook history."""

    TEST = "test"
    QUEUED = "queued"
    DUPLICATE = "duplicate"  # the same delivery came before
    PLAYBACK = "playback"  # somebody watches, or stopped: no file changed
    IGNORED = "ignored"
    IGNORED_NO_PATH = "ignored_no_path"
    QUARANTINED = "quarantined"
    UNRECOGNISED = "unrecognised"
    DISABLED = "disabled"
    REFUSED = "refused"  # too many at once; not even stored, and the sender told so


UPGRADE = "upgrade"
"""Why a file was deleted: another one takes its place, and the event about that one is still to come, or was first."""


@dataclass(frozen=True, slots=True)
class Change:
    """One path that changed, as the sender spells it: a file, or a folder that stands for all it holds.

    `previous_path` is for renames, `replaces` names files that this one took the place of, `why` is the reason of a deletion.
    `delivery` names what was delivered (instance and download): two changes of one path with the same delivery are one, however
    late the second comes; empty when the sender does not tell deliveries apart.
    """

    kind: ChangeKind
    path: str
    previous_path: str = ""
    replaces: tuple[str, ...] = ()
    why: str = ""
    delivery: str = ""


@dataclass(frozen=True, slots=True)
class NamedItem:
    """What changed is named by an id, not by a path: `item_id` on a server, or ids of catalogues (`tmdb`, `tvdb`, `imdb`)."""

    kind: ChangeKind
    item_id: str = ""
    provider_ids: tuple[tuple[str, str], ...] = ()
    server_type: str = ""
    server_identity: str = ""


@dataclass(frozen=True, slots=True)
class Watching:
    """Somebody began, paused or stopped to watch on a server."""

    server_type: str
    server_identity: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """The meaning of one payload: paths that changed, items whose paths must be asked for, or playback."""

    source: str
    status: Status
    event_type: str = ""
    title: str = ""
    reason: str = ""
    changes: tuple[Change, ...] = ()
    items: tuple[NamedItem, ...] = ()
    watching: Watching | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One sender: the endpoint's name, the name for people, how its shape is told, what its payloads mean."""

    name: str
    label: str
    recognises: Callable[[Payload], bool]
    understand: Callable[[Payload], Understood]


def shaped(payload: Payload, kind: type[P]) -> P:
    """The payload as a struct, nulls and missing fields as defaults.

    Raises:
        msgspec.ValidationError: a field has a type that no version of the sender gives it, or all is nested too deeply.
    """
    try:
        return msgspec.convert(without_nulls(payload), kind, strict=False)
    except RecursionError as error:
        raise msgspec.ValidationError("the payload is nested too deeply") from error


def word(value: object, default: str = "") -> str:
    """A field that should be a short word, whatever a sender put there; `default` for everything else."""
    return value if isinstance(value, str) and value else default


def without_nulls(value: Any) -> Any:
    """Senders leave out or null what they do not know; both mean the default."""
    if isinstance(value, Mapping):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]  # pyright: ignore[reportUnknownVariableType]
    return value


def quarantined(source: str, event_type: object, error: Exception) -> Understood:
    """A payload of a known sender that this version cannot read."""
    return Understood(source, Status.QUARANTINED, event_type=word(event_type), reason=str(error)[:300])


def settled(source: str, event_type: str, title: str, changes: tuple[Change, ...]) -> Understood:
    """The meaning of an event that should name paths: queued with them, else ignored for want of one."""
    if not changes:
        return Understood(source, Status.IGNORED_NO_PATH, event_type, title, "the event names no absolute path")
    return Understood(source, Status.QUEUED, event_type, title, changes=tuple(dict.fromkeys(changes)))


def joined(parent: str, child: str) -> str:
    """A relative path below an absolute one, with the parent's separator; empty when either is missing."""
    if not parent or not child:
        return ""
    separator = "\\" if flavour_of(parent) is Flavour.WINDOWS and "/" not in parent else "/"
    return f"{parent.rstrip('/' + chr(92))}{separator}{child.lstrip('/' + chr(92))}"
