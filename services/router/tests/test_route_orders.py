"""What an operator decided about a job is obeyed by what is queued and by what comes."""

import pytest

from framewright.chassis.bus import Bucket, Puller
from framewright.chassis.leases import lease
from framewright.contracts.base import Lane
from framewright.contracts.catalogue import LOCKS
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileRoutedV1
from framewright.contracts.server import Server, with_selected
from framewright.contracts.settings import Settings
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.domain.ownership import Library
from framewright.router.adapters import MountedDisk

pytestmark = pytest.mark.integration


async def test_what_is_queued_of_a_job_goes_to_its_new_lane_and_back(desk, stored):
    desk.server()
    for name in ("a", "b", "c"):
        await desk.route(
            desk.add(f"{name}.mkv"), event_id=name, job_id="other" if name == "c" else "scan", lane=Lane.LOW
        )

    for lane in (Lane.HI, Lane.LOW, Lane.HI):
        await desk.order("scan", lane)

    lanes = {job.path: job.lane for job in await stored(ExtractRequestedV1)}
    assert lanes == {
        f"{desk.media}/a.mkv": Lane.HI,
        f"{desk.media}/b.mkv": Lane.HI,
        f"{desk.media}/c.mkv": Lane.LOW,
    }


async def test_what_is_in_work_stays_where_it_is(desk, bus, stored):
    desk.server()
    film = desk.add("film.mkv")
    await desk.route(film, job_id="scan", lane=Lane.LOW)
    held = await Puller(bus, "JOBS", "extract-low-any").next(2)

    async with lease(Bucket(bus, LOCKS.name), f"extract.{media_id(str(film))}"):
        await desk.order("scan", Lane.HI)
    await held.ack()

    assert await stored(ExtractRequestedV1) == []


async def test_a_file_that_another_job_waits_for_never_becomes_less_urgent(desk, stored):
    desk.server()
    film = desk.add("film.mkv")
    await desk.route(film, event_id="scan", job_id="scan", lane=Lane.LOW)
    await desk.route(film, event_id="hook", job_id="hook", lane=Lane.HI)

    await desk.order("scan", Lane.LOW)

    (job,) = await stored(ExtractRequestedV1)
    assert (job.lane, set(job.job_ids)) == (Lane.HI, {"scan", "hook"})


async def test_what_comes_of_a_moved_job_is_queued_in_its_lane(desk, stored):
    desk.server()
    desk.lanes = {"scan": Lane.MID}

    await desk.route(desk.add("film.mkv"), job_id="scan", lane=Lane.LOW)

    assert [job.lane for job in await stored(ExtractRequestedV1)] == [Lane.MID]


async def test_a_change_of_a_cancelled_job_ends_at_once(desk, stored):
    desk.server()
    desk.cancelled = {"scan"}

    (fact,) = await desk.route(desk.add("film.mkv"), job_id="scan")

    assert isinstance(fact, FileRoutedV1)
    assert (fact.outcome, fact.reason) == (Outcome.CANCELLED, "the job was cancelled")
    assert await stored(ExtractRequestedV1) == []


async def test_a_cancelled_request_in_the_queue_stands_for_no_other(desk, stored):
    desk.server()
    film = desk.add("film.mkv")
    await desk.route(film, event_id="first", job_id="first")
    desk.cancelled = {"first"}

    await desk.route(film, event_id="second", job_id="second")

    (job,) = await stored(ExtractRequestedV1)
    assert job.job_ids[0] == "second"


async def test_only_selected_libraries_are_worked_on(desk):
    libraries = tuple(Library(name, name, "movie", (f"{desk.media}/{name}",)) for name in ("films", "shows"))
    server = Server(id="s1", type="folder", libraries=libraries)
    desk.settings = Settings(selected_libraries=("shows",))
    desk.servers = [with_selected(server, desk.settings.selected_libraries)]

    outcomes = [
        (await desk.route(desk.add(f"{name}/film.mkv"), event_id=name))[1].outcome for name in ("films", "shows")
    ]

    assert outcomes == [Outcome.NOT_OWNED, Outcome.WAITING]


async def test_a_folder_with_too_many_videos_says_that_it_was_cut(desk):
    desk.server()
    desk.disk = MountedDisk(str(desk.media), most_videos=2)
    for number in range(3):
        desk.add(f"Show/e{number}.mkv")

    job, *singles, fact = await desk.route(desk.media / "Show")

    assert (job.total, len(singles), fact.outcome) == (3, 2, Outcome.FAILED)
    assert "scan the library" in fact.reason
