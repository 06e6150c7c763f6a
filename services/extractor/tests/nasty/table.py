"""All nasty files, by what is nasty about them."""

from . import clocks, damage, places, refusals, shapes
from .row import Row

TABLE: dict[str, tuple[Row, ...]] = {
    "No film": refusals.ROWS,
    "Damage and lies": damage.ROWS,
    "Time": clocks.ROWS,
    "Formats": shapes.FORMATS,
    "Pictures and streams": shapes.PICTURES + shapes.STREAMS,
    "Files that are none, or do not stay": places.ROWS,
}
