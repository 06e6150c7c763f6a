"""Reading the projection: pages of jobs and files, the webhook history, counts."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from framewright.ui.adapters.database import Database
from framewright.ui.adapters.storing import DELETED
from framewright.ui.domain.board import Board
from framewright.ui.domain.ports import FileFilter, JobFilter, NameSource, Slice
from framewright.ui.domain.rows import EventRow, FileKey, FileRow, JobRow, ServerRow
from framewright.ui.domain.standing import BAD
from framewright.ui.domain.status import JobStatus
from framewright.ui.domain.views import (
    Extras,
    FileView,
    HistoryEvent,
    JobView,
    Names,
    Publisher,
    ServerView,
    file_view,
    history_event,
    job_view,
    server_view,
)

_FILE_BODIES = "SELECT files.body, jobs.cancelled FROM files JOIN jobs ON jobs.id = job_id"


@dataclass(slots=True)
class _Around:
    """What belongs to some jobs, read with one query each."""

    errors: dict[str, str] = field(default_factory=dict[str, str])
    covers: dict[str, str] = field(default_factory=dict[str, str])
    publishers: dict[str, list[Publisher]] = field(default_factory=dict[str, list[Publisher]])


class SqliteArchive:
    """Fulfils `Archive`."""

    def __init__(self, database: Database, board: Board, names: NameSource) -> None:
        self._database = database
        self._board = board
        self._names = names

    async def jobs(self, wanted: JobFilter, part: Slice) -> tuple[list[JobView], int]:
        """See `Archive.jobs`."""
        where, values = _condition(wanted)

        def look(connection: sqlite3.Connection) -> tuple[list[JobRow], int, _Around]:
            total = connection.execute(f"SELECT COUNT(*) FROM jobs WHERE {where}", values).fetchone()[0]  # noqa: S608
            found = connection.execute(
                f"SELECT body FROM jobs WHERE {where} ORDER BY since DESC, id LIMIT ? OFFSET ?",  # noqa: S608
                (*values, part.per_page, part.offset),
            ).fetchall()
            rows = [msgspec.json.decode(body, type=JobRow) for (body,) in found]
            return rows, total, _around(connection, [row.id for row in rows], self._names())

        rows, total, around = await self._database.read(look)
        return [job_view(row, self._extras(row, around)) for row in rows], total

    async def job(self, job_id: str) -> JobView | None:
        """See `Archive.job`."""

        def look(connection: sqlite3.Connection) -> tuple[JobRow, _Around] | None:
            found = connection.execute(
                "SELECT body FROM jobs WHERE id = ? AND status <> ?", (job_id, DELETED)
            ).fetchone()
            if found is None:
                return None
            return msgspec.json.decode(found[0], type=JobRow), _around(connection, [job_id], self._names())

        seen = await self._database.read(look)
        return job_view(seen[0], self._extras(*seen)) if seen else None

    async def files(self, job_id: str, wanted: FileFilter, part: Slice) -> tuple[list[FileView], int]:
        """See `Archive.files`."""
        names = self._names()
        return await self._database.read(lambda connection: _files(connection, job_id, wanted, part, names))

    async def some_files(self, keys: Sequence[FileKey]) -> list[FileView]:
        """See `Archive.some_files`."""
        names = self._names()

        def look(connection: sqlite3.Connection) -> list[FileView]:
            query = f"{_FILE_BODIES} WHERE job_id = ? AND path_id = ?"
            found = [connection.execute(query, key).fetchone() for key in keys]
            return _with_servers(connection, [row for row in found if row is not None], names)

        return await self._database.read(look)

    async def history(self, limit: int) -> list[HistoryEvent]:
        """See `Archive.history`."""

        def look(connection: sqlite3.Connection) -> list[HistoryEvent]:
            found = connection.execute(
                "SELECT body, (SELECT id FROM jobs WHERE jobs.event_id = events.event_id AND status <> ? LIMIT 1) "
                "FROM events ORDER BY at DESC LIMIT ?",
                (DELETED, limit),
            )
            return [history_event(msgspec.json.decode(body, type=EventRow), job_id or "") for body, job_id in found]

        return await self._database.read(look)

    async def counts(self) -> dict[str, int]:
        """See `Archive.counts`."""

        def look(connection: sqlite3.Connection) -> dict[str, int]:
            return dict(connection.execute("SELECT status, COUNT(*) FROM jobs GROUP BY status").fetchall())

        found = await self._database.read(look)
        found.pop(DELETED, None)
        return {status.value: found.get(status, 0) for status in JobStatus} | {"total": sum(found.values())}

    async def last_outcomes(self) -> dict[str, ServerView]:
        """See `Archive.last_outcomes`."""
        names = self._names()

        def look(connection: sqlite3.Connection) -> dict[str, ServerView]:
            query = (
                "SELECT outcomes.body, files.body, jobs.cancelled FROM outcomes JOIN files USING (job_id, path_id) "
                "JOIN jobs ON jobs.id = job_id WHERE server_id = ? ORDER BY at DESC LIMIT 1"
            )
            found = {server_id: connection.execute(query, (server_id,)).fetchone() for server_id in names}
            return {
                server_id: server_view(
                    msgspec.json.decode(row[1], type=FileRow),
                    msgspec.json.decode(row[0], type=ServerRow),
                    names,
                    _moment(row[2]),
                )
                for server_id, row in found.items()
                if row is not None
            }

        return await self._database.read(look)

    def _extras(self, row: JobRow, around: _Around) -> Extras:
        return Extras(
            error=around.errors.get(row.id, ""),
            cover=around.covers.get(row.id, ""),
            publishers=tuple(around.publishers.get(row.id, ())),
            live=self._board.live(time.monotonic(), row.id),
        )


def _around(connection: sqlite3.Connection, job_ids: Sequence[str], names: Names) -> _Around:
    around = _Around()
    for job_id in job_ids:
        around.publishers[job_id] = _publishers(connection, job_id, names)
        around.errors[job_id] = _problem(connection, job_id, names)
        cover = connection.execute(
            "SELECT path_id FROM files WHERE job_id = ? AND packed = 1 ORDER BY number LIMIT 1", (job_id,)
        ).fetchone()
        around.covers[job_id] = cover[0] if cover else ""
    return around


def _publishers(connection: sqlite3.Connection, job_id: str, names: Names) -> list[Publisher]:
    found = connection.execute(
        "SELECT server_id, MAX(name), MAX(type), outcome, COUNT(*) FROM outcomes WHERE job_id = ? GROUP BY server_id, outcome",
        (job_id,),
    )
    seen: dict[str, Publisher] = {}
    for server_id, name, kind, outcome, count in found:
        known = names.get(server_id, ("", ""))
        one = seen.setdefault(
            server_id,
            Publisher(
                server_id=server_id,
                server_name=name or known[0] or server_id,
                server_type=kind or known[1],
                outcomes={},
            ),
        )
        one.outcomes[outcome] = count
    return sorted(seen.values(), key=lambda one: one.server_name)


def _problem(connection: sqlite3.Connection, job_id: str, names: Names) -> str:
    """The reason of one failed file, in words."""
    found = connection.execute(
        f"{_FILE_BODIES} WHERE job_id = ? AND outcome IN ({_marks(BAD)}) ORDER BY number LIMIT 1",
        (job_id, *sorted(BAD)),
    ).fetchone()
    if found is None:
        return ""
    view = _with_servers(connection, [found], names)[0]
    return next((one.reason for one in view.servers if one.outcome in BAD and one.reason), view.reason)


def _files(
    connection: sqlite3.Connection, job_id: str, wanted: FileFilter, part: Slice, names: Names
) -> tuple[list[FileView], int]:
    where, values = "job_id = ?", [job_id]
    if wanted.outcome:
        where, values = f"{where} AND outcome = ?", [*values, wanted.outcome]
    if wanted.search:
        where, values = f"{where} AND path LIKE ? ESCAPE '\\'", [*values, containing(wanted.search)]
    total = connection.execute(f"SELECT COUNT(*) FROM files WHERE {where}", values).fetchone()[0]  # noqa: S608
    found = connection.execute(
        f"{_FILE_BODIES} WHERE {where} ORDER BY number LIMIT ? OFFSET ?",
        (*values, part.per_page, part.offset),
    ).fetchall()
    return _with_servers(connection, found, names), total


def _with_servers(connection: sqlite3.Connection, found: Iterable[Any], names: Names) -> list[FileView]:
    files = [(msgspec.json.decode(body, type=FileRow), _moment(cancelled)) for body, cancelled in found]
    query = "SELECT body FROM outcomes WHERE job_id = ? AND path_id = ?"
    return [
        file_view(
            file,
            [
                msgspec.json.decode(body, type=ServerRow)
                for (body,) in connection.execute(query, (file.job_id, file.path_id))
            ],
            names,
            cancelled_at,
        )
        for file, cancelled_at in files
    ]


def _condition(wanted: JobFilter) -> tuple[str, tuple[str, ...]]:
    where, values = "status <> ?", (DELETED,)
    if wanted.statuses:
        where, values = f"{where} AND status IN ({_marks(wanted.statuses)})", (*values, *wanted.statuses)
    if wanted.source:
        where, values = f"{where} AND source = ?", (*values, wanted.source)
    if wanted.search:
        where = f"{where} AND (title LIKE ? ESCAPE '\\' OR id = ?)"
        values = (*values, containing(wanted.search), wanted.search)
    return where, values


def containing(text: str) -> str:
    """The pattern for everything that holds the text, for a `LIKE` whose escape character is the backslash."""
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"


def _moment(stored: str) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
