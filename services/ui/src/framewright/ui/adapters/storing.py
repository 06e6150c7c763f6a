"""Writing a folded ledger back: only rows that changed, and columns that hold what lists are filtered by.

The body of a row is what was said; its columns are what that means today. So when a job is cancelled, the columns of its open
files change at once, whatever late facts still do to their bodies, and a deleted job keeps one row, so that they do not bring
it back.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec

from framewright.chassis.clock import rfc3339
from framewright.domain.outcome import Outcome
from framewright.ui.domain.ledger import Ledger
from framewright.ui.domain.rows import FileKey, FileRow, JobRow
from framewright.ui.domain.standing import ending, halted, standing
from framewright.ui.domain.status import announced, status_of

DELETED = "deleted"
"""Status of a job that no list shows any more."""

OF_A_JOB = ("attempts", "outcomes", "files")

_OPEN = tuple(outcome.value for outcome in Outcome if not outcome.settled)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a batch changed, for those who look on."""

    jobs: frozenset[str] = frozenset()
    files: frozenset[FileKey] = frozenset()
    events: bool = False
    servers: bool = False


def store(connection: sqlite3.Connection, ledger: Ledger, before: Ledger, *, since: str) -> Changed:
    """Write what differs; webhooks from before `since`, the last clearing of the history, stay forgotten."""
    jobs = [row for key, row in ledger.jobs.items() if before.jobs.get(key) != row]
    connection.executemany("INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_job_values, jobs))
    kept = {key for key in ledger.servers if ledger.jobs[key[0]].deleted_at is None}
    keys = _store_files(connection, ledger, before, kept)
    _store_tries(connection, ledger, before, kept)
    for job in jobs:
        _obey(connection, job, before.jobs.get(job.id))
    events = _store_events(connection, ledger, before, since)
    servers = _store_troubles(connection, ledger, before)
    return Changed(frozenset(row.id for row in jobs), keys, events, servers)


def _store_files(
    connection: sqlite3.Connection, ledger: Ledger, before: Ledger, kept: set[FileKey]
) -> frozenset[FileKey]:
    files = [row for key, row in ledger.files.items() if key in kept and before.files.get(key) != row]
    # An upsert, not a replace: the number, and with it the place in lists, stays.
    connection.executemany(
        "INSERT INTO files (job_id, path_id, path, outcome, packed, next_try, body) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (job_id, path_id) DO UPDATE SET outcome = excluded.outcome, packed = excluded.packed, "
        "next_try = excluded.next_try, body = excluded.body",
        [_file_values(row, ledger.jobs[row.job_id]) for row in files],
    )
    servers = list(chain.from_iterable(_changed_servers(ledger, before, key) for key in kept))
    connection.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", servers)
    return frozenset((row.job_id, row.path_id) for row in files) | {(row[0], row[1]) for row in servers}


def _store_tries(connection: sqlite3.Connection, ledger: Ledger, before: Ledger, kept: set[FileKey]) -> None:
    for key in kept & ledger.tries.keys():
        tries, old = set(ledger.tries[key]), set(before.tries.get(key, ()))
        gone = [(*key, rfc3339(one.at), msgspec.json.encode(one)) for one in old - tries]
        connection.executemany("DELETE FROM attempts WHERE job_id = ? AND path_id = ? AND at = ? AND body = ?", gone)
        fresh = [(*key, rfc3339(one.at), one.outcome, msgspec.json.encode(one)) for one in tries - old]
        connection.executemany("INSERT OR IGNORE INTO attempts VALUES (?, ?, ?, ?, ?)", fresh)


def _obey(connection: sqlite3.Connection, job: JobRow, before: JobRow | None) -> None:
    """An operator's word reaches every file of the job, not only those of the batch."""
    if job.deleted_at:
        for table in OF_A_JOB:
            connection.execute(f"DELETE FROM {table} WHERE job_id = ?", (job.id,))  # noqa: S608 - names of our own
    elif job.cancelled_at and (before is None or before.cancelled_at != job.cancelled_at):
        marks, named = ", ".join("?" * len(_OPEN)), (Outcome.CANCELLED, job.id, *_OPEN)
        connection.execute(
            f"UPDATE files SET outcome = ?, next_try = '' WHERE job_id = ? AND outcome IN ({marks})",  # noqa: S608
            named,
        )
        connection.execute(f"UPDATE outcomes SET outcome = ? WHERE job_id = ? AND outcome IN ({marks})", named)  # noqa: S608


def _store_events(connection: sqlite3.Connection, ledger: Ledger, before: Ledger, since: str) -> bool:
    events = [row for key, row in ledger.events.items() if before.events.get(key) != row and rfc3339(row.at) > since]
    connection.executemany(
        "INSERT OR REPLACE INTO events VALUES (?, ?, ?)",
        [(row.event_id, rfc3339(row.at), msgspec.json.encode(row)) for row in events],
    )
    return bool(events)


def _store_troubles(connection: sqlite3.Connection, ledger: Ledger, before: Ledger) -> bool:
    told = [row for key, row in ledger.troubles.items() if before.troubles.get(key) != row]
    connection.executemany(
        "INSERT OR REPLACE INTO troubles VALUES (?, ?)", [(row.server_id, msgspec.json.encode(row)) for row in told]
    )
    return bool(told)


def _job_values(row: JobRow) -> tuple[Any, ...]:
    birth = announced(row)
    return (
        row.id,
        DELETED if row.deleted_at else status_of(row),
        rfc3339(row.created_at or row.first_at),
        rfc3339(row.last_at),
        birth.event_id if birth else "",
        birth.source if birth else "",
        birth.title if birth else "",
        rfc3339(row.cancelled_at) if row.cancelled_at else "",
        msgspec.json.encode(row),
    )


def _file_values(row: FileRow, job: JobRow) -> tuple[Any, ...]:
    next_try = rfc3339(row.next_try) if row.next_try and not job.cancelled_at else ""
    outcome = ending(row.outcome, job.cancelled_at)
    return (row.job_id, row.path_id, row.path, outcome, int(row.pack is not None), next_try, msgspec.json.encode(row))


def _changed_servers(ledger: Ledger, before: Ledger, key: FileKey) -> Iterable[tuple[Any, ...]]:
    """Rows that changed themselves, or stand elsewhere because the file as a whole does."""
    file, old_file = ledger.files.get(key), before.files.get(key)
    own, old_own = file.own if file else None, old_file.own if old_file else None
    for server_id, row in ledger.servers[key].items():
        if before.servers[key].get(server_id) != row or own != old_own:
            mark = halted(standing(own, row.mark), ledger.jobs[key[0]].cancelled_at)
            at = rfc3339(mark.at)
            yield (*key, server_id, row.name, row.type, mark.outcome, at, msgspec.json.encode(row))
