"""Pictures as files: one per slot, or packed as BIF, trickplay or WebVTT; complete under its name or not there."""

import os
import secrets
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from framewright.domain.frames import FileVersion, Picture
from framewright.extractor.domain.request import Extraction
from framewright.formats.bif import write_bif
from framewright.formats.framepack import PackHeader, build_pack, pictures, slot_frames
from framewright.formats.tiling import folder_name
from framewright.formats.trickplay import write_sheets
from framewright.formats.webvtt import SheetLayout, write_vtt

TILES = 10
"""Thumbnails in a row and in a column of a sheet."""


class Format(StrEnum):
    """How pictures are written."""

    JPG = "jpg"
    BIF = "bif"
    TRICKPLAY = "trickplay"
    WEBVTT = "webvtt"


NAMELESS = frozenset({Format.JPG, Format.WEBVTT})
"""Formats whose file names do not say how wide their pictures are."""


@dataclass(frozen=True, slots=True)
class Reel:
    """The pictures of one film, one per slot of `interval_ms`; `name` is the film's own, without suffix."""

    name: str
    interval_ms: int
    width: int
    height: int
    duration_ms: int
    frames: tuple[bytes, ...]


def reel_of(extraction: Extraction, name: str, interval_ms: int, width: int = 0) -> Reel:
    """One picture per slot, chosen as every publisher chooses them; of the smallest width unless one is named."""
    strip = extraction.strip(width) if width else extraction.strips[0]
    header = PackHeader(
        path_id="",
        version=FileVersion(0, 0),
        width=strip.width,
        height=strip.height,
        picture=Picture(),
        duration_ms=extraction.duration_ms,
        intervals_ms=(interval_ms,),
    )
    parts, manifest = build_pack(strip.frames, header)
    images = pictures(manifest, parts)
    chosen = tuple(images[index] for index in slot_frames(manifest, interval_ms))
    return Reel(name, interval_ms, strip.width, strip.height, extraction.duration_ms, chosen)


def write_reels(reels: Sequence[Reel], kind: Format, folder: Path) -> None:
    """Write the reels of one film into `folder`, made when it is not there; what was there stays until all is written.

    With several widths every name carries its own, as a folder where the format has no better place for it.

    Raises:
        OSError: the folder cannot be written to; then nothing has changed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(folder) as scratch:
        for reel in reels:
            place = scratch / str(reel.width) if len(reels) > 1 and kind in NAMELESS else scratch
            _write_files(_files(reel, kind), place)
        _publish(scratch, folder)


def _write_files(files: Iterator[tuple[str, Iterator[bytes]]], place: Path) -> None:
    for name, chunks in files:
        path = place / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())


def _files(reel: Reel, kind: Format) -> Iterator[tuple[str, Iterator[bytes]]]:
    if kind is Format.JPG:
        for slot, jpeg in enumerate(reel.frames):
            yield f"{slot * reel.interval_ms:011d}-{slot:06d}.jpg", iter((jpeg,))
    elif kind is Format.BIF:
        yield f"{reel.name}-{reel.width}-{reel.interval_ms / 1000:g}.bif", write_bif(reel.frames, reel.interval_ms)
    elif kind is Format.TRICKPLAY:
        for number, sheet in enumerate(write_sheets(reel.frames, TILES, TILES)):
            yield f"{folder_name(reel.width, TILES, TILES)}/{number}.jpg", iter((sheet,))
    else:
        layout = SheetLayout(TILES, TILES, reel.width, reel.height)
        for number, sheet in enumerate(write_sheets(reel.frames, TILES, TILES)):
            yield layout.sheet_name(number), iter((sheet,))
        cues = write_vtt(len(reel.frames), reel.interval_ms, reel.duration_ms, layout)
        yield "thumbnails.vtt", iter((cues.encode(),))


@contextmanager
def _scratch(folder: Path) -> Generator[Path]:
    """A new folder beside the target, on the same file system, gone afterwards whatever happens."""
    scratch = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _publish(scratch: Path, folder: Path) -> None:
    if not folder.exists():
        scratch.rename(folder)
        return
    for entry in sorted(scratch.iterdir()):
        target = folder / entry.name
        if target.is_dir():
            # A folder cannot replace one that is not empty: the old one steps aside and goes with the scratch folder.
            target.rename(scratch / f"old-{entry.name}")
        entry.rename(target)
