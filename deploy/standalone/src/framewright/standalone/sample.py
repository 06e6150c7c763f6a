"""`python -m framewright.standalone.sample DIR`: a small library of real encoded video, made once.

It shows the system at work where nobody has pointed it at media yet. Names follow what media servers expect.
"""

import os
import sys
import time
from pathlib import Path

from framewright.chassis.testing.media import MediaSpec, make_video

FILMS: tuple[tuple[str, MediaSpec], ...] = (
    ("Movies/First Light (2024)/First Light (2024).mkv", MediaSpec(seconds=90, width=640, height=360, gop=48)),
    ("Movies/Long Takes (2023)/Long Takes (2023).mp4", MediaSpec(seconds=60, width=640, height=360, gop=250)),
    ("TV/Short Waves/Season 01/Short Waves S01E01.mkv", MediaSpec(seconds=40, width=640, height=360, b_frames=2)),
    ("TV/Short Waves/Season 01/Short Waves S01E02.mkv", MediaSpec(seconds=40, width=640, height=360, b_frames=2)),
)


def make_library(root: Path) -> None:
    """Make the films that are missing; each appears under its name only when it is whole."""
    for name, spec in FILMS:
        film = root / name
        if film.exists():
            continue
        print(f"framewright: encoding {film.name}", flush=True)  # noqa: T201 - progress for the terminal
        film.parent.mkdir(parents=True, exist_ok=True)
        draft = film.with_name(f".draft-{film.name}")
        make_video(draft, spec)
        # Whole and never touched again: dated back, so that nobody waits for it to stop growing.
        finished = time.time() - 3600
        os.utime(draft, (finished, finished))
        draft.replace(film)


if __name__ == "__main__":
    make_library(Path(sys.argv[1]))
