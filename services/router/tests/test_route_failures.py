"""A path that cannot be resolved now: its job says so, waits, and says so again when it is given up."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from framewright.chassis.clock import after, now
from framewright.chassis.delivery import Context, Failure
from framewright.contracts.facts import FileSettledV1, JobCreatedV1
from framewright.domain.errors import Retry
from framewright.domain.outcome import Outcome
from framewright.router.adapters import MountedDisk
from framewright.router.handlers import on_failure

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("next_try", "outcome"), [(after(30), Outcome.WAITING), (None, Outcome.FAILED)])
async def test_the_job_of_an_unreadable_folder_says_why_it_waits(desk: Any, next_try: Any, outcome: Outcome) -> None:
    server = desk.server()
    folder = desk.add("Show/Season 1/e1.mkv").parent
    failure = Failure(Retry("the folder cannot be read: Permission denied", code="UNREADABLE"), next_try)

    [job, fact] = on_failure(desk.change(folder), _context(), failure, servers=lambda: [server])

    assert isinstance(job, JobCreatedV1)
    assert isinstance(fact, FileSettledV1)
    assert (fact.outcome, fact.code, fact.next_try) == (outcome, "UNREADABLE", next_try)
    assert fact.job_ids == (job.job_id,)
    assert fact.path == str(folder)


async def test_the_job_that_waited_is_the_one_that_goes_on(desk: Any) -> None:
    server = desk.server()
    film = desk.add("Film/film.mkv")
    waiting = on_failure(desk.change(film), _context(), Failure(Retry("not now"), after(1)), servers=lambda: [server])

    told = await desk.route(film)

    assert {fact.job_id for fact in told if isinstance(fact, JobCreatedV1)} == {waiting[0].job_id}


async def test_a_folder_that_waited_is_settled_by_its_videos(desk: Any) -> None:
    desk.server()
    folder = desk.add("Show/Season 1/e1.mkv").parent

    told = await desk.route(folder, attempt=2)

    assert [fact.outcome for fact in told if isinstance(fact, FileSettledV1)] == [Outcome.COALESCED]


async def test_a_folder_that_cannot_be_listed_is_looked_at_again(desk: Any) -> None:
    # Permissions do not stop root, but a folder that goes between two looks cannot be listed by anybody.
    class Vanishing(MountedDisk):
        def _inside(self, path: str) -> bool:
            (desk.media / "Show").rmdir()
            return True

    (desk.media / "Show").mkdir()

    with pytest.raises(Retry) as unreadable:
        await Vanishing(str(desk.media)).videos(str(desk.media / "Show"))

    assert unreadable.value.code == "UNREADABLE"


def _context() -> Context:
    async def nobody(_message: Any) -> None: ...

    return Context(1, now(), 1, nobody, nobody, AsyncExitStack())
