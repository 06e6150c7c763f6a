"""The child of the decode test: `python -m framewright.extractor.adapters.discovery.trial DEVICE ACCELERATION FFMPEG CHOICE`.

It encodes a clip of a few pictures, has the device decode it, and compares: a driver that answers with green or old
pictures fails. CHOICE is how CUDA decodes, see `Choices.cuda`. 256 x 144 is more than the least that any hardware decoder takes.
"""

import io
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

import av
import av.logging
import numpy as np
from av import VideoCodecContext, VideoFrame
from av.error import FFmpegError
from numpy.typing import NDArray

from framewright.chassis.lifetime import die_with_parent
from framewright.extractor.adapters.discovery.decode_test import WORKS, one_line
from framewright.extractor.domain.acceleration import (
    CUVID,
    Acceleration,
    Choices,
    Picture,
    by_library,
    cuvid_options,
    pipe_arguments,
)

WIDTH, HEIGHT = 256, 144
SMALL = Picture(WIDTH // 2, HEIGHT // 2)
"""What a device that scales is asked for, as it will be for films."""

PICTURES = 4
LEVELS = (48, 96, 144, 192)
"""Luma of the four quarters; they change places from picture to picture."""

TOLERANCE = 10

Luma = NDArray[np.uint8]

_PREFIX = re.compile(r"^(\[[^\]]*\]\s*)+")


class TrialError(Exception):
    """The device does not decode; the sentence says why."""


def main(arguments: Sequence[str]) -> int:
    """Try the device and say what came of it."""
    device, acceleration, ffmpeg, choice = arguments
    if sys.platform == "linux":
        die_with_parent()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        judge(decode(device, Acceleration(acceleration), ffmpeg, Choices(cuda=choice)))
        print(WORKS, file=answers, flush=True)
    except TrialError as error:
        print(one_line(str(error)) or "the device does not decode", file=answers, flush=True)
    return 0


def decode(device: str, interface: Acceleration, ffmpeg: str, choices: Choices) -> list[Luma]:
    """The clip's pictures as the device decodes them.

    Raises:
        TrialError: it cannot.
    """
    if interface is Acceleration.NONE:
        return by_decoder("h264", {})
    if interface is Acceleration.CUDA and by_library(choices):
        return by_decoder(CUVID["h264"], cuvid_options(device, SMALL))
    return by_program(interface, device, ffmpeg)


def by_decoder(decoder: str, options: dict[str, str]) -> list[Luma]:
    """The pictures by a decoder of PyAV."""
    av.logging.set_level(av.logging.ERROR)
    with av.logging.Capture(local=False) as said, _opened(io.BytesIO(clip()), "r") as film:
        try:
            context: Any = VideoCodecContext.create(decoder, "r")
            context.options, context.extradata = options, film.streams.video[0].codec_context.extradata
            return [_luma(frame) for packet in film.demux(video=0) for frame in context.decode(packet)]
        except (FFmpegError, OSError, ValueError) as error:
            reasons = [message for _, _, message in said]
            raise TrialError(reasons[0] if reasons else str(error)) from error


def by_program(interface: Acceleration, device: str, ffmpeg: str) -> list[Luma]:
    """The pictures by an ffmpeg that is told what it will be told for films; they come at half the size."""
    if not ffmpeg:
        raise TrialError(f"no ffmpeg was found, and decoding by {interface} needs one")
    if device.startswith("/"):
        _check_node(Path(device))
    command = (ffmpeg, *pipe_arguments(interface, device, SMALL))
    done = subprocess.run(command, input=clip(), capture_output=True, check=False)  # noqa: S603 - arguments of our own
    if done.returncode != 0:
        said = _PREFIX.sub("", one_line(done.stderr.decode(errors="replace")))
        raise TrialError(said or f"ffmpeg ended with code {done.returncode}")
    try:
        with _opened(io.BytesIO(done.stdout), "r") as answer:
            return [_luma(frame) for frame in answer.decode(video=0)]
    except (FFmpegError, ValueError) as error:
        raise TrialError("ffmpeg ended well without a picture") from error


def clip() -> bytes:
    """The clip: H.264 in NUT, one key picture first."""
    film = io.BytesIO()
    with _opened(film, "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "veryfast", "profile": "main", "bf": "0", "crf": "20"}
        for number in range(PICTURES):
            container.mux(stream.encode(_drawn(number)))
        container.mux(stream.encode(None))
    return film.getvalue()


def judge(pictures: Sequence[Luma]) -> None:
    """See whether these are the clip's pictures.

    Raises:
        TrialError: they are not.
    """
    if len(pictures) != PICTURES:
        raise TrialError(f"{len(pictures)} of {PICTURES} pictures came out")
    for number, picture in enumerate(pictures):
        height, width = picture.shape
        for quarter in range(4):
            top, left = quarter // 2 * height // 2, quarter % 2 * width // 2
            inner = picture[top + height // 8 : top + height * 3 // 8, left + width // 8 : left + width * 3 // 8]
            if abs(float(inner.mean()) - _level(number, quarter)) > TOLERANCE:
                raise TrialError("the pictures came out wrong")


def _opened(file: io.BytesIO, mode: Literal["r", "w"]) -> Any:
    return av.open(file, mode, format="nut")


def _check_node(node: Path) -> None:
    """What goes wrong most often, in words that help more than a driver's."""
    if not node.exists():
        raise TrialError(f"{node} is not there; a container must be given it")
    if not os.access(node, os.R_OK | os.W_OK):
        raise TrialError(f"no permission to open {node}; this user must be in the group that owns it")


def _luma(frame: VideoFrame) -> Luma:
    plane = frame.planes[0]
    rows = np.frombuffer(cast("Any", plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width].copy()


def _drawn(number: int) -> VideoFrame:
    picture = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    for quarter in range(4):
        top, left = quarter // 2 * HEIGHT // 2, quarter % 2 * WIDTH // 2
        picture[top : top + HEIGHT // 2, left : left + WIDTH // 2] = _level(number, quarter)
    frame = VideoFrame.from_ndarray(picture, format="yuv420p")
    frame.pts = number
    return frame


def _level(number: int, quarter: int) -> int:
    return LEVELS[(number + quarter) % len(LEVELS)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
