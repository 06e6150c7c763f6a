"""Many different films from few encodes: copies that differ in what stands behind the last picture."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from framewright.chassis.testing.media import MediaSpec, make_video

FPS = 24
LENGTHS = (12, 17, 21, 25, 31)
"""Seconds."""

EBML_VOID = b"\xec"
"""Source: RFC 8794 section 11.3.2: readers skip it."""


@dataclass(frozen=True, slots=True)
class Film:
    """One film of the library and how long it is, in seconds."""

    path: Path
    seconds: int

    @property
    def title(self) -> str:
        return self.path.stem


def make(material: Path, media: Path, shares: Mapping[str, int]) -> dict[str, list[Film]]:
    """The films of each phase; no two have the same bytes, so no two share a bundle on Plex."""
    material.mkdir()
    (media / "Movies").mkdir()
    (media / "TV").mkdir()
    models = {
        length: make_video(material / f"{length}.mkv", MediaSpec(seconds=length, fps=FPS, gop=36)) for length in LENGTHS
    }
    return {name: [_copy(models, media / "Movies", name, number) for number in range(n)] for name, n in shares.items()}


def _copy(models: Mapping[int, Path], movies: Path, phase: str, number: int) -> Film:
    seconds = LENGTHS[number % len(LENGTHS)]
    name = f"{phase.capitalize()} {number:03d} (2024)"
    path = movies / name / f"{name}.mkv"
    path.parent.mkdir()
    shutil.copyfile(models[seconds], path)
    with path.open("ab") as sink:
        sink.write(EBML_VOID + bytes([0x80 | 16]) + os.urandom(16))
    return Film(path, seconds)
