"""What a source plug-in is: it recognises its payloads by shape and says in our words what they mean. Pure.

Senders skip or disable a webhook that errors, so a payload of a known sender is never an error: what cannot be used is
*ignored* (understood, nothing to do) or *quarantined* (not understood; kept for replay by a later version). Only the fields
that are acted on have a type: a title that is a number must not cost the event.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from framewright.domain.errors import BadPath
from framewright.domain.media import Flavour, flavour_of, reject_hostile, shorten
from framewright.domain.outcome import ChangeKind

Payload = Mapping[str, object]

P = TypeVar("P")

LONGEST_WORD = 300
"""Characters of a sender's words (titles, reasons) that are kept."""

MOST_PATHS = 2000
"""Paths that one event may name; a season pack has hundreds, and each becomes a message of its own."""

NO_PATH = "the event names no absolute path"
NO_VIDEO = "no video"
NO_FILE = "the event changes no file"

_IDENTIFIER = re.compile(r"[0-9A-Za-z_-]{1,64}")


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

SIDECAR = "sidecar"
"""Why a video counts as changed though its pictures are the same: a file beside it came, such as a subtitle."""


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
class Speaker:
    """A media server by its type and the identity that it gives itself (empty: it gave none)."""

    server_type: str
    server_identity: str


@dataclass(frozen=True, slots=True)
class Understood:
    """The meaning of one payload: paths that changed, items whose paths must be asked for, or playback.

    `regenerate` asks for the work even where the outputs are fresh. `speaker` is the server that sends, where one address hears
    all servers of an account. The words are legible whatever the sender wrote: no
    control characters, nothing that UTF-8 cannot carry, `LONGEST_WORD` characters at most.
    """

    source: str
    status: Status
    event_type: str = ""
    title: str = ""
    reason: str = ""
    changes: tuple[Change, ...] = ()
    items: tuple[NamedItem, ...] = ()
    watching: Watching | None = None
    regenerate: bool = False
    speaker: Speaker | None = None

    def __post_init__(self) -> None:
        for name in ("event_type", "title", "reason"):
            object.__setattr__(self, name, legible(getattr(self, name)))


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
        msgspec.ValidationError: a field has a type that no version of the sender gives it, or all is nested too deeply
            or is no text that UTF-8 can carry.
    """
    try:
        return msgspec.convert(without_nulls(payload), kind, strict=False)
    except RecursionError as error:
        raise msgspec.ValidationError("the payload is nested too deeply") from error
    except UnicodeError as error:
        raise msgspec.ValidationError("the payload holds half a character") from error


def word(value: object, default: str = "") -> str:
    """A field that should be a short word, whatever a sender put there; `default` for everything else."""
    return value if isinstance(value, str) and value else default


def legible(text: str) -> str:
    """The text as it may stand in a message and in a log: bounded, without control characters and lone surrogates."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _unfit(char) else char for char in text[:LONGEST_WORD])


def titled(show: object, title: object) -> str:
    """The title of an item for people, with that of its show when it has one."""
    parts = (word(show), word(title))
    return ": ".join(part for part in parts if part)


def identifier(value: object) -> str:
    """An id of a server or a catalogue, safe in an address; empty for everything that is none."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and _IDENTIFIER.fullmatch(text) else ""


def without_nulls(value: Any) -> Any:
    """Senders leave out or null what they do not know; both mean the default."""
    if isinstance(value, Mapping):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]  # pyright: ignore[reportUnknownVariableType]
    return value


def quarantined(source: str, event_type: object, error: Exception) -> Understood:
    """A payload of a known sender that this version cannot read."""
    return Understood(source, Status.QUARANTINED, event_type=word(event_type), reason=str(error))


def ignored(source: str, event_type: str, title: str, reason: str = NO_FILE) -> Understood:
    """An event that is understood and asks for nothing."""
    return Understood(source, Status.IGNORED, event_type, title, reason)


def settled(
    source: str, event_type: str, title: str, changes: tuple[Change, ...] = (), items: tuple[NamedItem, ...] = ()
) -> Understood:
    """The meaning of an event that should name what changed: queued with it, else ignored for want of a path.

    A path that no mapping can make safe is left out and named in the reason; an event of which nothing else is left is
    quarantined. Of two changes of one path the first counts.
    """
    by_path: dict[str, Change] = {}
    for change in changes:
        by_path.setdefault(change.path, change)
    if len(by_path) > MOST_PATHS:
        return _unread(source, event_type, title, f"the event names {len(by_path)} paths, {MOST_PATHS} at most")
    flaws = [found for path in by_path if path and (found := flaw(path))]
    usable = tuple(_sound(change) for change in by_path.values() if change.path and not flaw(change.path))
    if usable or items:
        reason = f"left out: {flaws[0]}" if flaws else ""
        return Understood(source, Status.QUEUED, event_type, title, reason, usable, items)
    hostile = [found for found in flaws if found != NO_PATH]
    if hostile:
        return _unread(source, event_type, title, hostile[0])
    return Understood(source, Status.IGNORED_NO_PATH, event_type, title, NO_PATH)


def flaw(path: str) -> str:
    """Why a path in a payload cannot be used, whoever's spelling it is; empty when it can."""
    if not path.startswith("/") and flavour_of(path) is not Flavour.WINDOWS:
        return NO_PATH
    try:
        reject_hostile(path)
    except BadPath as error:
        return f"{error.reason}: {shorten(path)!r}"
    return ""


def joined(parent: str, child: str) -> str:
    """A relative path below an absolute one, with the parent's separator; empty when either is missing."""
    if not parent or not child:
        return ""
    separator = "\\" if flavour_of(parent) is Flavour.WINDOWS and "/" not in parent else "/"
    return f"{parent.rstrip('/' + chr(92))}{separator}{child.lstrip('/' + chr(92))}"


def _unread(source: str, event_type: str, title: str, reason: str) -> Understood:
    return Understood(source, Status.QUARANTINED, event_type, title, reason)


def _sound(change: Change) -> Change:
    """The change without what is unfit beside its path."""
    previous = "" if change.previous_path == change.path or flaw(change.previous_path) else change.previous_path
    replaced = tuple(dict.fromkeys(path for path in change.replaces if path != change.path and not flaw(path)))
    why, delivery = legible(change.why), legible(change.delivery)
    return replace(change, previous_path=previous, replaces=replaced[:MOST_PATHS], why=why, delivery=delivery)


def _unfit(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs"}
