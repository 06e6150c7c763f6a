"""Medians with their spread, and ratios that say when they cannot be trusted. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

NOISY = 0.25
"""A spread over this share of the median makes every ratio with it doubtful."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity over all repetitions."""

    median: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """Distance from the least to the most, as a share of the median."""
        return (self.high - self.low) / self.median if self.median else 0.0

    @property
    def noisy(self) -> bool:
        """Whether the repetitions disagree too much."""
        return self.spread > NOISY


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times the first is the second."""

    times: float
    noisy: bool

    def __str__(self) -> str:
        return f"{self.times:.2f}{'~' if self.noisy else ''}"


def figure(values: Sequence[float]) -> Figure:
    """Median, least and most of at least one value."""
    return Figure(statistics.median(values), min(values), max(values))


def ratio(above: Figure, below: Figure) -> Ratio | None:
    """`above` / `below` of the medians; None when there is nothing to divide by."""
    if not below.median:
        return None
    return Ratio(above.median / below.median, above.noisy or below.noisy)
