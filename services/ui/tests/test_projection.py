"""The projection: each fact once, through restarts, lost streams and broken files."""

import asyncio
import sqlite3
from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framewright.chassis.clock import now
from framewright.contracts.base import Message, encode
from framewright.contracts.facts import JobChange
from framewright.domain.errors import Retry
from framewright.domain.outcome import Outcome
from framewright.ui.adapters.database import Database
from framewright.ui.adapters.feed import read_fact
from framewright.ui.adapters.projection import Projection


@pytest.fixture
def database(tmp_path: Path):
    opened = Database(tmp_path / "ui.db")
    yield opened
    opened.close()


async def test_facts_and_position_are_one(database, facts):
    projection = Projection(database)
    await projection.position("stream1", 9)
    await projection.apply([(3, facts.created()), (4, None)])

    with pytest.raises(Retry):
        await database.write(lambda connection: connection.execute("INSERT INTO nowhere VALUES (1)"))

    assert await projection.position("stream1", 9) == 4


async def test_a_fact_that_was_applied_is_not_applied_again(database, facts):
    projection = Projection(database)
    await projection.position("stream1", 9)
    await projection.apply([(3, facts.created(total=1))])

    changed = await projection.apply([(3, facts.created(5, total=7)), (2, facts.created(6, total=8))])

    assert changed.jobs == frozenset()


@pytest.mark.parametrize(("identity", "last"), [("stream2", 9), ("stream1", 2)])
async def test_another_stream_empties_the_projection(database, facts, identity, last):
    projection = Projection(database)
    await projection.position("stream1", 9)
    await projection.apply([(3, facts.created())])

    assert await projection.position(identity, last) == 0

    assert await database.read(lambda connection: connection.execute("SELECT COUNT(*) FROM jobs").fetchone()) == (0,)


async def test_old_jobs_are_forgotten_with_all_that_is_theirs(database, facts):
    projection = Projection(database)
    await projection.apply([(1, facts.created()), (2, facts.routed(servers={"a": Outcome.WAITING}))])
    await projection.apply([(3, facts.classified()), (4, facts.created(99, job="job2"))])

    assert await projection.purge(facts.at(50)) == 1

    def left(connection: sqlite3.Connection) -> list[int]:
        tables = ("jobs", "files", "outcomes", "events")
        return [connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables]

    assert await database.read(left) == [1, 0, 0, 0]


async def test_cleared_history_stays_cleared_when_the_projection_is_rebuilt(database, facts):
    projection = Projection(database)
    await projection.apply([(1, facts.classified())])
    await projection.clear_history()

    await projection.position("stream2", 9)
    await projection.apply([(1, facts.classified()), (2, facts.classified(10**9, event="later"))])

    def kept(connection: sqlite3.Connection) -> list[tuple[str]]:
        return connection.execute("SELECT event_id FROM events").fetchall()

    assert await database.read(kept) == [("later",)]


ORDERS = st.permutations(range(12))
CUTS = st.sets(st.integers(1, 11))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=ORDERS, cuts=CUTS)
def test_lists_show_the_same_whatever_the_order_and_the_batches(facts, tmp_path_factory, order, cuts):
    told = history_of_a_cancelled_and_a_deleted_job(facts)
    straight = columns(tmp_path_factory, [told])

    bounds = [0, *sorted(cuts), len(told)]
    shuffled = [told[place] for place in order]
    batches = [shuffled[begin:end] for begin, end in pairwise(bounds)]

    assert columns(tmp_path_factory, batches) == straight


def history_of_a_cancelled_and_a_deleted_job(facts) -> list[Message]:
    wait = facts.settled(6, Outcome.WAITING, "a", path="/m/b.mkv", next_try=facts.at(60))
    return [
        facts.created(total=3),
        facts.routed(path="/m/a.mkv", servers={"a": Outcome.WAITING, "b": Outcome.WAITING}),
        facts.settled(3, Outcome.PUBLISHED, "a", path="/m/a.mkv"),
        facts.settled(4, Outcome.PUBLISHED, "b", path="/m/a.mkv"),
        facts.changed(5, JobChange.CANCELLED),
        wait,
        facts.started(7, path="/m/c.mkv"),
        facts.routed(8, path="/m/c.mkv", servers={"a": Outcome.WAITING}),
        facts.created(job="job2"),
        facts.settled(3, jobs=("job2",)),
        facts.changed(9, JobChange.DELETED, job="job2"),
        facts.troubled(9, "UNAUTHORIZED"),
    ]


def columns(folders, batches: list[list[Message]]) -> list[list[tuple]]:
    database = Database(folders.mktemp("projection") / "ui.db")
    sequence = count(1)
    for batch in batches:
        asyncio.run(Projection(database).apply([(next(sequence), fact) for fact in batch]))
    queries = (
        "SELECT id, status, cancelled FROM jobs ORDER BY id",
        "SELECT job_id, path, outcome, next_try, body FROM files ORDER BY path",
        "SELECT job_id, path_id, server_id, outcome, body FROM outcomes ORDER BY path_id, server_id",
        "SELECT job_id, path_id, body FROM attempts ORDER BY path_id, at",
        "SELECT server_id, body FROM troubles",
    )
    found = asyncio.run(database.read(lambda connection: [connection.execute(one).fetchall() for one in queries]))
    database.close()
    return found


@pytest.mark.parametrize("damage", ["garbage", "schema"])
async def test_an_unusable_file_is_replaced(tmp_path: Path, facts, damage):
    path = tmp_path / "ui.db"
    if damage == "garbage":
        path.write_bytes(b"no database at all" * 400)
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 999")
        connection.close()

    database = Database(path)

    await Projection(database).apply([(1, facts.created())])
    database.close()


def test_a_fact_of_a_newer_version_is_skipped_silently_and_a_broken_one_too(facts):
    assert read_fact("events.v9.whatever.x", b"{}") is None
    assert read_fact("events.v1.job-created.x", b"not json") is None
    assert read_fact("events.v1.job-created.x", encode(facts.created())) == facts.created()


@pytest.mark.integration
async def test_a_restarted_service_goes_on_where_it_stopped(start_ui, tell, facts, tmp_path):
    film = facts.film
    lately = (now() - facts.at(0)).total_seconds()
    async with start_ui() as ui:
        await tell(facts.created(lately, total=2), facts.settled(lately, path=film))
        await ui.until("/api/jobs/job1", lambda job: job["completed_items"] == 1)

    await tell(facts.settled(lately, path="/media/second.mkv"))

    async with start_ui() as ui:
        job = await ui.until("/api/jobs/job1", lambda job: job["status"] == "completed")
        assert (job["completed_items"], job["total_items"]) == (2, 2)
        assert [file["path"] for file in job["files"]] == [film, "/media/second.mkv"]


@pytest.mark.integration
async def test_unreadable_and_unknown_facts_do_not_stop_the_feed(ui, bus, tell, facts):
    await bus.publish("events.v1.job-created.broken", b"{")
    await bus.publish("events.v1.invented.x", b"{}")

    await tell(facts.created())

    await ui.until("/api/jobs/job1", lambda job: job["status"] == "pending")
