"""The figures of a run, as text."""

import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime

from bench.chaos.box import SERVERS, Endings
from bench.chaos.films import Film


def table(shares: Mapping[str, Sequence[Film]], endings: Endings, sent: Mapping[str, datetime], took: float) -> str:
    """Per phase and server: films shown, and seconds from the webhook to the proof that they are."""
    lines = [f"{'phase':7} {'server':15} {'shown':>11} {'median s':>9} {'p90 s':>7} {'most s':>7}"]
    for phase, films in shares.items():
        for server in SERVERS:
            keys = [(str(film.path), server) for film in films]
            waits = sorted((endings[key].at - sent[key[0]]).total_seconds() for key in keys if key in endings)
            lines.append(f"{phase:7} {server:15} {f'{len(waits)} of {len(films)}':>11} {_spread(waits)}")
    return "\n".join([*lines, f"whole run: {took:.0f} s"])


def _spread(waits: Sequence[float]) -> str:
    if not waits:
        return f"{'-':>9} {'-':>7} {'-':>7}"
    high = waits[min(len(waits) - 1, int(len(waits) * 0.9))]
    return f"{statistics.median(waits):9.1f} {high:7.1f} {waits[-1]:7.1f}"
