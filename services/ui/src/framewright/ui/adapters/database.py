"""One SQLite file: a writing and a reading connection, each used by one thread at a time.

The file is a cache of the EVENTS stream. A file of another schema, or one that is damaged, is thrown away and folded anew.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import structlog

from framewright.domain.errors import Retry

SCHEMA = 2
"""Raised whenever rows would be read differently; the projection is then rebuilt from the stream."""

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, since TEXT NOT NULL, last TEXT NOT NULL, event_id TEXT NOT NULL,
    source TEXT NOT NULL, title TEXT NOT NULL, cancelled TEXT NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS jobs_since ON jobs (since DESC, id);
CREATE INDEX IF NOT EXISTS jobs_status ON jobs (status, since DESC, id);
CREATE INDEX IF NOT EXISTS jobs_event ON jobs (event_id);
CREATE INDEX IF NOT EXISTS jobs_last ON jobs (last);
CREATE TABLE IF NOT EXISTS files (
    number INTEGER PRIMARY KEY, job_id TEXT NOT NULL, path_id TEXT NOT NULL, path TEXT NOT NULL, outcome TEXT NOT NULL,
    packed INTEGER NOT NULL, next_try TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (job_id, path_id)
);
CREATE INDEX IF NOT EXISTS files_outcome ON files (job_id, outcome, number);
CREATE INDEX IF NOT EXISTS files_waiting ON files (job_id, next_try) WHERE next_try <> '';
CREATE INDEX IF NOT EXISTS files_packed ON files (job_id, packed, number);
CREATE TABLE IF NOT EXISTS outcomes (
    job_id TEXT NOT NULL, path_id TEXT NOT NULL, server_id TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
    outcome TEXT NOT NULL, at TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (job_id, path_id, server_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outcomes_server ON outcomes (server_id, at);
CREATE INDEX IF NOT EXISTS outcomes_tally ON outcomes (job_id, server_id, outcome, name, type);
CREATE TABLE IF NOT EXISTS attempts (
    job_id TEXT NOT NULL, path_id TEXT NOT NULL, at TEXT NOT NULL, outcome TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (job_id, path_id, at, body)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS attempts_at ON attempts (job_id, at DESC, path_id);
CREATE TABLE IF NOT EXISTS troubles (server_id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (event_id TEXT PRIMARY KEY, at TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS events_at ON events (at);
"""

T = TypeVar("T")

log = structlog.get_logger("database")


class Database:
    """An open file; `write` runs its work in one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer, self._reader = _open(path)
        self._writing = asyncio.Lock()
        self._reading = asyncio.Lock()
        # A cancelled task lets go of its asyncio lock while its thread still works on the connection.
        self._held = {self._writer: threading.Lock(), self._reader: threading.Lock()}

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in a thread, in a transaction that is committed when it returns.

        Raises:
            Retry: code DATABASE, the disk is full or the file is locked; nothing was changed.
        """
        async with self._writing:
            return await asyncio.to_thread(self._in_transaction, work)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in a thread, seeing one state of the database.

        Raises:
            Retry: code DATABASE, the file cannot be read.
        """
        async with self._reading:
            return await asyncio.to_thread(self._in_snapshot, work)

    def close(self) -> None:
        """Close both connections, after what still runs on them."""
        for connection, held in self._held.items():
            with held:
                connection.close()

    def _in_transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._held[self._writer], _transaction(self._writer, "IMMEDIATE"):
                return work(self._writer)
        except sqlite3.Error as error:
            raise Retry(f"{self._path.name} cannot be written: {error}", code="DATABASE") from error

    def _in_snapshot(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._held[self._reader], _transaction(self._reader, "DEFERRED"):
                return work(self._reader)
        except sqlite3.Error as error:
            raise Retry(f"{self._path.name} cannot be read: {error}", code="DATABASE") from error


class _transaction:  # noqa: N801 - reads as a statement
    """Commit at the end of the block, roll back when it raises."""

    def __init__(self, connection: sqlite3.Connection, kind: str) -> None:
        self._connection = connection
        self._kind = kind

    def __enter__(self) -> None:
        self._connection.execute(f"BEGIN {self._kind}")

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def _open(path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connect(path), _connect(path)
    except sqlite3.DatabaseError as error:
        log.warning("the projection is unusable and will be rebuilt", file=path.name, reason=str(error))
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _connect(path), _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL may lose the last commits with the power, never their order: the position goes back with the rows.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -2048")
        _require_schema(connection)
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _require_schema(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version not in {0, SCHEMA}:
        raise sqlite3.DatabaseError(f"schema {version} is not {SCHEMA}")
