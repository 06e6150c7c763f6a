"""The body of `framewright extract`: one file to previews on disk, without a bus.

Exit codes: 0 all of the film, 3 what a truncated film still holds, 1 nothing, with the reason in one line on stderr,
130 interrupted. The bar goes to stderr, the report or the stats to stdout.
"""

import argparse
import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from framewright.domain.errors import FramewrightError
from framewright.domain.frames import Rendition
from framewright.domain.media import stem
from framewright.extractor.adapters.output import Format, reel_of, write_reels
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.adapters.progress_bar import ProgressBar
from framewright.extractor.adapters.summary import printable, summary_of
from framewright.extractor.domain.request import CPU, Extraction, ExtractionRequest, Mode, Tonemap
from framewright.formats.framepack import ExtractionReport

WHOLE, NOTHING, PARTIAL, INTERRUPTED = 0, 1, 3, 130
"""Exit codes; the last is what a shell shows for Ctrl-C."""

DEFAULT_WIDTH = 320


@dataclass(frozen=True, slots=True)
class ExtractOptions:
    """The command line, typed: `interval` and `stall_timeout` in seconds, `out` a folder (None: beside, by name)."""

    file: str
    interval: float = 5.0
    widths: tuple[int, ...] = (DEFAULT_WIDTH,)
    quality: int = 4
    format: Format = Format.JPG
    out: str | None = None
    mode: Mode = Mode.WINDOW
    workers: int = 1
    stall_timeout: float = 60.0
    tonemap: Tonemap = Tonemap.HABLE
    device: str = CPU
    stats: str | None = None
    quiet: bool = False

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
    refused: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Teach a parser the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="the video")
    parser.add_argument(
        "--interval", type=float, default=5.0, metavar="SECONDS", help="one picture per so many seconds (5)"
    )
    parser.add_argument(
        "--width",
        dest="widths",
        type=int,
        action="append",
        metavar="PIXELS",
        help="width of a picture (320); repeat it for several from one decode",
    )
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
    parser.add_argument(
        "--device", default=CPU, metavar="NAME", help="cpu, cuda:0 or /dev/dri/renderD128; the CPU steps in (cpu)"
    )
    parser.add_argument("--stats", choices=["json"], help="print one JSON object instead of the report")
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no report")


def run(namespace: argparse.Namespace) -> int:
    """Run the command with parsed arguments and answer its exit code."""
    options: dict[str, Any] = {name: getattr(namespace, name) for name in ExtractOptions.__dataclass_fields__}
    options["widths"] = tuple(namespace.widths or (DEFAULT_WIDTH,))
    return extract_command(ExtractOptions(**options))


def extract_command(options: ExtractOptions) -> int:
    """Extract one film, write its previews, print the report; the exit code says how much there was."""
    bar = ProgressBar(sys.stderr, printable(Path(options.file).name), wanted=not options.quiet)
    try:
        extraction = _extraction(options, bar)
        reels = [
            reel_of(extraction, stem(options.file), options.interval_ms, strip.width) for strip in extraction.strips
        ]
        write_reels(reels, options.format, options.folder)
    except FramewrightError as error:
        return _complain(error.reason)
    except ValueError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{options.folder} cannot be written: {error.strerror or error}")
    except KeyboardInterrupt:
        return INTERRUPTED
    _report(extraction, options)
    return PARTIAL if extraction.partial else WHOLE


def _extraction(options: ExtractOptions, bar: ProgressBar) -> Extraction:
    request = _request(options)
    try:
        bar.show(0)
        return asyncio.run(_extract(request, options.stall_timeout, bar))
    finally:
        bar.clear()


def _report(extraction: Extraction, options: ExtractOptions) -> None:
    if options.stats:
        sys.stdout.write(msgspec.json.encode(_stats(extraction, extraction.report)).decode() + "\n")
    elif not options.quiet:
        sys.stdout.write(summary_of(extraction, f"{options.file} -> {options.folder} ({options.format.value})"))


def _request(options: ExtractOptions) -> ExtractionRequest:
    if any("\ud800" <= sign <= "\udfff" for sign in options.file):
        raise ValueError("the name of the file is not UTF-8")
    return ExtractionRequest(
        path=str(Path(options.file).absolute()),
        renditions=tuple(Rendition(width, options.interval_ms) for width in options.widths),
        quality=options.quality,
        tonemap=options.tonemap,
        mode=options.mode,
        threads=options.workers,
        device=options.device,
    )


async def _extract(request: ExtractionRequest, stall_timeout: float, bar: ProgressBar) -> Extraction:
    async with WorkerPool(1, stall_timeout=stall_timeout) as pool:
        return await pool.extract(request, bar.show)


def _stats(extraction: Extraction, report: ExtractionReport) -> Stats:
    return Stats(frames=len(extraction.strips[0].frames), **msgspec.structs.asdict(report))


def _complain(reason: str) -> int:
    line = " ".join(reason.split())
    sys.stderr.write(f"framewright extract: {line}\n")
    return NOTHING
