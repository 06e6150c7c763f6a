"""One place per path: what waits is joined, what is in work is looked at again, what is urgent goes first."""

import asyncio

import msgspec
import pytest

from framewright.chassis.bus import Bucket, Puller
from framewright.chassis.leases import lease
from framewright.contracts.base import Lane
from framewright.contracts.catalogue import LOCKS
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileRoutedV1, FileSettledV1, JobCreatedV1
from framewright.contracts.server import ServerOutput
from framewright.contracts.settings import Settings
from framewright.domain.errors import Busy
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome

pytestmark = pytest.mark.integration


@pytest.fixture
def film(desk):
    desk.server("s1")
    return desk.add("film.mkv")


async def test_a_second_change_joins_the_job_that_waits(desk, film, stored):
    await desk.route(film, event_id="first")
    told = await desk.route(film, event_id="second")

    (job,) = await stored(ExtractRequestedV1)
    settled = told[-1]
    assert isinstance(settled, FileSettledV1)
    assert (settled.outcome, settled.server_id) == (Outcome.COALESCED, "")
    assert job.job_ids[0] in settled.reason
    assert settled.job_ids != job.job_ids


async def test_two_spellings_of_one_path_have_one_place(desk, stored):
    desk.server("s1")
    desk.add("Amélie.mkv")

    await desk.route(f"{desk.media}/Am\u00e9lie.mkv", event_id="composed")
    await desk.route(f"{desk.media}//Ame\u0301lie.mkv", event_id="decomposed")

    assert len(await stored(ExtractRequestedV1)) == 1


async def test_a_path_in_work_is_looked_at_again_afterwards(desk, film, bus, stored):
    await desk.route(film, event_id="first")
    held = await Puller(bus, "JOBS", "extract-hi-any").next(2)
    async with lease(Bucket(bus, LOCKS.name), f"extract.{media_id(str(film))}"):
        with pytest.raises(Busy) as busy:
            await desk.route(film, event_id="second")
        await held.ack()

    await desk.route(film, event_id="second")

    (job,) = await stored(ExtractRequestedV1)
    created = [one for one in await stored(JobCreatedV1) if one.event_id == "second"]
    assert busy.value.after == 2.0
    assert job.job_ids == (created[0].job_id,)


async def test_the_job_is_known_before_a_worker_can_take_it(desk, film, stored):
    seen = []
    offer = desk.queue.offer

    async def watched(request):
        seen.extend([*await stored(JobCreatedV1), *await stored(FileRoutedV1)])
        return await offer(request)

    desk.queue.offer = watched

    await desk.route(film)

    assert [type(one) for one in seen] == [JobCreatedV1, FileRoutedV1]


async def test_an_urgent_change_takes_the_waiting_job_with_it(desk, film, stored):
    await desk.route(film, event_id="scan", job_id="scan-1", lane=Lane.LOW)

    await desk.route(film, event_id="webhook", job_id="hook-1", lane=Lane.HI)

    (job,) = await stored(ExtractRequestedV1)
    assert (job.lane, job.job_ids) == (Lane.HI, ("hook-1", "scan-1"))


async def test_a_patient_change_does_not_slow_the_waiting_job(desk, film, stored):
    await desk.route(film, job_id="hook-1", lane=Lane.HI)

    told = await desk.route(film, event_id="scan", job_id="scan-1", lane=Lane.LOW)

    (job,) = await stored(ExtractRequestedV1)
    assert (job.lane, job.job_ids) == (Lane.HI, ("hook-1",))
    assert told[-1].outcome is Outcome.COALESCED


async def test_a_wish_to_regenerate_is_not_lost_in_a_waiting_job(desk, film, stored):
    await desk.route(film, job_id="hook-1")

    await desk.route(film, event_id="again", job_id="redo-1", lane=Lane.LOW, regenerate=True)

    (job,) = await stored(ExtractRequestedV1)
    assert (job.regenerate, job.lane) == (True, Lane.HI)
    assert job.job_ids == ("redo-1", "hook-1")


async def test_a_job_for_one_server_does_not_cover_the_others(desk, film, stored):
    desk.server("s2")
    await desk.route(film, job_id="pinned-1", server_id="s1")

    await desk.route(film, event_id="all", job_id="all-1")

    (job,) = await stored(ExtractRequestedV1)
    assert [one.server_id for one in job.targets] == ["s1", "s2"]
    assert job.job_ids == ("all-1", "pinned-1")


async def test_an_urgent_job_for_one_server_keeps_the_others_of_the_waiting_one(desk, film, stored):
    desk.server("s2")
    await desk.route(film, job_id="scan-1", lane=Lane.LOW)

    await desk.route(film, event_id="pinned", job_id="pinned-1", server_id="s2", lane=Lane.HI)

    (job,) = await stored(ExtractRequestedV1)
    assert sorted(one.server_id for one in job.targets) == ["s1", "s2"]
    assert (job.lane, job.job_ids) == (Lane.HI, ("pinned-1", "scan-1"))


async def test_newer_wishes_replace_those_of_the_waiting_job(desk, film, stored):
    await desk.route(film, job_id="first")
    desk.servers = [msgspec.structs.replace(desk.servers[0], output=ServerOutput(width=640))]

    await desk.route(film, event_id="second", job_id="second")

    (job,) = await stored(ExtractRequestedV1)
    assert [one.rendition.width for one in job.targets] == [640]
    assert job.job_ids == ("second", "first")


async def test_a_newer_picture_quality_replaces_that_of_the_waiting_job(desk, film, stored):
    await desk.route(film, job_id="first")
    desk.settings = Settings(thumbnail_quality=1)

    await desk.route(film, event_id="second", job_id="second")

    (job,) = await stored(ExtractRequestedV1)
    assert job.picture.quality == 1


async def test_many_changes_at_once_leave_one_job(desk, film, stored):
    await asyncio.gather(*(desk.route(film, event_id=f"e{number}") for number in range(8)))

    assert len(await stored(ExtractRequestedV1)) == 1
    coalesced = await stored(FileSettledV1)
    assert [one.outcome for one in coalesced] == [Outcome.COALESCED] * 7
