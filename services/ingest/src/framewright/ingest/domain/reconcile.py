"""Which entries of a sender's history never arrived here: pure judgement over its entries and our journal.

The journal is the history of webhooks: what was understood, when, and which paths it named. An entry is known when the journal
names its path, or a folder above it, at about the time of the entry or later.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from framewright.contracts.base import Lane
from framewright.contracts.facts import EventClassifiedV1, JobCreatedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.senders import MOST_MISSED, MissedChange, Reconciled, Sender, SenderReport
from framewright.domain.media import folder
from framewright.domain.outcome import ChangeKind
from framewright.ingest.domain.meaning import debounce_key
from framewright.ingest.domain.merging import REPLACED
from framewright.vendors import PastChange
from framewright.vendors.source import UPGRADE, Status

FIRST_LOOK = timedelta(hours=24)
"""How far the first reading goes back."""

SETTLING = timedelta(minutes=2)
"""Entries younger than this are left to the next reading: their webhook may still be on its way."""

OVERLAP = timedelta(hours=1)
"""How far each reading begins before the end of the last one: a sender whose clock is late writes entries into the past."""

SKEW = timedelta(minutes=1)
"""How much earlier than the entry its webhook may seem to have come, by clocks that differ."""

SOONER = timedelta(minutes=5)
"""The longest pause after a reading that failed."""


@dataclass(frozen=True, slots=True)
class Span:
    """A reading covers entries from `since` up to, but not at, `until`, without the `seen` ones, which the last reading had."""

    since: datetime
    until: datetime
    seen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Findings:
    """Of so many entries that were `checked`: how many changes had arrived, and those that had not, oldest first."""

    checked: int
    known: int
    missed: tuple[PastChange, ...]


@dataclass(frozen=True, slots=True)
class Calls:
    """What calls for a reading before its time: that the process started, that an operator asked."""

    started: datetime
    asked: datetime | None = None


def span(before: Reconciled, at: datetime) -> Span:
    """What the next reading covers."""
    until = at - SETTLING
    if before.until is None:
        return Span(until - FIRST_LOOK, until)
    return Span(before.until - OVERLAP, max(until, before.until), frozenset(before.seen))


def in_span(changes: Iterable[PastChange], covered: Span) -> list[PastChange]:
    """The entries to judge."""
    return [one for one in changes if covered.since <= one.at < covered.until and one.id not in covered.seen]


def seen(changes: Iterable[PastChange], covered: Span) -> tuple[int, ...]:
    """The entries that the next reading meets again."""
    return tuple(one.id for one in changes if covered.until - OVERLAP <= one.at < covered.until)


def wanted_keys(changes: Iterable[PastChange]) -> frozenset[str]:
    """What the journal is searched for: the paths of the entries, and every folder above them."""
    return frozenset(key for one in changes for key in _keys(one.change.path))


def heard(fact: EventClassifiedV1) -> tuple[str, ...]:
    """The keys of the paths that a webhook was acted on for."""
    acted = fact.status in {Status.QUEUED, Status.DUPLICATE}
    return tuple(map(debounce_key, fact.paths)) if acted else ()


def judged(changes: Sequence[PastChange], journal: Mapping[str, datetime]) -> Findings:
    """What was missed; `journal` holds the newest time at which each key was heard of."""
    last = _folded(changes)
    arrived = {one.item for one in last if one.item and _arrives(one) and _is_known(one, journal)}
    missed = [one for one in last if not (_is_known(one, journal) or (_is_upgraded_away(one) and one.item in arrived))]
    return Findings(len(changes), len(last) - len(missed), tuple(map(_explained, missed)))


def is_due(sender: Sender, last: SenderReport | None, calls: Calls, at: datetime) -> bool:
    """Whether the history is read now: after a start, when somebody asks, and when the pause is over."""
    if last is None or last.at < calls.started or (calls.asked is not None and last.at < calls.asked):
        return True
    pause = timedelta(minutes=sender.every_minutes)
    return at >= last.at + (min(pause, SOONER) if last.errors else pause)


def job(sender: Sender, missed: Sequence[PastChange], at: datetime) -> JobCreatedV1:
    """The job under which everything that was missed is queued; the same one when the same reading is repeated."""
    return JobCreatedV1(
        job_id=_digest(sender.id, missed[0].id, missed[0].at.isoformat()),
        at=at,
        kind="reconciliation",
        title=f"Reconciliation of {sender.label}",
        source=sender.type,
        total=len(missed),
        lane=Lane.MID,
    )


def change(sender: Sender, one: PastChange, job_id: str) -> MediaChangedV1:
    """What is queued for one entry, under an id that is the same whenever the entry is queued."""
    return MediaChangedV1(
        event_id=_digest(sender.id, one.id, one.at.isoformat()),
        key=debounce_key(one.change.path),
        source=sender.type,
        kind=one.change.kind,
        path=one.change.path,
        previous_path=one.change.previous_path,
        observed_at=one.at,
        job_id=job_id,
        lane=Lane.MID,
        why=one.change.why,
    )


def missed_changes(found: Findings) -> tuple[MissedChange, ...]:
    """What a report names of that which was missed."""
    return tuple(
        MissedChange(at=one.at, kind=one.change.kind, path=one.change.path, previous_path=one.change.previous_path)
        for one in found.missed[:MOST_MISSED]
    )


def newest(journal: dict[str, datetime], fact: EventClassifiedV1, wanted: Collection[str]) -> None:
    """Note in the journal when its wanted keys were heard of last."""
    for key in heard(fact):
        if key in wanted:
            journal[key] = max(fact.at, journal.get(key, fact.at))


def _folded(changes: Sequence[PastChange]) -> list[PastChange]:
    """One change for each path, as the entries leave it: what was deleted and came again was replaced."""
    last: dict[str, PastChange] = {}
    for one in changes:
        key = debounce_key(one.change.path)
        before = last.pop(key, None)
        if before is not None and _arrives(one) and before.change.kind is ChangeKind.DELETED:
            one = replace(one, change=replace(one.change, kind=ChangeKind.UPGRADED))  # noqa: PLW2901
        last[key] = one
    return list(last.values())


def _explained(one: PastChange) -> PastChange:
    """An upgrade that the history tells is over: its old file waits for no other half."""
    return replace(one, change=replace(one.change, why=REPLACED)) if _is_upgraded_away(one) else one


def _is_known(one: PastChange, journal: Mapping[str, datetime]) -> bool:
    return any(journal[key] >= one.at - SKEW for key in _keys(one.change.path) if key in journal)


def _arrives(one: PastChange) -> bool:
    return one.change.kind in {ChangeKind.ADDED, ChangeKind.UPGRADED}


def _is_upgraded_away(one: PastChange) -> bool:
    return one.change.kind is ChangeKind.DELETED and one.change.why == UPGRADE


def _keys(path: str) -> Iterator[str]:
    """The path's own key, and those of the folders above it: senders report a whole folder where they know no files."""
    while True:
        yield debounce_key(path)
        above = folder(path)
        if not above or above == path:
            return
        path = above


def _digest(*parts: object) -> str:
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()
