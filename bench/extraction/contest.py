"""One case from end to end: the truth about every method's pictures first, then the timed rounds, interleaved."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.extraction.cases import Case, Method
from bench.extraction.competitors import Job, job, pictures_in, run_method
from bench.extraction.film import Facts, facts_of, packed_keys
from bench.extraction.likeness import compare, spread_out
from bench.extraction.material import BenchError, cache_folder, film
from bench.extraction.measure import drop_from_cache
from bench.extraction.recipes import RECIPES
from bench.extraction.results import CaseResult, MethodResult
from bench.extraction.slots import judge, objections, own_keys

from framewright.chassis.testing.media import read_timecode

SLOW = 5.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often every method is run; the first round is the one whose pictures are judged.

    `thrifty` spares a method that takes long the last round: its spread is small beside its time.
    """

    repeat: int
    discard_first: bool
    thrifty: bool = False

    @property
    def count(self) -> int:
        """All rounds, counted or not."""
        return self.repeat + self.discard_first

    def spares(self, number: int, result: MethodResult) -> bool:
        """Whether this method sits this round out."""
        return self.thrifty and 1 < number == self.count - 1 and bool(result.samples) and result.wall.median > SLOW


def hold(case: Case, rounds: Rounds) -> CaseResult:
    """Run every method of a case, round by round; one that fails is left out of the rounds after."""
    facts = facts_of(case)
    packed_keys(case, facts)
    found = _empty_result(case, facts)
    before = os.getloadavg()[0]
    for number in range(rounds.count):
        for method in case.methods:
            if rounds.spares(number, found.results[method]):
                continue
            _run(method, case, facts, found.results[method], first=number == 0)
        if rounds.discard_first and number == 0:
            for result in found.results.values():
                result.samples.clear()
    found.load = (before, os.getloadavg()[0])
    return found


def _empty_result(case: Case, facts: Facts) -> CaseResult:
    path = film(case)
    return CaseResult(
        case=case,
        container=path.suffix.lstrip("."),
        file_bytes=facts.file_bytes,
        bound_bytes=sum(key.size for key in facts.needed(case.interval)),
        keyframes=len(facts.keys),
        largest_gap=facts.largest_gap,
        own_keys=own_keys([key.time for key in facts.keys], facts.slots(case.interval), case.interval, facts.frame),
        hdr=bool(RECIPES[case.recipe].hdr),
        results={method: MethodResult(method) for method in case.methods},
    )


def _run(method: Method, case: Case, facts: Facts, result: MethodResult, *, first: bool) -> None:
    if result.failure:
        return
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".run-") as folder:
        given = job(case, facts, Path(folder, "pictures"))
        try:
            _measure(method, given, result, first=first)
        except BenchError as error:
            result.failure = str(error)


def _measure(method: Method, given: Job, result: MethodResult, *, first: bool) -> None:
    given.folder.mkdir()
    drop_from_cache(given.film)
    sample = run_method(method, given)
    result.samples.append(sample)
    result.note = sample.output if method.ours or method is Method.TOOL else ""
    if first and method is not Method.BOUND:
        _judge(method, given, result)
    elif first:
        result.jpeg_bytes = _mean_size(pictures_in(given.folder))


def _judge(method: Method, given: Job, result: MethodResult) -> None:
    facts, interval = given.facts, given.case.interval
    pictures = pictures_in(given.folder)
    numbers = [_number(picture) for picture in pictures]
    result.truth = judge(numbers, facts.slots(interval), interval, facts.times, facts.period)
    promises = method in {Method.WINDOW, Method.WINDOW2}
    result.objections = objections(result.truth, interval, facts.largest_gap, promises_slot=promises)
    result.jpeg_bytes = _mean_size(pictures)
    readable = [
        (n, picture) for n, picture in zip(numbers, pictures, strict=True) if n is not None and n < facts.period
    ]
    if readable:
        result.likeness = compare(RECIPES[given.case.recipe], spread_out(readable), "ours" if method.ours else "tool")


def _number(picture: Path) -> int | None:
    try:
        return read_timecode(picture.read_bytes())
    except ValueError:
        return None


def _mean_size(pictures: list[Path]) -> float:
    return sum(picture.stat().st_size for picture in pictures) / len(pictures)
