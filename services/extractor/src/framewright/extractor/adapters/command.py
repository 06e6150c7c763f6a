"""The body of `framewright extract`: one file to previews on disk, without a bus.

Exit codes: 0 all of the film, 3 what a truncated film still holds, 1 nothing, with the reason in one line on stderr.
"""

import argparse
import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from framewright.domain.errors import FramewrightError
from framewright.domain.media import stem
from framewright.extractor.adapters.output import Format, reel_of, write_reel
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.domain.request import Extraction, ExtractionRequest, Mode, Tonemap
from framewright.formats.framepack import ExtractionReport

WHOLE, NOTHING, PARTIAL = 0, 1, 3
"""Exit codes."""


@dataclass(frozen=True, slots=True)
class ExtractOptions:
    """The command line, typed: `interval` and `stall_timeout` in seconds, `out` a folder (None: beside, by name)."""

    file: str
    interval: float = 5.0
    width: int = 320
    quality: int = 4
    format: Format = Format.JPG
    out: str | None = None
    mode: Mode = Mode.WINDOW
    workers: int = 1
    stall_timeout: float = 60.0
    tonemap: Tonemap = Tonemap.HABLE
    stats: str | None = None

    @property
    def interval_ms(self) -> int:
        """The interval in whole milliseconds."""
        return round(self.interval * 1000)

    @property
    def folder(self) -> Path:
        """Where the previews go: by default a folder in the working directory, named after the film."""
        return Path(self.out or f"{stem(self.file)}-previews")


class Stats(msgspec.Struct, frozen=True):
    """What `--stats json` prints; `frames` counts different pictures, times are in seconds."""

    frames: int
    slots: int
    decoded: int
    holes: int
    path: str
    bytes_read: int
    file_bytes: int
    wall_s: float
    cpu_s: float
    device: str
    warnings: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Teach a parser the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="the video")
    parser.add_argument(
        "--interval", type=float, default=5.0, metavar="SECONDS", help="one picture per so many seconds (5)"
    )
    parser.add_argument("--width", type=int, default=320, metavar="PIXELS", help="width of a picture (320)")
    parser.add_argument("--quality", type=int, default=4, metavar="1-10", help="1 is finest, as ffmpeg's q:v (4)")
    parser.add_argument("--format", type=Format, choices=list(Format), default=Format.JPG, help="what to write (jpg)")
    parser.add_argument("--out", metavar="DIR", help="folder to write into (FILE's name with -previews)")
    parser.add_argument(
        "--mode",
        type=Mode,
        choices=list(Mode),
        default=Mode.WINDOW,
        help="window: every picture from its own slot; fast: keyframes only",
    )
    parser.add_argument(
        "--workers", type=int, default=min(4, os.cpu_count() or 1), metavar="N", help="decoders side by side"
    )
    parser.add_argument(
        "--stall-timeout",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="give up after so long without progress (60)",
    )
    parser.add_argument(
        "--tonemap", type=Tonemap, choices=list(Tonemap), default=Tonemap.HABLE, help="curve for HDR (hable)"
    )
    parser.add_argument("--stats", choices=["json"], help="print one JSON object at the end")


def run(namespace: argparse.Namespace) -> int:
    """Run the command with parsed arguments and answer its exit code."""
    options = {name: getattr(namespace, name) for name in ExtractOptions.__dataclass_fields__}
    return extract_command(ExtractOptions(**options))


def extract_command(options: ExtractOptions) -> int:
    """Extract one film, write its previews, print the stats; the exit code says how much there was."""
    try:
        request = _request(options)
        extraction = asyncio.run(_extract(request, options.stall_timeout))
        write_reel(reel_of(extraction, stem(options.file), options.interval_ms), options.format, options.folder)
    except FramewrightError as error:
        return _complain(error.reason)
    except ValueError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{options.folder} cannot be written: {error.strerror or error}")
    if options.stats:
        sys.stdout.write(msgspec.json.encode(_stats(extraction, extraction.report)).decode() + "\n")
    return PARTIAL if extraction.partial else WHOLE


def _request(options: ExtractOptions) -> ExtractionRequest:
    return ExtractionRequest(
        path=str(Path(options.file).absolute()),
        intervals_ms=(options.interval_ms,),
        width=options.width,
        quality=options.quality,
        tonemap=options.tonemap,
        mode=options.mode,
        threads=options.workers,
    )


async def _extract(request: ExtractionRequest, stall_timeout: float) -> Extraction:
    async with WorkerPool(1, stall_timeout=stall_timeout) as pool:
        return await pool.extract(request)


def _stats(extraction: Extraction, report: ExtractionReport) -> Stats:
    return Stats(frames=len(extraction.frames), **msgspec.structs.asdict(report))


def _complain(reason: str) -> int:
    line = " ".join(reason.split())
    sys.stderr.write(f"framewright extract: {line}\n")
    return NOTHING
