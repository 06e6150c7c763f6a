"""A file that is still being written is left alone until it has come to rest, and no attempt and no slot is spent on it."""

import asyncio
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.leases import lease
from framewright.chassis.outgoing import Later, Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.facts import ExtractionStartedV1, FileSettledV1, FramesExtractedV1
from framewright.domain.errors import Reject
from framewright.domain.frames import FileVersion
from framewright.domain.outcome import Outcome
from framewright.extractor.adapters.media_file import QuietFiles
from framewright.extractor.domain.work import next_look

pytestmark = pytest.mark.integration

PATH = "/film.mkv"


@pytest.fixture
def fresh(film: Any, tmp_path: Path) -> Path:
    """A film that was written this moment."""
    path = tmp_path / "fresh.mkv"
    path.write_bytes(film(seconds=12).read_bytes())
    return path


def later_than(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() + seconds,) * 2)


async def test_a_fresh_file_comes_again_when_it_has_come_to_rest(bench: Any, asked: Any, fresh: Path) -> None:
    bench.quiet = 10
    first = now() - timedelta(seconds=2)

    [fact, again] = await bench.handle(asked(fresh), attempt=2, first=first)

    assert (fact.outcome, fact.code, fact.attempt, fact.next_try) == (Outcome.WAITING, "STILL_GROWING", 0, again.due)
    assert again == Later(again.message, again.due, 2, first)
    assert 5 < (again.due - now()).total_seconds() <= 10
    assert bench.decodes == []


async def test_every_server_is_told_why_it_waits(bench: Any, asked: Any, fresh: Path) -> None:
    bench.quiet = 10

    answers = await bench.handle(asked(fresh, 5, 10))

    assert [answer.server_id for answer in answers[:-1]] == ["s5", "s10"]


async def test_the_quiet_time_is_asked_for_at_every_look(bench: Any, asked: Any, fresh: Path) -> None:
    bench.quiet = 3600
    waiting = await bench.handle(asked(fresh))
    bench.quiet = 0

    taken = await bench.handle(asked(fresh))

    assert isinstance(waiting[-1], Later)
    assert isinstance(taken[0], FramesExtractedV1)


async def test_an_old_file_is_taken_at_once(bench: Any, asked: Any, fresh: Path) -> None:
    bench.quiet = 10
    later_than(fresh, -11)

    answers = await bench.handle(asked(fresh))

    assert isinstance(answers[0], FramesExtractedV1)


async def test_after_a_minute_it_waits_in_silence(bench: Any, asked: Any, fresh: Path) -> None:
    bench.quiet = 10

    answers = await bench.handle(asked(fresh), first=now() - timedelta(minutes=5))

    assert [type(answer) for answer in answers] == [Later]


async def test_a_file_that_never_comes_to_rest_is_given_up_in_plain_words(bench: Any, asked: Any, fresh: Path) -> None:
    bench.quiet = 10

    with pytest.raises(Reject, match="still being written after 24 hours") as given_up:
        await bench.handle(asked(fresh), first=now() - timedelta(hours=25))

    assert given_up.value.code == "STILL_GROWING"


async def test_the_place_of_a_waiting_file_is_free(bench: Any, bus: Bus, asked: Any, fresh: Path) -> None:
    bench.quiet = 10
    request = asked(fresh)

    await bench.handle(request)

    async with lease(Bucket(bus, "locks"), f"extract.{request.path_id}"):
        pass


async def test_a_growing_file_is_decoded_once_when_it_is_whole(
    bench: Any, bus: Bus, asked: Any, film: Any, tmp_path: Path, facts: Any
) -> None:
    whole, path = film(seconds=12).read_bytes(), tmp_path / "growing.mkv"
    path.write_bytes(whole[:1000])
    another = film(seconds=17)
    bench.quiet = 1
    later_than(path, -0.7)
    later_than(another, -60)

    async def grown() -> None:
        step = len(whole) // 6 + 1
        for end in range(step, len(whole) + step, step):
            await asyncio.sleep(0.25)
            path.write_bytes(whole[:end])

    async def done() -> bool:
        return bool(await facts(FramesExtractedV1))

    async with bench.serving():
        growing = asyncio.create_task(grown())
        await Outgoing(bus).send(asked(path))
        await Outgoing(bus).send(asked(another))
        await until(done, 20)
        await growing
        await until(lambda: both(facts), 20)

    other, mine = await facts(FramesExtractedV1)
    assert (other.path, mine.version.size, mine.partial) == (str(another), len(whole), False)
    assert [fact.path for fact in await facts(ExtractionStartedV1)].count(str(path)) == 1
    assert [(fact.code, fact.attempt) for fact in await facts(FileSettledV1)] == [("STILL_GROWING", 0)]


async def both(facts: Any) -> bool:
    return len(await facts(FramesExtractedV1)) == 2


def test_a_time_in_the_future_must_be_seen_twice() -> None:
    files = QuietFiles(lambda: 1, clock=lambda: 1000.0)
    ahead = FileVersion(5, 2000 * 10**9)

    first = files.quiet_in(PATH, ahead)
    time.sleep(0.4)
    second = files.quiet_in(PATH, ahead)
    time.sleep(0.65)

    assert 0.9 < first <= 1
    assert 0 < second < 0.7
    assert files.quiet_in(PATH, ahead) == 0


def test_a_file_with_a_time_in_the_future_that_grows_starts_anew() -> None:
    files = QuietFiles(lambda: 1, clock=lambda: 1000.0)

    files.quiet_in(PATH, FileVersion(5, 2000 * 10**9))
    time.sleep(0.4)

    assert files.quiet_in(PATH, FileVersion(6, 2000 * 10**9)) > 0.9


@pytest.mark.parametrize(
    ("size", "age", "quiet", "left"), [(1, 0, 10, 10), (1, 4, 10, 6), (1, 10, 10, 0), (1, 0, 0, 0), (1, -5, 0, 0)]
)
def test_the_rest_of_the_quiet_time_follows_from_the_age(size: int, age: int, quiet: int, left: int) -> None:
    files = QuietFiles(lambda: quiet, clock=lambda: 1000.0)

    assert files.quiet_in(PATH, FileVersion(size, (1000 - age) * 10**9)) == pytest.approx(left)


@pytest.mark.parametrize(("wait", "waited", "look"), [(10, 0, 10), (10, 90, 10), (10, 300, 30), (10, 9000, 60)])
def test_looks_become_rarer_the_longer_a_file_grows(wait: float, waited: float, look: float) -> None:
    assert next_look(wait, waited) == look
