"""Whether the decoding devices of this machine give the right pictures, and how fast: `python bench/gpu_check.py`.

Makes a few films, extracts each on the CPU and on every device found (or named with `--device`), in every way that leads
to it, each in a process of its own. Every picture's burnt-in number must be that of its time, and its colours those of
the CPU's picture. Prints one line per film and way. Exit codes: 0 right, 1 a wrong or missing picture or a crash, and with
`--strict` also where a device was given up and the CPU stepped in.

Needs nothing but the repository's virtual environment. Where no `ffmpeg` is on the path and `FFMPEG_PATH` names none, that
of imageio-ffmpeg is used; for VAAPI prefer the system's, which finds the system's drivers.
"""

import argparse
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
from PIL import Image

from framewright.chassis.testing.media import MediaSpec, make_video, read_timecode
from framewright.domain.frames import Rendition
from framewright.extractor.adapters.engine import extract
from framewright.extractor.domain.request import CPU, ExtractionRequest

FPS = 24
WAIT_SECONDS = 300
COLOUR_LIMIT = 6.0
"""Greatest mean difference of a colour from the CPU's, of 255, over a coarse grid of a picture."""

GRID = (16, 9)

OPEN = {"preset": "veryfast", "x264-params": "open-gop=1:scenecut=0:bframes=3"}
OPEN_HEVC = {"preset": "ultrafast", "x265-params": "log-level=none:open-gop=1:bframes=4"}
FULL_HD = {"width": 1920, "height": 1080}

FILMS: dict[str, tuple[str, dict[str, Any]]] = {
    "H.264 1080p": ("film.mkv", {**FULL_HD, "b_frames": 2}),
    "H.264 open groups": ("film.mp4", {"width": 1280, "height": 720, "b_frames": 3, "gop": 60, "options": OPEN}),
    "H.264 long groups": ("film.mkv", {"width": 1280, "height": 720, "b_frames": 2, "gop": 480}),
    "H.264 turned": ("film.mp4", {"width": 1280, "height": 720, "rotation": 90}),
    "HEVC 10 bit PQ": ("film.mkv", {**FULL_HD, "codec": "libx265", "hdr": "pq", "options": OPEN_HEVC}),
    "VP9": ("film.webm", {"width": 1280, "height": 720, "codec": "libvpx-vp9"}),
    "AV1": ("film.mkv", {"width": 1280, "height": 720, "codec": "libsvtav1"}),
    "MPEG-2": ("film.mkv", {"width": 720, "height": 576, "codec": "mpeg2video", "gop": 12, "b_frames": 2}),
}


@dataclass(frozen=True)
class Way:
    """A device and what the environment must say to go to it in this way."""

    name: str
    device: str
    environment: dict[str, str]


def main() -> int:
    """Check everything, print the table, answer the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", action="append", help="check this device (repeatable; default: all that are found)")
    parser.add_argument("--film", action="append", choices=list(FILMS), help="only this film (repeatable)")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the films (60)")
    parser.add_argument("--interval", type=float, default=2.0, help="seconds between pictures (2)")
    parser.add_argument("--threads", type=int, default=1, help="decoders side by side (1)")
    parser.add_argument("--strict", action="store_true", help="a device that gives up is an error")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(json.loads(options.one))))
        return 0
    if shutil.which(os.environ.get("FFMPEG_PATH", "ffmpeg")) is None:
        os.environ["FFMPEG_PATH"] = imageio_ffmpeg.get_ffmpeg_exe()
    with tempfile.TemporaryDirectory() as folder:
        faults = [fault for name in options.film or FILMS for fault in check(name, Path(folder), options)]
    print("\n".join(["", *faults]) if faults else "\nEvery picture is right.")
    return 1 if faults else 0


def ways(devices: Sequence[str] | None) -> list[Way]:
    """The CPU first, then every way to each device, then the pipe without hardware."""
    nodes = sorted(str(node) for node in Path("/dev/dri").glob("renderD*"))
    cards = ["cuda:0"] * Path("/dev/nvidiactl").exists()
    apple = ["videotoolbox"] * (sys.platform == "darwin")
    found = [Way("cpu", CPU, {})]
    wanted: Sequence[str] = [*cards, *nodes, *apple] if devices is None else devices
    for device in wanted:
        variable, names = _choices(device)
        found += [Way(f"{device} {name}".strip(), device, {variable: name} if name else {}) for name in names]
    return [*found, Way("pipe, software", "ffmpeg", {})]


def check(name: str, folder: Path, options: argparse.Namespace) -> list[str]:
    """One film in every way; answers what is wrong, in sentences."""
    file, fields = FILMS[name]
    path = make_video(folder / f"{name.replace(' ', '-')}-{file}", MediaSpec(seconds=options.seconds, **fields))
    print(
        f"\n{name}\n{'':2}{'way':34}{'device':22}{'wall s':>8}{'cpu s':>8}{'pict.':>7}{'/s':>8}{'wrong':>7}{'colour':>8}"
    )
    faults: list[str] = []
    reference: dict[str, Any] | None = None
    for way in ways(options.device):
        result = measured(way, path, options)
        reference = reference or result
        wrong = [f"{name}, {way.name}: {said}" for said in wrongs(result, reference, way, strict=options.strict)]
        show(way, result, reference)
        faults += wrong
    path.unlink()
    return faults


def measured(way: Way, path: Path, options: argparse.Namespace) -> dict[str, Any]:
    """What one way makes of a film, in a process that may crash or hang."""
    asked = {"path": str(path), "device": way.device, "interval": options.interval, "threads": options.threads}
    command = [sys.executable, __file__, "--one", json.dumps(asked)]
    try:
        done = subprocess.run(
            command, capture_output=True, env={**os.environ, **way.environment}, timeout=WAIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return {"crash": f"no end after {WAIT_SECONDS} s"}
    if done.returncode:
        return {"crash": f"exit code {done.returncode}: {done.stderr.decode(errors='replace').strip()[-300:]}"}
    return json.loads(done.stdout)


def one(asked: dict[str, Any]) -> dict[str, Any]:
    """Extract in this process: the pictures' times, numbers and coarse colours, and what it cost."""
    rendition = Rendition(320, round(asked["interval"] * 1000))
    request = ExtractionRequest(asked["path"], (rendition,), device=asked["device"], threads=asked["threads"])
    began, spent = time.monotonic(), cpu_seconds()
    extraction = extract(request, lambda _share: None, lambda: False)
    wall, spent = time.monotonic() - began, cpu_seconds() - spent
    frames = extraction.strips[0].frames
    return {
        "wall": wall,
        "cpu": spent,
        "device": extraction.report.device,
        "warnings": extraction.report.warnings,
        "holes": extraction.report.holes,
        "times": [time_ms for time_ms, _ in frames],
        "numbers": [number(jpeg) for _, jpeg in frames],
        "colours": [coarse(jpeg) for _, jpeg in frames],
    }


def cpu_seconds() -> float:
    """CPU time of this process and of its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def number(jpeg: bytes) -> int:
    """The number burnt into a picture; -1 when it cannot be read."""
    try:
        return read_timecode(jpeg)
    except ValueError:
        return -1


def coarse(jpeg: bytes) -> list[int]:
    """The colours of a picture on a coarse grid, red, green and blue in turn."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        return list(picture.convert("RGB").resize(GRID, Image.Resampling.BOX).tobytes())


def wrongs(result: dict[str, Any], reference: dict[str, Any], way: Way, *, strict: bool) -> list[str]:
    """What is wrong with a result."""
    if "crash" in result:
        return [result["crash"]]
    said: list[str] = []
    if misnumbered(result):
        said.append(f"{misnumbered(result)} pictures are not of their time")
    if result["holes"] > reference.get("holes", 0):
        said.append(f"{result['holes']} slots have no picture")
    if colour_error(result, reference) > COLOUR_LIMIT:
        said.append(f"the colours differ by {colour_error(result, reference):.1f}")
    if strict and result["device"] != way.device:
        said.append("; ".join(result["warnings"]))
    return said


def misnumbered(result: dict[str, Any]) -> int:
    """Pictures whose number is not that of their time."""
    pairs = zip(result["times"], result["numbers"], strict=True)
    return sum(abs(time_ms - burnt * 1000 / FPS) > 1000 / FPS for time_ms, burnt in pairs)


def colour_error(result: dict[str, Any], reference: dict[str, Any]) -> float:
    """Mean difference of the colours over the pictures of the same times; 0 where there is none to compare."""
    theirs = dict(zip(reference.get("times", ()), reference.get("colours", ()), strict=True))
    pairs = [(mine, theirs[at]) for at, mine in zip(result["times"], result["colours"], strict=True) if at in theirs]
    return float(np.mean([np.abs(np.subtract(mine, other)).mean() for mine, other in pairs])) if pairs else 0.0


def show(way: Way, result: dict[str, Any], reference: dict[str, Any]) -> None:
    """One line of the table, and what the report warns of below it."""
    if "crash" in result:
        print(f"{'':2}{way.name:34}{result['crash']}")
        return
    count, wall = len(result["times"]), result["wall"]
    figures = f"{wall:8.2f}{result['cpu']:8.2f}{count:7}{count / wall:8.1f}{misnumbered(result):7}"
    print(f"{'':2}{way.name:34}{result['device']:22}{figures}{colour_error(result, reference):8.1f}")
    for warning in result["warnings"]:
        print(f"{'':6}{warning}")


def _choices(device: str) -> tuple[str, list[str]]:
    if device.startswith("cuda"):
        return "FRAMEWRIGHT_CUDA_BACKEND", ["cuvid", "pipe"]
    if device.startswith("/dev/dri/"):
        return "FRAMEWRIGHT_DRI_BACKEND", ["vaapi", "qsv"]
    return "", [""]


if __name__ == "__main__":
    sys.exit(main())
