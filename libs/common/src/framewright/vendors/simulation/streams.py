"""Streams of events that a simulated server keeps open: what changed is found by looking again and again."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass

from framewright.vendors.simulation.instruments import Instruments

GLANCE = 0.1
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Keys that came, that show something else now, and that went."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.updated or self.removed)


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> Changed:
    """What happened between two looks."""
    kept = before.keys() & after.keys()
    return Changed(
        _sorted(after.keys() - before.keys()),
        _sorted(key for key in kept if before[key] != after[key]),
        _sorted(before.keys() - after.keys()),
    )


async def glances(instruments: Instruments) -> AsyncGenerator[None]:
    """One turn for each look, until somebody cuts the streams."""
    cuts = instruments.cuts
    while instruments.cuts == cuts:
        yield
        await asyncio.sleep(GLANCE)


def _sorted(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(keys))
