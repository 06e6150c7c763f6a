"""The popular tool's way: which commands it runs, and its rule for when keyframes are enough. Pure.

It reads every packet of the file for the largest distance between keyframes; when that is longer than the interval allows,
it decodes every picture of the film, else keyframes only. Here the pass over the packets is the ffmpeg binary's own
(demux, drop what is no keyframe, one line per packet left), since imageio-ffmpeg brings no ffprobe.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

TOLERANCE = 0.06
"""Share of an interval by which its pictures may come late."""

HDR_CHAIN = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,"
    "format=yuv420p"
)
BOX = "scale=w=320:h=240:force_original_aspect_ratio=decrease"


def probe_command(ffmpeg: str, film: Path) -> tuple[str, ...]:
    """Read every packet of the film, print the keyframes' times."""
    return (ffmpeg, "-v", "error", "-i", str(film), "-map", "0:v:0", "-c", "copy", "-bsf:v", "noise=drop=not(key)",
            "-f", "framecrc", "-")  # fmt: skip


def key_times(listing: str) -> list[float]:
    """Seconds of the keyframes in what the probe printed: `stream, dts, pts, …` after a heading with the time base."""
    base = 0.0
    times: list[float] = []
    for line in listing.splitlines():
        if line.startswith("#tb "):
            above, below = line.split(":")[1].split("/")
            base = int(above) / int(below)
        elif line and not line.startswith("#"):
            times.append(int(line.split(",")[2]) * base)
    return times


def largest_gap(times: Iterable[float]) -> float | None:
    """The most seconds from one keyframe to the next; None for fewer than two."""
    ordered = list(times)
    return max((later - sooner for sooner, later in pairwise(ordered)), default=None)


def keyframes_are_enough(gap: float | None, interval: float) -> bool:
    """The tool's rule: no gap longer than the interval and its tolerance; without a verdict it decodes everything."""
    return gap is not None and gap <= interval / (1 - TOLERANCE)


def extract_command(ffmpeg: str, film: Path, folder: Path, interval: float, flags: Sequence[str]) -> tuple[str, ...]:
    """Its extraction; `flags` may hold "skip" (keyframes only) and "hdr" (its tone-mapping chain)."""
    skip = ("-skip_frame:v", "nokey") if "skip" in flags else ()
    chain = ",".join((f"fps=fps={round(1 / interval, 6)}:round=up", *([HDR_CHAIN] if "hdr" in flags else []), BOX))
    head = (ffmpeg, "-loglevel", "info", *skip, "-i", str(film), "-an", "-sn", "-dn", "-q:v", "4")
    return (*head, "-vf", chain, f"{folder}/img-%06d.jpg")
