"""A rename meets a request that waits: for the server to know the file, or to show what was written for its old name."""

from pathlib import Path

import pytest

from framewright.contracts.record import Stage
from framewright.domain.errors import NotIndexed
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

BLIND = Fault(FaultKind.STATUS, path="*/ThumbnailSet", status=503)
"""Emby does not say whether it shows anything."""


@pytest.fixture
def renamed(desk):
    """Rename the film on disk; the request for its new name, as the router and the extractor make it."""

    def make(before, **changes):
        new = desk.media / "films/Film (2001)/Film (2001).mkv"
        new.parent.mkdir()
        desk.video.rename(new)
        fields = {"previous_path": before.path, "job_ids": ("renamed",), **changes}
        return desk.request(desk.servers[before.target.server_id], path=str(new), **fields)

    return make


async def test_what_waits_to_be_shown_is_moved_shown_and_answers_to_the_new_jobs_alone(desk, renamed):
    async with desk.simulated("emby") as server:
        desk.state.instruments.inject(BLIND)
        old = desk.request(server)
        await desk.put_frames(old)
        waiting, _ = await desk.answers(old)
        new = renamed(old)
        await desk.evict()
        desk.state.instruments.clear()

        fact, *_ = await desk.answers(new)

    assert (waiting.outcome, fact.outcome, fact.job_ids) == (Outcome.WAITING, Outcome.ADOPTED, ("renamed",))
    assert [Path(path).parent for path in fact.outputs] == [Path(new.path).parent]
    assert await desk.record(old) is None
    assert (await desk.record(new)).stage is Stage.SHOWN


async def test_what_comes_for_the_old_name_all_the_same_ends_with_a_word_and_touches_nothing(desk, renamed):
    server = desk.server()
    old = desk.request(server)
    await desk.put_frames(old)
    await desk.handle(old)
    new = renamed(old)
    await desk.handle(new)
    before = sorted(desk.media.rglob("*"))

    fact = await desk.handle(old)

    assert (fact.outcome, fact.job_ids) == (Outcome.FILE_MISSING, ("job1",))
    assert sorted(desk.media.rglob("*")) == before
    assert (await desk.record(new)).path == new.path


async def test_what_waits_for_the_index_is_made_under_the_new_name_as_soon_as_that_is_known(desk, renamed):
    async with desk.simulated("plex") as server:
        old = desk.request(server)
        new = renamed(old)
        await desk.put_frames(new)
        with pytest.raises(NotIndexed):
            await desk.handle(new)
        desk.state.scan("1", "")

        fact, *_ = await desk.answers(new)

    assert (fact.outcome, fact.job_ids) == (Outcome.ADOPTED, ("renamed",))
    assert await desk.publisher.record(media_id(old.path), server.id) is None
