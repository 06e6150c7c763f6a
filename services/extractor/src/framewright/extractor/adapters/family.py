"""A process and all that it started: stopped, continued and ended together."""

import contextlib
import os
import signal
from collections import defaultdict
from pathlib import Path

_PROC = Path("/proc")


def suspend(pid: int) -> None:
    """Stop the process and its descendants where they are; the parent first, so that it starts no more of them."""
    _signal(pid, signal.SIGSTOP)
    for descendant in descendants(pid):
        _signal(descendant, signal.SIGSTOP)


def resume(pid: int) -> None:
    """Let them all go on; the parent last, so that it finds nobody asleep for whom it waits."""
    for descendant in descendants(pid):
        _signal(descendant, signal.SIGCONT)
    _signal(pid, signal.SIGCONT)


def end_descendants(pid: int) -> None:
    """Kill what the process started: a stopped one would not notice that its parent is gone."""
    for descendant in descendants(pid):
        _signal(descendant, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """The processes that this one started, and those that they started; none where the system does not tell."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for folder in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The name in parentheses may hold anything; the parent is the second word behind it.
            parent = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
            children[int(parent)].append(int(folder.name))
    found = [*children[pid]]
    for one in found:
        found += children[one]
    return found


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
