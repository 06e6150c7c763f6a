"""The figures of a run, as text."""

import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime

from bench.chaos.box import SERVERS, Endings
from bench.chaos.films import Film

SLOWER = 2.0
SLACK_S = 1.0
"""A healthy server's median may be so many times that of calm days, and so many seconds, beyond which a sick one is felt."""


def table(shares: Mapping[str, Sequence[Film]], endings: Endings, sent: Mapping[str, datetime], took: float) -> str:
    """Per phase and server: films shown, and seconds from the webhook to the proof that they are."""
    lines = [f"{'phase':7} {'server':15} {'shown':>11} {'median s':>9} {'p90 s':>7} {'most s':>7}"]
    for phase, films in shares.items():
        for server in SERVERS:
            waits = _waits(films, server, endings, sent)
            lines.append(f"{phase:7} {server:15} {f'{len(waits)} of {len(films)}':>11} {_spread(waits)}")
    return "\n".join([*lines, f"whole run: {took:.0f} s"])


def felt(
    shares: Mapping[str, Sequence[Film]], endings: Endings, sent: Mapping[str, datetime], healthy: Sequence[str]
) -> list[str]:
    """Which healthy servers were noticeably slower while another one was sick, with both medians in seconds."""
    found: list[str] = []
    for server in healthy:
        calm, sick = (_waits(shares[phase], server, endings, sent) for phase in ("calm", "sick"))
        if not calm or not sick:
            found.append(f"{server}: no film was shown in one of the phases, nothing can be compared")
            continue
        before, after = statistics.median(calm), statistics.median(sick)
        if after > before * SLOWER + SLACK_S:
            found.append(f"{server}: median {after:.1f} s while another server was sick, {before:.1f} s before")
    return found


def ratios(
    shares: Mapping[str, Sequence[Film]],
    endings: Endings,
    sent: Mapping[str, datetime],
    phases: tuple[str, str],
) -> str:
    """How many times longer the first phase took than the second, by the medians of each server."""
    lines: list[str] = []
    for server in SERVERS:
        first, second = (_waits(shares[phase], server, endings, sent) for phase in phases)
        if first and second:
            ratio = statistics.median(first) / statistics.median(second)
            lines.append(f"{server:15} {phases[0]} / {phases[1]}: {ratio:.1f}")
    return "\n".join(lines)


def _waits(films: Sequence[Film], server: str, endings: Endings, sent: Mapping[str, datetime]) -> list[float]:
    """Seconds from the webhook to the proof, shortest first, of the films that are shown."""
    keys = [(str(film.path), server) for film in films]
    return sorted((endings[key].at - sent[key[0]]).total_seconds() for key in keys if key in endings)


def _spread(waits: Sequence[float]) -> str:
    if not waits:
        return f"{'-':>9} {'-':>7} {'-':>7}"
    high = waits[min(len(waits) - 1, int(len(waits) * 0.9))]
    return f"{statistics.median(waits):9.1f} {high:7.1f} {waits[-1]:7.1f}"
