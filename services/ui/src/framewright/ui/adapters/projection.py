"""Writing the projection: facts folded into rows, together with the position in the stream, in one transaction.

So each fact is applied exactly once however often the process dies. The stream's identity is stored as well: facts of
another stream (a wiped broker) start an empty projection.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

import msgspec

from framewright.chassis.clock import now, rfc3339
from framewright.contracts.base import Message
from framewright.ui.adapters.database import Database
from framewright.ui.domain.folding import Ledger, Touched, fold, touched
from framewright.ui.domain.rows import EventRow, FileKey, FileRow, JobRow, ServerRow
from framewright.ui.domain.standing import standing
from framewright.ui.domain.status import status_of

T = TypeVar("T")

_CLEARED = "history_cleared_at"


@dataclass(frozen=True, slots=True)
class Changed:
    """What a batch changed, for those who look on."""

    jobs: frozenset[str] = frozenset()
    files: frozenset[FileKey] = frozenset()
    events: bool = False


class Projection:
    """The one writer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def position(self, identity: str, last: int) -> int:
        """The last applied sequence of this stream; an unknown stream, or one that went back, empties the projection."""

        def settle(connection: sqlite3.Connection) -> int:
            known = dict(connection.execute("SELECT key, value FROM meta").fetchall())
            applied = int(known.get("sequence", "0"))
            if known.get("stream") == identity and applied <= last:
                return applied
            for table in ("jobs", "files", "outcomes", "events"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            _remember(connection, stream=identity, sequence="0")
            return 0

        return await self._database.write(settle)

    async def apply(self, facts: Sequence[tuple[int, Message | None]]) -> Changed:
        """Fold facts in the order of their sequences; None stands for one that is skipped.

        Raises:
            Retry: code DATABASE; nothing was applied.
        """
        return await self._database.write(lambda connection: _apply(connection, facts))

    async def purge(self, before: datetime) -> int:
        """Remove jobs and webhooks of which nothing was heard since; answers the number of jobs."""
        limit = rfc3339(before)

        def remove(connection: sqlite3.Connection) -> int:
            old = "SELECT id FROM jobs WHERE last < ?"
            connection.execute(f"DELETE FROM outcomes WHERE job_id IN ({old})", (limit,))  # noqa: S608
            connection.execute(f"DELETE FROM files WHERE job_id IN ({old})", (limit,))  # noqa: S608
            connection.execute("DELETE FROM events WHERE at < ?", (limit,))
            return connection.execute("DELETE FROM jobs WHERE last < ?", (limit,)).rowcount

        return await self._database.write(remove)

    async def clear_history(self) -> None:
        """See `History.clear_history`."""
        moment = rfc3339(now())

        def clear(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM events")
            _remember(connection, **{_CLEARED: moment})

        await self._database.write(clear)


def _apply(connection: sqlite3.Connection, facts: Sequence[tuple[int, Message | None]]) -> Changed:
    ledger, before = Ledger(), Ledger()
    applied = _position(connection)
    for sequence, fact in facts:
        if sequence > applied and fact is not None:
            _load(connection, ledger, before, touched(fact))
            fold(ledger, fact)
    _remember(connection, sequence=str(max(applied, *(sequence for sequence, _ in facts))))
    return _store(connection, ledger, before)


def _position(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM meta WHERE key = 'sequence'").fetchone()
    return int(row[0]) if row else 0


def _remember(connection: sqlite3.Connection, **values: str) -> None:
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())


def _load(connection: sqlite3.Connection, ledger: Ledger, before: Ledger, wanted: Touched) -> None:
    """Bring the rows that a fact touches into the ledger, unless they are there; `before` keeps them as they were."""
    for job_id in wanted.jobs:
        if job_id not in ledger.jobs:
            row = _one(connection, "SELECT body FROM jobs WHERE id = ?", (job_id,), JobRow)
            if row is not None:
                ledger.jobs[job_id] = before.jobs[job_id] = row
    for key in wanted.files:
        if key not in ledger.servers:
            _load_file(connection, ledger, before, key)
    if wanted.event and wanted.event not in ledger.events:
        event = _one(connection, "SELECT body FROM events WHERE event_id = ?", (wanted.event,), EventRow)
        if event is not None:
            ledger.events[wanted.event] = before.events[wanted.event] = event


def _load_file(connection: sqlite3.Connection, ledger: Ledger, before: Ledger, key: FileKey) -> None:
    file = _one(connection, "SELECT body FROM files WHERE job_id = ? AND path_id = ?", key, FileRow)
    if file is not None:
        ledger.files[key] = before.files[key] = file
    found = connection.execute("SELECT body FROM outcomes WHERE job_id = ? AND path_id = ?", key)
    servers = {row.server_id: row for row in (msgspec.json.decode(body, type=ServerRow) for (body,) in found)}
    ledger.servers[key] = servers
    before.servers[key] = dict(servers)


def _one(connection: sqlite3.Connection, query: str, key: Sequence[str], kind: type[T]) -> T | None:
    row = connection.execute(query, key).fetchone()
    return msgspec.json.decode(row[0], type=kind) if row else None


def _store(connection: sqlite3.Connection, ledger: Ledger, before: Ledger) -> Changed:
    jobs = [row for key, row in ledger.jobs.items() if before.jobs.get(key) != row]
    files = [row for key, row in ledger.files.items() if before.files.get(key) != row]
    cleared = connection.execute("SELECT value FROM meta WHERE key = ?", (_CLEARED,)).fetchone()
    since = cleared[0] if cleared else ""
    events = [row for key, row in ledger.events.items() if before.events.get(key) != row and rfc3339(row.at) > since]
    connection.executemany("INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?)", map(_job_values, jobs))
    # An upsert, not a replace: the number, and with it the place in lists, stays.
    connection.executemany(
        "INSERT INTO files (job_id, path_id, path, outcome, packed, body) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (job_id, path_id) DO UPDATE SET outcome = excluded.outcome, packed = excluded.packed, body = excluded.body",
        map(_file_values, files),
    )
    servers = list(chain.from_iterable(_changed_servers(ledger, before, key) for key in ledger.servers))
    connection.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", servers)
    connection.executemany(
        "INSERT OR REPLACE INTO events VALUES (?, ?, ?)",
        [(row.event_id, rfc3339(row.at), msgspec.json.encode(row)) for row in events],
    )
    keys = frozenset((row.job_id, row.path_id) for row in files) | {(row[0], row[1]) for row in servers}
    return Changed(frozenset(row.id for row in jobs), keys, bool(events))


def _job_values(row: JobRow) -> tuple[Any, ...]:
    since = rfc3339(row.created_at or row.first_at)
    event_id = row.birth.event_id if row.birth else ""
    return (row.id, status_of(row), since, rfc3339(row.last_at), event_id, msgspec.json.encode(row))


def _file_values(row: FileRow) -> tuple[Any, ...]:
    return (row.job_id, row.path_id, row.path, row.outcome, int(row.pack is not None), msgspec.json.encode(row))


def _changed_servers(ledger: Ledger, before: Ledger, key: FileKey) -> Iterable[tuple[Any, ...]]:
    """Rows that changed themselves, or stand elsewhere because the file as a whole does."""
    file, old_file = ledger.files.get(key), before.files.get(key)
    own, old_own = file.own if file else None, old_file.own if old_file else None
    for server_id, row in ledger.servers[key].items():
        if before.servers[key].get(server_id) != row or own != old_own:
            mark = standing(own, row.mark)
            at = rfc3339(mark.at)
            yield (*key, server_id, row.name, row.type, mark.outcome, at, msgspec.json.encode(row))
