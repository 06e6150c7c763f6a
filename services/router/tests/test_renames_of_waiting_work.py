"""A rename reaches what waits under the old name: its jobs are told the truth, and the new name gets all that was wanted."""

import asyncio

import pytest

from framewright.chassis.bus import Puller
from framewright.chassis.clock import now
from framewright.chassis.delivery import Subscription, settle
from framewright.contracts.catalogue import JOBS
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileSettledV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.publish import RemovalRequestedV1
from framewright.domain.errors import Busy, Retry
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.domain.ownership import PathMapping

pytestmark = pytest.mark.integration


@pytest.fixture
def places(desk):
    """Two servers that own the library; the film is at `new` and was at `old`."""
    desk.server("s1")
    desk.server("s2")
    return str(desk.media / "old.mkv"), str(desk.add("new.mkv"))


def renamed(before):
    return {"kind": ChangeKind.RENAMED, "previous_path": str(before)}


def ends(told):
    """Jobs, server, outcome and reason of every file that came to its end."""
    return [
        (one.job_ids, one.server_id, one.outcome, one.reason)
        for one in told
        if isinstance(one, FileSettledV1) and one.outcome.settled
    ]


async def left_of(bus, path: str) -> dict[str, int]:
    """What is queued or waits for a path anywhere."""
    everything = {**await bus.subjects("JOBS", ">"), **await bus.subjects("PUBLISH", ">")}
    return {subject: count for subject, count in everything.items() if media_id(path) in subject}


async def test_every_job_that_waits_under_the_old_name_is_told_and_the_new_one_is_queued(desk, bus, places, stored):
    old, new = places
    for job in ("one", "two"):
        await desk.waits(desk.asked(old, job))

    told = await desk.route(new, **renamed(old))

    reason = f"the file was renamed to {new}"
    assert sorted(ends(told)) == [((job,), "", Outcome.COALESCED, reason) for job in ("one", "two")]
    assert await left_of(bus, old) == {}
    (job,) = await stored(ExtractRequestedV1)
    assert (job.path, job.previous_path, {one.server_id for one in job.targets}) == (new, old, {"s1", "s2"})


async def test_what_waits_for_the_index_or_for_adoption_is_told_for_its_server(desk, bus, places, stored):
    old, new = places
    await desk.waits(desk.owed(old, "s1"))
    await desk.outgoing.send(desk.owed(old, "s2"))  # its queue is not served: the server is down

    told = await desk.route(new, **renamed(old))

    reason = f"the file was renamed to {new}"
    assert sorted(ends(told)) == [(("old",), server, Outcome.COALESCED, reason) for server in ("s1", "s2")]
    assert await left_of(bus, old) == {}
    (job,) = await stored(ExtractRequestedV1)
    assert (job.previous_path, [one.previous_path for one in job.targets]) == (old, ["", ""])


async def test_each_server_is_told_where_its_own_outputs_were_made(desk, places, stored):
    old, new = places
    oldest = str(desk.media / "oldest.mkv")
    await desk.published(old, "s1")
    await desk.waits(desk.owed(old, "s2", previous_path=oldest))

    await desk.route(new, **renamed(old))

    (job,) = await stored(ExtractRequestedV1)
    assert {one.server_id: job.previous_of(one) for one in job.targets} == {"s1": old, "s2": oldest}


async def test_a_chain_of_renames_leads_back_although_the_middle_one_waits(desk, places, stored):
    old, new = places
    oldest = str(desk.media / "oldest.mkv")
    await desk.waits(desk.asked(old, previous_path=oldest))

    await desk.route(new, **renamed(old))

    (job,) = await stored(ExtractRequestedV1)
    assert (job.path, job.previous_path) == (new, oldest)


async def test_a_rename_told_to_one_server_alone_serves_all_that_waited(desk, bus, places, stored):
    old, new = places
    await desk.waits(desk.asked(old))

    told = await desk.route(new, server_id="s1", **renamed(old))

    (job,) = await stored(ExtractRequestedV1)
    assert {one.server_id for one in job.targets} == {"s1", "s2"}
    assert {verdict.server_id for verdict in told[1].servers} == {"s1", "s2"}
    assert await left_of(bus, old) == {}


@pytest.mark.parametrize(("attempt", "anew"), [(1, True), (2, False)])
async def test_a_wish_for_new_pictures_goes_along_and_frames_fetched_again_are_none(
    desk, places, stored, attempt, anew
):
    old, new = places
    await desk.waits(desk.asked(old, regenerate=True, attempt=attempt))

    await desk.route(new, **renamed(old))

    (job,) = await stored(ExtractRequestedV1)
    assert job.regenerate is anew


async def test_what_left_every_library_ends_as_missing_at_once(desk, bus, stored):
    desk.server("s1", f"{desk.media}/films")
    old, new = f"{desk.media}/films/film.mkv", desk.add("attic/film.mkv")
    await desk.waits(desk.asked(old))

    told = await desk.route(new, **renamed(old))

    ((_, _, outcome, reason),) = ends(told)
    assert (outcome, reason) == (Outcome.FILE_MISSING, f"the file was renamed to {new}, which is in no library here")
    assert await left_of(bus, old) == {f"remove.v1.folder.s1.{media_id(old)}": 1}


async def test_a_server_that_does_not_own_the_new_place_is_told_so(desk, stored):
    desk.server("both")
    desk.server("gone", f"{desk.media}/films")
    old, new = f"{desk.media}/films/film.mkv", desk.add("attic/film.mkv")
    for server_id in ("both", "gone"):
        await desk.waits(desk.owed(old, server_id))

    told = await desk.route(new, **renamed(old))

    outcomes = {server_id: outcome for _, server_id, outcome, _ in ends(told)}
    assert outcomes == {"both": Outcome.COALESCED, "gone": Outcome.FILE_MISSING}
    assert [one.target.server_id for one in await stored(RemovalRequestedV1)] == ["gone"]


async def test_of_several_places_that_a_path_may_mean_the_one_that_waits_is_meant(desk, bus, stored):
    roots = [str(desk.media / name) for name in ("a", "b")]
    mappings = tuple(PathMapping("/data", root) for root in roots)
    desk.server("s1", "/data", path_mappings=mappings)
    await desk.waits(desk.asked(f"{roots[1]}/old.mkv"))
    desk.add("b/new.mkv")

    await desk.route("/data/new.mkv", **renamed("/data/old.mkv"))

    (job,) = await stored(ExtractRequestedV1)
    assert (job.path, job.previous_path) == (f"{roots[1]}/new.mkv", f"{roots[1]}/old.mkv")
    assert await left_of(bus, f"{roots[1]}/old.mkv") == {}


async def test_outputs_from_before_a_rename_that_waits_go_when_the_file_is_deleted(desk, places, stored):
    old, new = places
    await desk.waits(desk.owed(new, "s2", previous_path=old))
    (desk.media / "new.mkv").unlink()

    await desk.route(new, kind=ChangeKind.DELETED, why="manual")

    (earlier,) = await stored(MediaChangedV1)
    assert (earlier.kind, earlier.path) == (ChangeKind.DELETED, old)


async def test_what_is_in_work_under_the_old_name_does_not_come_back(desk, bus, places):
    old, new = places

    async def extract(_request, _context):
        await desk.route(new, **renamed(old))
        raise Retry("no file there", code="FILE_MISSING")

    await desk.outgoing.send(desk.asked(old))
    delivered = await Puller(bus, "JOBS", "extract-hi-any").next(2)
    failed = [FileSettledV1(job_ids=("old",), path_id="p", path=old, at=now(), outcome=Outcome.WAITING)]

    await settle(bus, Subscription(JOBS, (), ExtractRequestedV1, extract, failed=lambda *_: failed), delivered)

    assert await left_of(bus, old) == {}
    assert await bus.count("EVENTS", "events.v1.settled.p.>") == 0


async def test_what_leaves_at_this_very_moment_is_seen_a_little_later(desk, bus, places):
    old, new = places
    await desk.waits(desk.asked(old), 0.15)

    with pytest.raises(Busy):
        await desk.backlog.of_path(media_id(old))

    await asyncio.sleep(0.8)
    told = await desk.route(new, **renamed(old))
    assert [outcome for _, _, outcome, _ in ends(told)] == [Outcome.COALESCED]
    assert await left_of(bus, old) == {}
