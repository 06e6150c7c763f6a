"""Where a file and its servers stand, given everything that was said about them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from framewright.domain.outcome import Outcome
from framewright.ui.domain.rows import FileRow, Mark, Pack, ServerRow, Try

BAD = frozenset({Outcome.FAILED, Outcome.FILE_MISSING})

DELIVERED = frozenset(
    {Outcome.PUBLISHED, Outcome.ADOPTED, Outcome.UP_TO_DATE, Outcome.UNVERIFIED, Outcome.COALESCED, Outcome.REMOVED}
)
"""Outcomes after which a server has, or will have, what it wants of the file."""

_WORST_FIRST = (
    Outcome.FAILED,
    Outcome.FILE_MISSING,
    Outcome.CANCELLED,
    Outcome.UNVERIFIED,
    Outcome.PUBLISHED,
    Outcome.ADOPTED,
    Outcome.UP_TO_DATE,
    Outcome.REMOVED,
    Outcome.COALESCED,
    Outcome.EXCLUDED,
    Outcome.NOT_OWNED,
)

CANCELLED_BECAUSE = "the job was cancelled"

MOST_TRIES = 100
"""Tries that are kept of one file, over all its servers."""

_NEVER = datetime.max.replace(tzinfo=UTC)


def newest(old: Mark | None, new: Mark) -> Mark:
    """The mark that stays: what really happened before what was planned, then the later, then the settled one."""
    return new if old is None or _weight(new) > _weight(old) else old


def fullest(old: Pack | None, new: Pack) -> Pack:
    """The pack that stays: one with the extractor's report before a mere mention, then the later one."""
    return new if old is None or _pack_weight(new) > _pack_weight(old) else old


def latest_tries(known: tuple[Try, ...], told: Try) -> tuple[Try, ...]:
    """The tries of a file with one more, in order of time; beyond `MOST_TRIES` the oldest go."""
    return tuple(sorted({*known, told}, key=_try_weight)[-MOST_TRIES:])


def halted(mark: Mark, cancelled_at: datetime | None) -> Mark:
    """What a mark says once the job was cancelled: an end stays, everything that is open ends with the job."""
    if cancelled_at is None or mark.outcome.settled:
        return mark
    return Mark(Outcome.CANCELLED, cancelled_at, CANCELLED_BECAUSE)


def ending(outcome: Outcome, cancelled_at: datetime | None) -> Outcome:
    """How a file counts, given that its job was cancelled or not."""
    return outcome if cancelled_at is None or outcome.settled else Outcome.CANCELLED


def standing(own: Mark | None, mark: Mark) -> Mark:
    """What holds for one server: its own mark, or that of the whole file where the server's is still open and older."""
    if own is None or own.planned or mark.outcome.settled:
        return mark
    return own if mark.planned or own.at >= mark.at else mark


def concluded(file: FileRow, servers: Iterable[ServerRow]) -> FileRow:
    """The file with what follows from its marks brought up to date."""
    rows = list(servers)
    marks = [standing(file.own, row.mark) for row in rows]
    outcome = _outcome(file, marks)
    delivered = any(mark.outcome in DELIVERED for mark in marks)
    told = [mark.at for mark in (file.own, *(row.mark for row in rows)) if mark is not None and mark.outcome.settled]
    return replace(
        file,
        outcome=outcome,
        lost=outcome in BAD and not delivered,
        settled_at=max(told, default=None) if outcome.settled else None,
        next_try=None if outcome.settled else _next_try(file, marks),
    )


def _outcome(file: FileRow, marks: Sequence[Mark]) -> Outcome:
    """The worst of its servers once all are settled; a file may also be settled as a whole."""
    if marks and all(mark.outcome.settled for mark in marks):
        return min((mark.outcome for mark in marks), key=_WORST_FIRST.index)
    if file.own is not None and file.own.outcome.settled:
        return file.own.outcome
    said = (*marks, file.own) if file.own is not None else marks
    if any(mark.next_try is not None for mark in said):
        return Outcome.WAITING
    return Outcome.RUNNING if file.started_at is not None else Outcome.WAITING


def _next_try(file: FileRow, marks: Sequence[Mark]) -> datetime | None:
    """The earliest moment at which something of an open file is tried again."""
    said = (*marks, file.own) if file.own is not None else marks
    waits = [mark.next_try for mark in said if mark.next_try is not None and not mark.outcome.settled]
    return min(waits, default=None)


def _weight(mark: Mark) -> tuple[object, ...]:
    """Two marks of one moment are told apart by their content, so that the order of arrival never decides."""
    return (
        not mark.planned,
        mark.at,
        mark.outcome.settled,
        mark.attempt,
        mark.outcome.value,
        mark.reason,
        mark.code,
        mark.call,
        mark.outputs,
        mark.next_try or _NEVER,
    )


def _pack_weight(pack: Pack) -> tuple[object, ...]:
    return (pack.report is not None, pack.at, pack.key, pack.reused, pack.partial)


def _try_weight(one: Try) -> tuple[object, ...]:
    told = (one.server_id, one.attempt, one.outcome.value, one.code, one.reason)
    return (one.at, *told, one.next_try or _NEVER)
