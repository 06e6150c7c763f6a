"""Changes of one path that come within the quiet time become one: what they mean together, and when it is acted on.

The first event of a group gives the job its id, whatever follows, so that merging never makes a second job for one file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from framewright.contracts.base import Lane
from framewright.contracts.media import RENAMED_AWAY, MediaChangedV1
from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import UPGRADE

REPLACED = "replaced"
"""Why a file was deleted: another one took its place, and the event that says so is here."""

MOST_MERGED = 1000
"""Ids that one change remembers; a message must stay small however many events a path gets."""

_URGENCY = tuple(Lane)
_ARRIVALS = (ChangeKind.RENAMED, ChangeKind.UPGRADED, ChangeKind.ADDED, ChangeKind.CHANGED)
"""Strongest first: what two arrivals of one file are together."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds: `quiet` after the newest event of a path, `longest` after the first, `upgrade` for a half without the other."""

    quiet: float
    longest: float
    upgrade: float


@dataclass(frozen=True, slots=True)
class Planned:
    """What shall wait for a path, and until when."""

    change: MediaChangedV1
    due: datetime


def is_parked(change: MediaChangedV1) -> bool:
    """Whether this is the deletion half of an upgrade, whose other half is not known yet."""
    return change.kind is ChangeKind.DELETED and change.why == UPGRADE


def answers_a_half(change: MediaChangedV1) -> bool:
    """Whether a deletion half for this path has nothing more to say: an import told what became of it."""
    return change.kind is ChangeKind.UPGRADED or (change.kind is ChangeKind.DELETED and change.why == REPLACED)


def merged(change: MediaChangedV1, waiting: MediaChangedV1 | None, waits: Waits, at: datetime) -> Planned | None:
    """What waits once the change has come too (at the moment `at`); None when what waits has it already.

    The wait of a group is counted from the moment its first change was handled, so that a backlog is merged as well.
    """
    if waiting is None:
        first = msgspec.structs.replace(change, first_at=at)
        return Planned(first, at + timedelta(seconds=waits.upgrade if is_parked(first) else waits.quiet))
    if own_id(change) in {waiting.event_id, *waiting.merged}:
        return None
    both = combined(waiting, change)
    began = at if is_parked(waiting) and not is_parked(both) else waiting.first_at or at
    both = msgspec.structs.replace(both, first_at=began)
    if is_parked(both):
        return Planned(both, began + timedelta(seconds=waits.upgrade))
    return Planned(both, min(at + timedelta(seconds=waits.quiet), began + timedelta(seconds=waits.longest)))


def own_id(change: MediaChangedV1) -> str:
    """The event that a change came with, also when it goes by the id of the group that it belongs to."""
    return change.merged[-1] if change.merged else change.event_id


def led_by(leader: str, change: MediaChangedV1) -> MediaChangedV1:
    """The same change as a member of a group that another event began."""
    if not leader or leader == change.event_id:
        return change
    return msgspec.structs.replace(change, event_id=leader, merged=(*change.merged, change.event_id))


def combined(first: MediaChangedV1, second: MediaChangedV1) -> MediaChangedV1:
    """Two changes of one path as one, under the id of the first."""
    older, newer = (first, second) if first.observed_at <= second.observed_at else (second, first)
    kind = _kind(older, newer)
    gone = kind is ChangeKind.DELETED
    went_on = gone and newer.why == RENAMED_AWAY  # then its first name travels with the rename
    previous = "" if went_on else newer.previous_path or older.previous_path
    ids = dict.fromkeys((*first.merged, second.event_id, *second.merged))
    ids.pop(first.event_id, None)
    return msgspec.structs.replace(
        first,
        kind=ChangeKind.RENAMED if previous and not gone else kind,
        path=newer.path,
        observed_at=newer.observed_at,
        previous_path=previous,
        title=newer.title or older.title,
        lane=min(first.lane, second.lane, key=_URGENCY.index),
        regenerate=first.regenerate or second.regenerate,
        merged=tuple(ids)[-MOST_MERGED:],
        replaces=tuple(dict.fromkeys((*first.replaces, *second.replaces))),
        why=_why(kind, older, newer),
    )


def folded(changes: Iterable[MediaChangedV1]) -> list[MediaChangedV1]:
    """The changes of one event, one for each path."""
    found: dict[str, MediaChangedV1] = {}
    for change in changes:
        before = found.get(change.key)
        found[change.key] = combined(before, change) if before else change
    return list(found.values())


def _kind(older: MediaChangedV1, newer: MediaChangedV1) -> ChangeKind:
    gone = newer.kind is ChangeKind.DELETED
    if not gone and older.kind is not ChangeKind.DELETED:
        return min(older.kind, newer.kind, key=_ARRIVALS.index)
    if gone and (older.kind is ChangeKind.DELETED or not is_parked(newer)):
        return ChangeKind.DELETED
    arrived = older if gone else newer
    return ChangeKind.RENAMED if arrived.kind is ChangeKind.RENAMED else ChangeKind.UPGRADED


def _why(kind: ChangeKind, older: MediaChangedV1, newer: MediaChangedV1) -> str:
    """Of two deletions the one that waits for nothing; else the newer one's, or what both say."""
    if kind is ChangeKind.DELETED:
        known = [one.why for one in (newer, older) if one.kind is ChangeKind.DELETED and one.why != UPGRADE]
        return known[0] if known else UPGRADE
    return newer.why if newer.why == older.why else ""
