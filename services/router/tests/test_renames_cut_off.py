"""Renames at the wrong moment: when what waits leaves its place, and when the router is killed in the middle."""

import asyncio
import contextlib
from dataclasses import replace

import pytest

from framewright.chassis.clock import after, now
from framewright.chassis.outgoing import Later, Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileSettledV1
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind, Outcome

pytestmark = pytest.mark.integration


def renamed(before):
    return {"kind": ChangeKind.RENAMED, "previous_path": str(before)}


async def test_renames_that_meet_the_time_of_what_waits_lose_and_double_nothing(desk, bus, stored):
    desk.server("s1")
    pairs = [(str(desk.media / f"old{n}.mkv"), str(desk.add(f"new{n}.mkv"))) for n in range(120)]
    due = after(4.0)
    work = [desk.asked(old, f"job{n}") for n, (old, _) in enumerate(pairs)]
    work += [desk.owed(old, "s1", f"job{n}") for n, (old, _) in enumerate(pairs)]
    await asyncio.gather(*(Outgoing(bus).send(Later(request, due, attempt=2)) for request in work))
    await asyncio.sleep((due - now()).total_seconds() - 1.0)

    async with desk.at_work():
        for number, (old, new) in enumerate(pairs):
            await Outgoing(bus).send(desk.change(new, f"e{number}", job_id=f"new{number}", **renamed(old)))
        await until(lambda: done(bus), 30)

    assert await bus.subjects("JOBS", ">") == {f"jobs.v1.hi.any.{media_id(new)}": 1 for _, new in pairs}
    assert await bus.count("PUBLISH") == 0
    assert_told_once(await stored(FileSettledV1), len(pairs))


def assert_told_once(facts, number: int) -> None:
    """Every job that waited was told how it ended, for all servers and for the one that waited."""
    told = {(one.job_ids[0], one.server_id, one.outcome) for one in facts}
    assert told == {(f"job{n}", server, Outcome.COALESCED) for n in range(number) for server in ("", "s1")}


@pytest.mark.parametrize("after_steps", range(8))
async def test_a_rename_that_is_cut_off_anywhere_is_finished_the_next_time(desk, bus, stored, after_steps):
    desk.server("s1")
    old, new = str(desk.media / "old.mkv"), str(desk.add("new.mkv"))
    oldest = str(desk.media / "oldest.mkv")
    for job in ("one", "two"):
        await desk.waits(desk.asked(old, job, previous_path=oldest))
    with contextlib.suppress(KilledError):
        await dying(desk, after_steps).route(new, **renamed(old))

    await desk.route(new, **renamed(old))

    (job,) = await stored(ExtractRequestedV1)
    assert (job.path, job.previous_path) == (new, oldest)
    assert await bus.count("JOBS") == 1
    assert {one.job_ids for one in await stored(FileSettledV1)} == {("one",), ("two",)}


async def test_renames_go_on_after_a_kill_of_the_router(desk, bus, a_router, handed_out_again, stored):
    await handed_out_again("router")
    desk.server("s1")
    pairs = [(str(desk.media / f"old{n}.mkv"), str(desk.add(f"new{n}.mkv"))) for n in range(150)]
    for number, (old, new) in enumerate(pairs):
        await desk.waits(desk.asked(old, f"job{number}"), 300)
        await desk.waits(desk.owed(old, "s1", f"job{number}"), 300)
        await Outgoing(bus).send(desk.change(new, f"e{number}", job_id=f"new{number}", **renamed(old)))

    async with a_router():
        await until(lambda: some_taken_out(bus, len(pairs)), 30)
    assert await bus.count("PUBLISH") > 0
    async with a_router():
        await until(lambda: done(bus), 40)

    assert await bus.subjects("JOBS", ">") == {f"jobs.v1.hi.any.{media_id(new)}": 1 for _, new in pairs}
    assert_told_once(await stored(FileSettledV1), len(pairs))


async def some_taken_out(bus, number: int) -> bool:
    return await bus.count("PUBLISH") < number - 5


async def done(bus) -> bool:
    return not await bus.subjects("DUE", ">") and not await bus.subjects("PUBLISH", ">")


class KilledError(Exception):
    """Stands for the end of the process."""


def dying(desk, steps: int):
    """The desk as a process that dies when it has told, queued and taken out so many times."""
    left = [steps]

    def mortal(act):
        async def run(*args):
            if not left[0]:
                raise KilledError
            left[0] -= 1
            return await act(*args)

        return run

    dying = replace(desk)
    dying.queue.offer = mortal(dying.queue.offer)
    dying.outgoing.send = mortal(dying.outgoing.send)
    dying.backlog.strike = mortal(dying.backlog.strike)
    return dying
