"""Servers that show several widths: all of them are asked for, and a request for lost frames stands for no wish for new ones."""

import msgspec
import pytest

from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileSettledV1
from framewright.domain.frames import Rendition
from framewright.domain.outcome import Outcome

pytestmark = pytest.mark.integration


async def _two(_server, wanted):
    return wanted, Rendition(640, wanted.interval_ms)


async def test_every_width_that_a_server_shows_is_asked_for(desk, stored):
    desk.server("s1")
    desk.renditions = _two

    await desk.route(desk.add("film.mkv"))

    (job,) = await stored(ExtractRequestedV1)
    assert [target.renditions for target in job.targets] == [(Rendition(320, 5000), Rendition(640, 5000))]


async def test_a_width_that_was_added_is_not_served_by_a_request_that_waits_without_it(desk, stored):
    desk.server("s1")
    film = desk.add("film.mkv")
    await desk.route(film, event_id="first")
    desk.renditions = _two

    await desk.route(film, event_id="second")

    job = (await stored(ExtractRequestedV1))[-1]
    assert ([len(target.renditions) for target in job.targets], len(job.job_ids)) == ([2], 2)


@pytest.mark.parametrize(("regenerate", "joined"), [(False, True), (True, False)])
async def test_frames_that_are_fetched_once_more_are_no_pictures_made_anew(desk, stored, regenerate, joined):
    desk.server("s1")
    film = desk.add("film.mkv")
    await desk.route(film, event_id="first", regenerate=regenerate)
    (first,) = await stored(ExtractRequestedV1)
    occupant = await desk.queue.occupant(first.path_id)
    await desk.queue.replace(occupant, msgspec.structs.replace(first, anew=(640,), attempt=2))

    told = await desk.route(film, event_id="second", regenerate=regenerate)

    coalesced = [one for one in told if isinstance(one, FileSettledV1) and one.outcome is Outcome.COALESCED]
    job = (await stored(ExtractRequestedV1))[-1]
    assert (bool(coalesced), job.anew) == (joined, (640,) if joined else ())
