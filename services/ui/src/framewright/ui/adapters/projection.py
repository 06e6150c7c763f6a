"""Writing the projection: facts folded into rows, together with the position in the stream, in one transaction.

So each fact is applied exactly once however often the process dies. The stream's identity is stored as well: facts of
another stream (a wiped broker) start an empty projection.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from framewright.chassis.clock import now, rfc3339
from framewright.contracts.base import Message
from framewright.ui.adapters.database import Database
from framewright.ui.adapters.storing import OF_A_JOB, Changed, store
from framewright.ui.domain.folding import fold, touched
from framewright.ui.domain.ledger import Ledger, Touched
from framewright.ui.domain.rows import EventRow, FileKey, FileRow, JobRow, ServerRow, Trouble, Try

T = TypeVar("T")

CLEARED = "history_cleared_at"
TABLES = ("jobs", "files", "outcomes", "attempts", "events", "troubles")


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
            for table in TABLES:
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
            for table in OF_A_JOB:
                connection.execute(f"DELETE FROM {table} WHERE job_id IN ({old})", (limit,))  # noqa: S608
            connection.execute("DELETE FROM events WHERE at < ?", (limit,))
            return connection.execute("DELETE FROM jobs WHERE last < ?", (limit,)).rowcount

        return await self._database.write(remove)

    async def clear_history(self) -> None:
        """See `History.clear_history`."""
        moment = rfc3339(now())

        def clear(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM events")
            _remember(connection, **{CLEARED: moment})

        await self._database.write(clear)


def _apply(connection: sqlite3.Connection, facts: Sequence[tuple[int, Message | None]]) -> Changed:
    ledger, before = Ledger(), Ledger()
    applied = _position(connection)
    for sequence, fact in facts:
        if sequence > applied and fact is not None:
            _load(connection, ledger, before, touched(fact))
            fold(ledger, fact)
    _remember(connection, sequence=str(max(applied, *(sequence for sequence, _ in facts))))
    return store(connection, ledger, before, since=_known(connection, CLEARED))


def _position(connection: sqlite3.Connection) -> int:
    return int(_known(connection, "sequence") or 0)


def _known(connection: sqlite3.Connection, key: str) -> str:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def _remember(connection: sqlite3.Connection, **values: str) -> None:
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())


def _load(connection: sqlite3.Connection, ledger: Ledger, before: Ledger, wanted: Touched) -> None:
    """Bring the rows that a fact touches into the ledger, unless they are there; `before` keeps them as they were."""
    for job_id in wanted.jobs:
        _load_row(connection, (ledger.jobs, before.jobs), job_id, "SELECT body FROM jobs WHERE id = ?", JobRow)
    for key in wanted.files:
        if key not in ledger.servers:
            _load_file(connection, ledger, before, key)
        if wanted.tried and key not in ledger.tries:
            ledger.tries[key] = before.tries[key] = _tries(connection, key)
    if wanted.event:
        query = "SELECT body FROM events WHERE event_id = ?"
        _load_row(connection, (ledger.events, before.events), wanted.event, query, EventRow)
    if wanted.server:
        query = "SELECT body FROM troubles WHERE server_id = ?"
        _load_row(connection, (ledger.troubles, before.troubles), wanted.server, query, Trouble)


def _load_row(
    connection: sqlite3.Connection, shelves: tuple[dict[str, T], dict[str, T]], key: str, query: str, kind: type[T]
) -> None:
    now_there, as_it_was = shelves
    row = _one(connection, query, (key,), kind) if key not in now_there else None
    if row is not None:
        now_there[key] = as_it_was[key] = row


def _load_file(connection: sqlite3.Connection, ledger: Ledger, before: Ledger, key: FileKey) -> None:
    file = _one(connection, "SELECT body FROM files WHERE job_id = ? AND path_id = ?", key, FileRow)
    if file is not None:
        ledger.files[key] = before.files[key] = file
    found = connection.execute("SELECT body FROM outcomes WHERE job_id = ? AND path_id = ?", key)
    servers = {row.server_id: row for row in (msgspec.json.decode(body, type=ServerRow) for (body,) in found)}
    ledger.servers[key] = servers
    before.servers[key] = dict(servers)


def _tries(connection: sqlite3.Connection, key: FileKey) -> tuple[Try, ...]:
    found = connection.execute("SELECT body FROM attempts WHERE job_id = ? AND path_id = ?", key)
    return tuple(msgspec.json.decode(body, type=Try) for (body,) in found)


def _one(connection: sqlite3.Connection, query: str, key: Sequence[str], kind: type[T]) -> T | None:
    row = connection.execute(query, key).fetchone()
    return msgspec.json.decode(row[0], type=kind) if row else None
