"""Runs each method over a case's film as whole processes, and finds the pictures that it made."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from bench.extraction import tool
from bench.extraction.cases import Case, Method
from bench.extraction.film import Facts, packed_keys
from bench.extraction.material import BenchError, ffmpeg, film
from bench.extraction.measure import Sample, run
from bench.extraction.recipes import RECIPES

PARTIAL = 3
"""What `framewright extract` answers when a film's end is missing; the pictures are there."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a method is given."""

    case: Case
    film: Path
    facts: Facts
    folder: Path

    @property
    def flags(self) -> tuple[str, ...]:
        """What the other tool's command must know about the film."""
        return ("hdr",) if RECIPES[self.case.recipe].hdr else ()


class Said(msgspec.Struct, frozen=True):
    """What is used of `--stats json`."""

    bytes_read: int
    path: str
    warnings: tuple[str, ...] = ()


def job(case: Case, facts: Facts, folder: Path) -> Job:
    """A job whose pictures go into `folder`."""
    return Job(case, film(case), facts, folder)


def run_method(method: Method, given: Job) -> Sample:
    """One run of one method into an empty folder.

    Raises:
        BenchError: it cannot be run, or made no picture.
    """
    if method is Method.TOOL:
        sample = _run_tool(given)
    elif method is Method.BARE:
        sample = _run_extraction(given, "skip")
    elif method is Method.BOUND:
        script = Path(__file__).with_name("bound.py")
        sample = run((sys.executable, str(script), str(packed_keys(given.case, given.facts)), str(given.folder)))
    else:
        sample = _run_ours(method, given)
    if not pictures_in(given.folder):
        raise BenchError(f"it made no picture: {_ending(sample.output)}")
    return sample


def pictures_in(folder: Path) -> list[Path]:
    """The pictures in the order of their slots: every method names them so that sorting tells."""
    return sorted(folder.glob("*.jpg"))


def _run_tool(given: Job) -> Sample:
    probe = run(tool.probe_command(ffmpeg(), given.film))
    skip = tool.keyframes_are_enough(tool.largest_gap(tool.key_times(probe.output)), given.case.interval)
    sample = probe.then(_run_extraction(given, *(["skip"] if skip else [])))
    if sample.code and skip:
        for picture in pictures_in(given.folder):
            picture.unlink()
        sample = sample.then(_run_extraction(given))
    return replace(sample, output="keyframes only" if skip else "decodes every picture")


def _run_extraction(given: Job, *flags: str) -> Sample:
    asked = (*flags, *given.flags)
    return run(tool.extract_command(ffmpeg(), given.film, given.folder, given.case.interval, asked))


def _run_ours(method: Method, given: Job) -> Sample:
    sample = run((*_ours(method), "--interval", str(given.case.interval), "--out", str(given.folder), str(given.film)))
    if sample.code not in {0, PARTIAL}:
        raise BenchError(f"exit code {sample.code}: {_ending(sample.output)}")
    said = msgspec.json.decode(sample.output.strip().splitlines()[-1], type=Said)
    heard = "; ".join((f"path {said.path}", *said.warnings))
    return replace(sample, media=said.bytes_read, output=heard)


def _ending(complaint: str) -> str:
    return " ".join(complaint.split())[-400:]


def _ours(method: Method) -> Sequence[str]:
    command = Path(sys.executable).with_name("framewright")
    mode = "fast" if method in {Method.FAST, Method.FAST2} else "window"
    workers = "2" if method in {Method.FAST2, Method.WINDOW2} else "1"
    return (str(command), "extract", "--mode", mode, "--workers", workers, "--width", "320", "--quality", "4",
            "--format", "jpg", "--stats", "json")  # fmt: skip
