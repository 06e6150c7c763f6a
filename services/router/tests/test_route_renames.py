"""A file that was somewhere else before: its outputs move with it, and go where nobody wants them any more."""

import pytest

from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileRoutedV1, FileSettledV1, JobCreatedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.publish import RemovalRequestedV1
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.domain.ownership import PathMapping

pytestmark = pytest.mark.integration


def renamed(before):
    return {"kind": ChangeKind.RENAMED, "previous_path": str(before)}


async def test_a_renamed_file_says_where_it_was(desk, stored):
    desk.server("s1", "/data", path_mappings=(PathMapping("/data", str(desk.media)),))
    desk.add("new.mkv")

    told = await desk.route("/data/new.mkv", **renamed("/data/old.mkv"))

    (job,) = await stored(ExtractRequestedV1)
    assert (job.path, job.previous_path) == (f"{desk.media}/new.mkv", f"{desk.media}/old.mkv")
    assert [one.total for one in told if isinstance(one, JobCreatedV1)] == [1]
    assert await stored(RemovalRequestedV1) == []


async def test_what_only_the_old_place_had_is_removed_there(desk, stored):
    desk.server("both")
    desk.server("old", f"{desk.media}/films")
    desk.server("new", f"{desk.media}/archive")
    film = desk.add("archive/film.mkv")

    told = await desk.route(film, **renamed(desk.media / "films/film.mkv"))

    (job,) = await stored(ExtractRequestedV1)
    (removal,) = await stored(RemovalRequestedV1)
    assert {one.server_id for one in job.targets} == {"both", "new"}
    assert (removal.target.server_id, removal.path, removal.job_ids) == (
        "old",
        f"{desk.media}/films/film.mkv",
        job.job_ids,
    )
    assert [one.total for one in told if isinstance(one, JobCreatedV1)] == [2]
    assert {one.path_id for one in told if isinstance(one, FileRoutedV1)} == {job.path_id, removal.path_id}


async def test_a_file_that_left_every_library_loses_its_outputs(desk, stored):
    desk.server("s1", f"{desk.media}/films")

    told = await desk.route(desk.add("attic/film.mkv"), **renamed(desk.media / "films/film.mkv"))

    outcomes = {one.path_id: one.outcome for one in told if isinstance(one, FileRoutedV1)}
    assert outcomes == {
        media_id(f"{desk.media}/attic/film.mkv"): Outcome.NOT_OWNED,
        media_id(f"{desk.media}/films/film.mkv"): Outcome.WAITING,
    }
    assert [one.target.server_id for one in await stored(RemovalRequestedV1)] == ["s1"]


@pytest.mark.parametrize("before", ["still here.mkv", "film.mkv", "../climbs.mkv", ""])
async def test_what_is_no_rename_after_all_is_an_ordinary_change(desk, stored, before):
    desk.server()
    desk.add("still here.mkv")

    await desk.route(desk.add("film.mkv"), **renamed(f"{desk.media}/{before}" if before else ""))

    (job,) = await stored(ExtractRequestedV1)
    assert job.previous_path == ""
    assert await stored(RemovalRequestedV1) == []


async def test_a_queued_request_learns_where_its_file_was(desk, stored):
    desk.server()
    film = desk.add("new.mkv")

    await desk.route(film, event_id="first")
    await desk.route(film, event_id="second", **renamed(desk.media / "old.mkv"))
    await desk.route(film, event_id="third")

    (job,) = await stored(ExtractRequestedV1)
    assert (job.previous_path, len(job.job_ids)) == (f"{desk.media}/old.mkv", 2)


async def test_what_waited_for_the_old_path_is_taken_over(desk, stored):
    desk.server()
    await desk.route(desk.add("a.mkv"), event_id="added")
    (desk.media / "a.mkv").rename(desk.media / "b.mkv")

    told = await desk.route(desk.media / "b.mkv", event_id="renamed", **renamed(desk.media / "a.mkv"))

    (job,) = await stored(ExtractRequestedV1)
    (over,) = [one for one in told if isinstance(one, FileSettledV1)]
    assert (job.path, job.previous_path) == (f"{desk.media}/b.mkv", f"{desk.media}/a.mkv")
    assert (over.path, over.outcome, over.reason) == (
        f"{desk.media}/a.mkv",
        Outcome.COALESCED,
        f"the file was renamed to {desk.media}/b.mkv",
    )


async def test_a_chain_of_renames_leads_back_to_where_outputs_were_made(desk, stored):
    desk.server()
    await desk.published(desk.media / "a.mkv", "s1")
    film = desk.add("b.mkv")
    for before, after in (("a.mkv", "b.mkv"), ("b.mkv", "c.mkv")):
        film = film.rename(desk.media / after)
        await desk.route(film, event_id=after, **renamed(desk.media / before))

    (job,) = await stored(ExtractRequestedV1)
    assert (job.path, job.previous_path) == (f"{desk.media}/c.mkv", f"{desk.media}/a.mkv")


async def test_the_deletion_half_of_a_rename_removes_nothing(desk, stored):
    desk.server()
    await desk.published(desk.media / "old.mkv", "s1")

    told = await desk.route(desk.media / "old.mkv", kind=ChangeKind.DELETED, why="renamed")

    assert told[-1].outcome is Outcome.COALESCED
    assert await stored(RemovalRequestedV1) == []


async def test_a_renamed_folder_renames_each_of_its_videos(desk, stored):
    desk.server()
    desk.add("Show (2020)/Season 1/e1.mkv")

    await desk.route(desk.media / "Show (2020)", **renamed(desk.media / "Show"))

    (single,) = await stored(MediaChangedV1)
    assert (single.kind, single.path, single.previous_path) == (
        ChangeKind.RENAMED,
        f"{desk.media}/Show (2020)/Season 1/e1.mkv",
        f"{desk.media}/Show/Season 1/e1.mkv",
    )
