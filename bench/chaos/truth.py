"""Whether what was written shows the right pictures: the number burnt into each says from which moment it is."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.chaos.box import SERVERS, Ending, Endings
from bench.chaos.films import FPS, Film

from framewright.chassis.testing.media import read_timecode
from framewright.domain.errors import Reject
from framewright.formats.bif import read_bif
from framewright.formats.trickplay import thumbnail_at

JELLYFIN_INTERVAL_MS = 10_000
"""What the simulated Jellyfin insists on."""

TILES = 10
FRAME_MS = 1000 / FPS


def objections(films: Sequence[Film], endings: Endings) -> list[str]:
    """Everything that is wrong with the outputs of films that are shown."""
    pairs = (
        (film, endings[str(film.path), server])
        for film in films
        for server in SERVERS
        if (str(film.path), server) in endings
    )
    return [f"{film.title} on {ending.server_id}: {what}" for film, ending in pairs for what in _wrong(film, ending)]


def _wrong(film: Film, ending: Ending) -> Iterator[str]:
    try:
        interval, pictures = _pictures(film, Path(ending.outputs[0]))
    except (OSError, Reject, IndexError) as error:
        yield f"cannot be read: {error}"
        return
    expected = -(-film.seconds * 1000 // interval)
    if len(pictures) != expected:
        yield f"{len(pictures)} pictures instead of {expected}"
    for slot, picture in enumerate(pictures):
        moment = read_timecode(picture) * FRAME_MS
        if not slot * interval - FRAME_MS <= moment < (slot + 1) * interval:
            yield f"slot {slot} shows {moment / 1000:.2f} s"


def _pictures(film: Film, output: Path) -> tuple[int, list[bytes]]:
    """Interval in milliseconds, and the pictures in slot order."""
    if output.suffix == ".bif":
        bif = read_bif(output.read_bytes())
        return bif.interval_ms, [bytes(frame) for frame in bif.frames]
    sheet = (output / "0.jpg").read_bytes()
    count = -(-film.seconds * 1000 // JELLYFIN_INTERVAL_MS)
    return JELLYFIN_INTERVAL_MS, [thumbnail_at(sheet, index, TILES, TILES) for index in range(count)]
