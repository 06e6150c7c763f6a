"""Makes the films once, with the ffmpeg binary that imageio-ffmpeg brings, and keeps them in a cache folder.

A file is written beside its place and moved there when it is whole; its name carries a digest of the recipe and the
encoder's version, so that a changed recipe makes a new file.
"""

import os
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import imageio_ffmpeg
from bench.extraction.cases import Case
from bench.extraction.recipes import RECIPES, STILLS, Recipe, digest, original_arguments, still_arguments, still_digest

from framewright.chassis.testing.media import strip_cells

CACHE_VARIABLE = "FRAMEWRIGHT_BENCH_CACHE"
_QUIET = ("-hide_banner", "-nostdin", "-y", "-loglevel", "error")


class BenchError(Exception):
    """The benchmark cannot go on; the text says why."""


def ffmpeg() -> str:
    """The one binary that makes the films and runs the other tool's commands."""
    return imageio_ffmpeg.get_ffmpeg_exe()


@lru_cache(maxsize=1)
def ffmpeg_version() -> str:
    """The first words of its version line."""
    said = subprocess.run((ffmpeg(), "-version"), capture_output=True, text=True, check=True).stdout
    return " ".join(said.split()[:3])


def cache_folder() -> Path:
    """Where films and references are kept: $FRAMEWRIGHT_BENCH_CACHE or `.bench` in the checkout."""
    default = Path(__file__).resolve().parents[2] / ".bench"
    folder = Path(os.environ.get(CACHE_VARIABLE) or default)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def original(recipe: Recipe) -> Path:
    """The film as it was encoded, made when it is not there."""
    path = cache_folder() / f"{recipe.name}-{digest(recipe, ffmpeg_version())}{recipe.suffix}"
    _make(path, lambda scratch: _encode(recipe, scratch))
    return path


def film(case: Case) -> Path:
    """The film of a case: its original, repeated without encoding, in the container that the case wants."""
    recipe = RECIPES[case.recipe]
    source = original(recipe)
    suffix = case.suffix or recipe.suffix
    if case.loops == 1 and suffix == recipe.suffix:
        return source
    path = source.with_name(f"{source.stem}-x{case.loops}{suffix}")
    looped = ("-stream_loop", str(case.loops - 1), "-i", str(source), "-map", "0", "-c", "copy")
    extra = ("-movflags", "+faststart") if suffix == ".mp4" else ()
    _make(path, lambda scratch: run_ffmpeg(*looped, *extra, str(scratch)))
    return path


def run_ffmpeg(*arguments: str, given: bytes = b"") -> bytes:
    """Run the binary to its end; its standard output.

    Raises:
        BenchError: it failed; the text is what it said.
    """
    quiet = tuple(word for word in _QUIET if not (given and word == "-nostdin"))
    done = subprocess.run((ffmpeg(), *quiet, *arguments), input=given or None, capture_output=True, check=False)
    if done.returncode:
        raise BenchError(f"ffmpeg failed: {done.stderr.decode(errors='replace').strip()[-800:]}")
    return done.stdout


def _encode(recipe: Recipe, scratch: Path) -> None:
    cells = b"".join(bytes(235 if cell else 16 for cell in strip_cells(number)) for number in range(recipe.frames))
    run_ffmpeg(*original_arguments(recipe, _stills(recipe)), str(scratch), given=cells)


def _stills(recipe: Recipe) -> list[str]:
    return [str(_still(recipe, number)) for number in range(STILLS)]


def _still(recipe: Recipe, number: int) -> Path:
    path = cache_folder() / f"still-{still_digest(recipe, number)}.png"
    _make(path, lambda scratch: run_ffmpeg(*still_arguments(recipe, number), str(scratch)))
    return path


def _make(path: Path, make: Callable[[Path], object]) -> None:
    if path.exists():
        return
    began = time.monotonic()
    with _scratch(path) as scratch:
        make(scratch)
        scratch.rename(path)
    print(f"  made {path.name}: {path.stat().st_size / 1e6:.0f} MB in {time.monotonic() - began:.0f} s", flush=True)


@contextmanager
def _scratch(path: Path) -> Generator[Path]:
    scratch = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield scratch
    finally:
        scratch.unlink(missing_ok=True)
