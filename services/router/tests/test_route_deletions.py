"""What is said to be gone: removals for the owners, under one job; what is there stays."""

import time

import pytest

from framewright.chassis.bus import sweep
from framewright.contracts.base import decode
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileRoutedV1, JobCreatedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.publish import RefreshWantedV1, RemovalRequestedV1
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.domain.ownership import ExcludeRule, Library, PathMapping

pytestmark = pytest.mark.integration

GONE = {"kind": ChangeKind.DELETED}


def _of(kind, told):
    return [one for one in told if isinstance(one, kind)]


async def test_a_deleted_file_is_removed_from_every_owner_under_one_job(desk, stored):
    desk.server("s1")
    desk.server("s2", "/tv", path_mappings=(PathMapping("/tv", str(desk.media)),))
    desk.server("s3", f"{desk.media}/elsewhere")

    told = await desk.route(desk.media / "film.mkv", **GONE, why="MANUAL")

    removals = await stored(RemovalRequestedV1)
    (job,) = _of(JobCreatedV1, told)
    assert [one.target.server_id for one in removals] == ["s1", "s2"]
    assert {(one.path, one.path_id, one.job_ids, one.why) for one in removals} == {
        (f"{desk.media}/film.mkv", media_id(f"{desk.media}/film.mkv"), (job.job_id,), "MANUAL")
    }
    assert [one.roots for one in removals] == [(str(desk.media),)] * 2
    assert removals[1].target.remote_paths == ("/tv/film.mkv",)
    assert {one.outcome for one in _of(FileRoutedV1, told)[0].servers} == {Outcome.WAITING}
    assert await stored(ExtractRequestedV1) == []


async def test_a_redelivered_deletion_asks_once(desk, stored):
    desk.server()

    for _ in range(2):
        await desk.route(desk.media / "film.mkv", **GONE)

    assert len(await stored(RemovalRequestedV1)) == 1


@pytest.mark.parametrize("why", ["", "MANUAL"])
async def test_a_file_that_is_there_is_not_removed_whatever_is_said(desk, stored, why):
    desk.server()

    told = await desk.route(desk.add("film.mkv"), **GONE, why=why)

    (fact,) = _of(FileRoutedV1, told)
    assert (fact.outcome, fact.reason, fact.servers) == (Outcome.UP_TO_DATE, "the file is there", ())
    assert await stored(RemovalRequestedV1) == []


async def test_of_several_words_about_a_file_that_is_there_it_is_looked_at(desk, stored):
    desk.server()

    await desk.route(desk.add("film.mkv"), **GONE, merged=("added",))

    (job,) = await stored(ExtractRequestedV1)
    assert (job.path, await stored(RemovalRequestedV1)) == (f"{desk.media}/film.mkv", [])


async def test_a_file_that_was_renamed_and_deleted_takes_its_first_outputs_with_it(desk, stored):
    desk.server()
    await desk.published(desk.media / "a.mkv", "s1")

    await desk.route(desk.media / "b.mkv", **GONE, previous_path=f"{desk.media}/a.mkv", merged=("deleted",))
    (earlier,) = await stored(MediaChangedV1)
    await desk.route(earlier.path, kind=earlier.kind, event_id=earlier.event_id)

    paths = {one.path: one.job_ids for one in await stored(RemovalRequestedV1)}
    assert sorted(paths) == [f"{desk.media}/a.mkv", f"{desk.media}/b.mkv"]
    assert (earlier.previous_path, earlier.job_id, len(set(paths.values()))) == ("", "", 2)


async def test_a_renamed_file_that_is_there_after_all_moves_its_outputs(desk, stored):
    desk.server()
    await desk.published(desk.media / "a.mkv", "s1")

    await desk.route(desk.add("b.mkv"), **GONE, previous_path=f"{desk.media}/a.mkv", merged=("deleted",))

    (job,) = await stored(ExtractRequestedV1)
    assert (job.previous_path, await stored(MediaChangedV1)) == (f"{desk.media}/a.mkv", [])


async def test_a_deletion_while_the_rename_still_waits_takes_the_first_outputs_too(desk, stored):
    desk.server()
    film = desk.add("b.mkv")
    await desk.route(film, event_id="renamed", kind=ChangeKind.RENAMED, previous_path=f"{desk.media}/a.mkv")
    film.unlink()

    await desk.route(film, event_id="deleted", **GONE)

    assert [(one.kind, one.path) for one in await stored(MediaChangedV1)] == [
        (ChangeKind.DELETED, f"{desk.media}/a.mkv")
    ]


async def test_a_deleted_path_of_nobody_says_so(desk, stored):
    desk.server("s1", f"{desk.media}/films")
    desk.server("s2", exclude_paths=(ExcludeRule(str(desk.media)),))

    for path in ("film.mkv", "show"):
        (fact,) = _of(FileRoutedV1, await desk.route(desk.media / path, event_id=path, **GONE))

        assert fact.outcome is Outcome.EXCLUDED
    assert await stored(RemovalRequestedV1) == []


async def test_of_two_places_the_one_with_outputs_is_meant(desk, stored):
    rows = [PathMapping("/data", f"{desk.media}/disk{number}") for number in (1, 2)]
    desk.server("s1", "/data", path_mappings=tuple(rows))
    await desk.published(desk.media / "disk2/film.mkv", "s1")

    await desk.route("/data/film.mkv", **GONE)

    assert [one.path for one in await stored(RemovalRequestedV1)] == [f"{desk.media}/disk2/film.mkv"]


async def test_every_library_root_above_the_file_is_named(desk, stored):
    libraries = tuple(
        Library(name, name, "movie", (f"{desk.media}{below}",)) for name, below in (("all", ""), ("films", "/films"))
    )
    desk.server("s1", libraries=libraries)

    await desk.route(desk.media / "films/film.mkv", **GONE)

    (removal,) = await stored(RemovalRequestedV1)
    assert removal.roots == (f"{desk.media}/films", str(desk.media))
    assert removal.target.library_ids == ("films", "all")


async def test_a_deleted_folder_becomes_one_job_of_what_was_made_below_it(desk, stored):
    desk.server("s1")
    desk.server("s2")
    there = desk.add("Show/e3.mkv")
    await desk.published(desk.media / "Show/e1.mkv", "s1", "s2", "forgotten")
    await desk.published(desk.media / "Show/Season 2/e2.mkv", "s2")
    for other in (there, desk.media / "Show 2/e1.mkv", desk.media / "Showing.mkv"):
        await desk.published(other, "s1")

    told = await desk.route(desk.media / "Show", **GONE)

    (job,) = _of(JobCreatedV1, told)
    asked = [(one.path, one.target.server_id) for one in await stored(RemovalRequestedV1)]
    assert sorted(asked) == [
        (f"{desk.media}/Show/Season 2/e2.mkv", "s2"),
        (f"{desk.media}/Show/e1.mkv", "s1"),
        (f"{desk.media}/Show/e1.mkv", "s2"),
    ]
    assert (job.kind, job.total, len(_of(FileRoutedV1, told))) == ("folder", 2, 2)
    assert {one.job_ids for one in await stored(RemovalRequestedV1)} == {(job.job_id,)}


async def test_a_deleted_folder_of_which_nothing_was_made_is_only_shown_to_its_servers(desk, stored):
    desk.server("s1", type="plex", url="http://plex")
    desk.server("s2")

    told = await desk.route(desk.media / "Show", **GONE)

    (fact,) = _of(FileRoutedV1, told)
    (wanted,) = await stored_waiting(desk.bus)
    assert (fact.outcome, fact.reason) == (Outcome.REMOVED, "nothing was made of what the folder held")
    assert (wanted.server_id, [one.path for one in wanted.changed]) == ("s1", [f"{desk.media}/Show"])
    assert await stored(RemovalRequestedV1) == []


async def test_a_folder_whose_videos_are_all_there_loses_nothing(desk, stored):
    desk.server()
    await desk.published(desk.add("Show/e1.mkv"), "s1")

    (fact,) = _of(FileRoutedV1, await desk.route(desk.media / "Show", **GONE))

    assert (fact.outcome, fact.reason) == (Outcome.UP_TO_DATE, "the videos of the folder are there")
    assert await stored(RemovalRequestedV1) == []


async def test_a_pinned_deletion_is_for_its_server_alone(desk, stored):
    for name in ("s1", "s2"):
        desk.server(name)
    await desk.published(desk.media / "Show/e1.mkv", "s1", "s2")

    await desk.route(desk.media / "film.mkv", event_id="file", server_id="s2", **GONE)
    await desk.route(desk.media / "Show", event_id="folder", server_id="s2", **GONE)

    assert {one.target.server_id for one in await stored(RemovalRequestedV1)} == {"s2"}


async def test_a_cancelled_job_removes_nothing(desk, stored):
    desk.server()
    desk.cancelled = {"job"}

    (fact,) = await desk.route(desk.media / "film.mkv", job_id="job", **GONE)

    assert (fact.outcome, fact.reason) == (Outcome.CANCELLED, "the job was cancelled")
    assert await stored(RemovalRequestedV1) == []


async def test_thousands_of_records_are_gone_through_in_seconds(desk):
    desk.server()
    for number in range(3000):
        await desk.published(f"/media/show {number // 10}/e{number}.mkv", "s1")

    began = time.monotonic()
    found = await desk.router.records.under(["/media/show 7", "/media/show 299"])

    assert len(found) == 20
    assert time.monotonic() - began < 3


async def stored_waiting(bus):
    """Every wish to refresh that waits, by its place."""
    return [decode(RefreshWantedV1, one.data) async for one in sweep(bus, "PUBLISH", "wait.refresh.>")]
