"""The replayed day: its stories and its judgement by themselves, and a small day on the real ingest and router."""

import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The benchmark is a folder of the checkout, not a distribution.
sys.path.append(str(ROOT))

from bench.traffic.cli import HARMS, replay  # noqa: E402
from bench.traffic.day import TELLERS, Work, day  # noqa: E402
from bench.traffic.judge import Outcome, judged  # noqa: E402

from framewright.contracts.catalogue import INGEST, STREAMS, Topology  # noqa: E402
from framewright.domain.media import media_id  # noqa: E402

QUIET = 23
"""Longer than the time after which a killed ingest's events come again, as in the default settings."""

HANDED_OUT_AGAIN = 3.0


def test_a_seed_always_makes_the_same_day() -> None:
    assert day(500, 7) == day(500, 7)
    assert day(500, 7) != day(500, 8)


def test_every_story_is_about_files_of_its_own() -> None:
    told = [teller(number, random.Random(number)) for number in range(50) for teller in TELLERS]
    paths = [path for number, story in enumerate(told) if number % len(TELLERS) == 0 for path in story.expected]

    assert len(paths) == len(set(paths))


def _outcome(jobs: dict[str, set[str]], extractions: dict[str, int]) -> Outcome:
    done = {media_id(path): count for path, count in extractions.items()}
    return Outcome({path: frozenset(ids) for path, ids in jobs.items()}, done, {}, {}, 0)


@pytest.mark.parametrize(
    ("jobs", "extractions", "finding"),
    [
        ({}, {}, "missing"),
        ({"/a": {"1", "2"}}, {"/a": 1}, "double"),
        ({"/a": {"1"}, "/b": {"2"}}, {"/a": 1}, "stray"),
        ({"/a": {"1"}}, {"/a": 2}, "wrong"),
        ({"/a": {"1"}}, {}, "wrong"),
    ],
)
def test_every_kind_of_error_is_found(jobs: dict[str, set[str]], extractions: dict[str, int], finding: str) -> None:
    verdict = judged({"/a": Work.EXTRACT}, _outcome(jobs, extractions))

    assert not verdict.exact
    assert getattr(verdict, finding)


def test_what_is_as_told_is_exact() -> None:
    assert judged({"/a": Work.EXTRACT}, _outcome({"/a": {"1"}}, {"/a": 1})).exact


@pytest.mark.e2e
async def test_a_small_day_gives_exactly_its_jobs_whatever_is_killed(tmp_path: Path) -> None:
    consumers = tuple(replace(one, ack_wait=HANDED_OUT_AGAIN) for one in INGEST.consumers)
    streams = tuple(replace(one, consumers=consumers) if one is INGEST else one for one in STREAMS)

    sending, verdict = await replay(day(300, 3), tmp_path, QUIET, topology=Topology(streams=streams), harms=HARMS[:2])

    assert verdict.exact, verdict
    assert sending.wrong == []
    assert sending.answers.total() == len(sending.events)
    assert {"queued", "duplicate", "quarantined", "playback"} <= verdict.statuses.keys()
