"""Reading what lists of jobs do not show: every try, what is open, which paths are to be done once more."""

import sqlite3
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

import msgspec

from framewright.domain.outcome import Outcome
from framewright.ui.adapters.archive import containing
from framewright.ui.adapters.database import Database
from framewright.ui.domain.attempts import Attempts, TryView
from framewright.ui.domain.ports import FileFilter, NameSource, Slice
from framewright.ui.domain.rows import FileKey, Trouble, Try
from framewright.ui.domain.views import Names

PAGE = 1000

SHOWN = 20
"""Tries of one file that its line on a page unfolds."""

_OPEN = tuple(outcome.value for outcome in Outcome if not outcome.settled)


class SqliteJobBook:
    """Fulfils `JobBook`."""

    def __init__(self, database: Database, names: NameSource) -> None:
        self._database = database
        self._names = names

    async def attempts(self, job_id: str, wanted: FileFilter, part: Slice) -> tuple[list[TryView], int]:
        """See `JobBook.attempts`."""
        names = self._names()
        return await self._database.read(lambda connection: _attempts(connection, job_id, wanted, part, names))

    async def tries(self, keys: Sequence[FileKey]) -> dict[str, list[TryView]]:
        """See `JobBook.tries`."""
        names = self._names()

        def look(connection: sqlite3.Connection) -> dict[str, list[TryView]]:
            query = "SELECT body FROM attempts WHERE job_id = ? AND path_id = ? ORDER BY at DESC LIMIT ?"
            found = {key[1]: connection.execute(query, (*key, SHOWN)).fetchall() for key in keys}
            return {
                path_id: [_view(msgspec.json.decode(body, type=Try), "", path_id, names) for (body,) in bodies]
                for path_id, bodies in found.items()
                if len(bodies) > 1
            }

        return await self._database.read(look)

    async def in_short(self, job_id: str) -> Attempts:
        """See `JobBook.in_short`."""

        def look(connection: sqlite3.Connection) -> Attempts:
            tries = connection.execute("SELECT COUNT(*) FROM attempts WHERE job_id = ?", (job_id,)).fetchone()[0]
            waiting, first = connection.execute(
                "SELECT COUNT(*), MIN(next_try) FROM files WHERE job_id = ? AND next_try <> ''", (job_id,)
            ).fetchone()
            return Attempts(tries=tries, waiting=waiting, next_try=datetime.fromisoformat(first) if first else None)

        return await self._database.read(look)

    async def open_paths(self, job_id: str) -> frozenset[str]:
        """See `JobBook.open_paths`."""

        def look(connection: sqlite3.Connection) -> frozenset[str]:
            query = f"SELECT path_id FROM files WHERE job_id = ? AND outcome IN ({_marks(_OPEN)})"  # noqa: S608
            return frozenset(path_id for (path_id,) in connection.execute(query, (job_id, *_OPEN)))

        return await self._database.read(look)

    async def number_of_files(self, job_id: str, outcomes: Collection[Outcome]) -> int:
        """See `JobBook.number_of_files`."""
        where, values = _chosen(job_id, outcomes)

        def look(connection: sqlite3.Connection) -> int:
            return connection.execute(f"SELECT COUNT(*) FROM files WHERE {where}", values).fetchone()[0]  # noqa: S608

        return await self._database.read(look)

    async def paths(self, job_id: str, outcomes: Collection[Outcome]) -> AsyncIterator[str]:
        """See `JobBook.paths`."""
        where, values = _chosen(job_id, outcomes)
        query = f"SELECT number, path FROM files WHERE {where} AND number > ? ORDER BY number LIMIT {PAGE}"  # noqa: S608
        last = -1
        while True:
            after = (*values, last)
            found = await self._database.read(
                lambda connection, after=after: connection.execute(query, after).fetchall()
            )
            for _, path in found:
                yield path
            if len(found) < PAGE:
                return
            last = found[-1][0]

    async def ids(self, statuses: Sequence[str]) -> list[str]:
        """See `JobBook.ids`."""

        def look(connection: sqlite3.Connection) -> list[str]:
            query = f"SELECT id FROM jobs WHERE status IN ({_marks(statuses)}) ORDER BY since"  # noqa: S608
            return [job_id for (job_id,) in connection.execute(query, tuple(statuses))]

        return await self._database.read(look)

    async def troubles(self) -> dict[str, Trouble]:
        """See `JobBook.troubles`."""

        def look(connection: sqlite3.Connection) -> list[Trouble]:
            return [
                msgspec.json.decode(body, type=Trouble) for (body,) in connection.execute("SELECT body FROM troubles")
            ]

        return {one.server_id: one for one in await self._database.read(look) if one.code}


def _attempts(
    connection: sqlite3.Connection, job_id: str, wanted: FileFilter, part: Slice, names: Names
) -> tuple[list[TryView], int]:
    where, values = "attempts.job_id = ?", [job_id]
    if wanted.outcome:
        where, values = f"{where} AND attempts.outcome = ?", [*values, wanted.outcome]
    if wanted.search:
        where, values = f"{where} AND files.path LIKE ? ESCAPE '\\'", [*values, containing(wanted.search)]
    rows = f"FROM attempts JOIN files USING (job_id, path_id) WHERE {where}"
    total = connection.execute(f"SELECT COUNT(*) {rows}", values).fetchone()[0]
    found = connection.execute(
        f"SELECT attempts.body, files.path, path_id {rows} ORDER BY attempts.at DESC, path_id LIMIT ? OFFSET ?",
        (*values, part.per_page, part.offset),
    )
    return [_view(msgspec.json.decode(body, type=Try), path, path_id, names) for body, path, path_id in found], total


def _view(one: Try, path: str, path_id: str, names: Names) -> TryView:
    return TryView(
        at=one.at,
        path=path,
        path_id=path_id,
        server_id=one.server_id,
        server_name=names.get(one.server_id, (one.server_id, ""))[0],
        attempt=one.attempt,
        outcome=one.outcome,
        code=one.code,
        reason=one.reason,
        next_try=one.next_try,
    )


def _chosen(job_id: str, outcomes: Collection[Outcome]) -> tuple[str, tuple[str, ...]]:
    if not outcomes:
        return "job_id = ?", (job_id,)
    return f"job_id = ? AND outcome IN ({_marks(outcomes)})", (job_id, *sorted(outcomes))


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" for _ in values)
