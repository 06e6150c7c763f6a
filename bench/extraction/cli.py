"""What extraction costs beside the popular tool, on this machine: `make bench-extract`, `make bench-full`.

In one run, interleaved, with the same ffmpeg binary for everything that is not ours: `tool` (a pass over all packets, its
rule about keyframe gaps, its command), `bare` (its command with keyframes forced), `fast` and `window` (ours, with one and
two decoder threads, as whole processes), and `bound` (decoding nothing but the needed keyframes). Every picture of the films
carries its number, so that each method's pictures are checked before its time counts. Figures, not assertions: the exit code
is 1 only when a method of ours makes wrong pictures or something cannot be run.

Not measured: real films (these are drawn; their keyframes are larger than most real ones, which makes decoding weigh more),
network file systems and slow disks, GPUs, packing into BIF on either side, the tool's metadata scan with MediaInfo, its
ffprobe (the pass over the packets is the ffmpeg binary's own here, which costs the tool less), and its second run when it
finds repeated pictures.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from bench.extraction.cases import FULL, SMALL, Case
from bench.extraction.contest import Rounds, hold
from bench.extraction.goals import verdicts
from bench.extraction.material import BenchError, cache_folder, ffmpeg_version, film
from bench.extraction.report import LEGEND, case_table, goals_table
from bench.extraction.results import CaseResult, MethodResult


def main() -> int:
    """Make the films, run the cases, print the tables."""
    options = _options()
    cases = [case for case in (FULL if options.full else SMALL) if not options.only or case.name in options.only]
    if not cases:
        print(f"no case of that name; there are {', '.join(case.name for case in (FULL if options.full else SMALL))}")
        return 2
    began = time.monotonic()
    print(f"{ffmpeg_version()}; {os.cpu_count()} cores; films in {cache_folder()}", flush=True)
    try:
        results = _hold_all(cases, _rounds(options))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(goals_table(verdicts(results)))
    print(f"\n{LEGEND}\n\ntook {time.monotonic() - began:.0f} s")
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(result) for result in results], indent=1), encoding="utf-8")
    return int(any(_spoilt(one) for result in results for one in result.results.values()))


def _spoilt(one: MethodResult) -> bool:
    return bool(one.failure or (one.method.ours and one.objections))


def _hold_all(cases: list[Case], rounds: Rounds) -> list[CaseResult]:
    for case in cases:
        film(case)
    results: list[CaseResult] = []
    for case in cases:
        results.append(hold(case, rounds))
        print(f"\n{case_table(results[-1])}\n", flush=True)
    return results


def _rounds(options: argparse.Namespace) -> Rounds:
    return Rounds(options.repeat or (5 if options.full else 3), discard_first=options.full, thrifty=not options.full)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python bench/extraction", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--full", action="store_true", help="the long set: longer films, every codec")
    parser.add_argument("--only", action="append", metavar="NAME", help="this case only; may be given again")
    parser.add_argument("--repeat", type=int, default=0, metavar="N", help="runs of every method (3; 5 with --full)")
    parser.add_argument("--json", metavar="FILE", help="write everything that was measured")
    return parser.parse_args()
