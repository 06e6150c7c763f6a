"""Real encoded video made on the spot, each picture carrying its own frame number.

A strip of black and white cells along the lower edge holds the number of the frame and a checksum; it survives scaling to
320 pixels and JPEG, so a thumbnail proves from its pixels which frame it shows. The rest of the picture is a moving
gradient in scenes of uneven length with the elapsed time in large figures, cheap to draw and to encode.

`make_video` needs PyAV and numpy, which only the extractor's environment has; they are imported when it is called.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    import av
    import numpy as np
    from numpy.typing import NDArray

    Plane = NDArray[np.uint8]

DATA_BITS = 16
CHECK_BITS = 6
CELLS = 2 + DATA_BITS + CHECK_BITS + 2
"""White, black, the number (most significant bit first), its checksum, black, white."""

STRIP_SHARE = 10
"""The strip takes one part in this many of the picture's height."""

SCENE_SECONDS = (3.0, 5.5, 2.0, 11.0, 4.5, 7.0)
"""Lengths of the scenes, in turn; uneven, so that scene cuts fall off every regular grid."""

MIN_CONTRAST = 48
"""Least difference in luma between the white and the black marker cells of a readable strip."""

_EDGE = 96
"""Grey that marks the dark rim of the figures in their stencil."""

_AUDIO_OF = {".webm": "libopus", ".avi": "mp3", ".mpg": "mp2"}
_PRESETS: Mapping[str, Mapping[str, str]] = {
    "libx264": {"preset": "ultrafast", "crf": "28"},
    "libx265": {"preset": "ultrafast", "crf": "30", "x265-params": "log-level=none"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "row-mt": "1"},
    "libsvtav1": {"preset": "12"},
}
_HDR_TAGS = {"pq": 16, "hlg": 18}


@dataclass(frozen=True, slots=True)
class MediaSpec:
    """What the file holds; the container follows from the file name's suffix.

    `gop` is the longest distance between keyframes, in frames; `scene_keys` adds one at every scene cut. `codec` None makes a file without video. `hdr` is "pq" or
    "hlg" (10 bit, BT.2020). `sar` is the sample aspect ratio, `rotation` the degrees clockwise a player must turn the
    stored picture (the picture is drawn so that it is upright afterwards). `start_s` shifts all time stamps.
    """

    seconds: float = 10.0
    fps: Fraction | int = 24
    width: int = 320
    height: int = 180
    gop: int = 48
    b_frames: int = 0
    scene_keys: bool = False
    codec: str | None = "libx264"
    audio: bool = False
    hdr: str | None = None
    start_s: float = 0.0
    sar: Fraction = Fraction(1)
    rotation: int = 0
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    container_options: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def frames(self) -> int:
        """Number of pictures in the file, at least one."""
        return max(1, round(self.seconds * self.fps))


def make_video(path: Path | str, spec: MediaSpec | None = None) -> Path:
    """Encode a file at `path` as `spec` says and answer the path; 60 s of 640x360 H.264 take about two seconds."""
    import av  # noqa: PLC0415 - only the extractor's environment holds PyAV

    target, spec = Path(path), spec or MediaSpec()
    opened: Any = av.open(str(target), "w", options=dict(spec.container_options))
    with opened as container:
        video = _add_video(container, spec) if spec.codec else None
        sound = _add_audio(container, target.suffix) if spec.audio or video is None else None
        pictures = _pictures(spec) if video is not None else iter(())
        for second in range(int(spec.seconds) + 1):
            _encode_second(container, video, pictures, spec)
            if sound is not None:
                _encode_sound(container, sound, second, spec)
        for stream in filter(None, (video, sound)):
            container.mux(stream.encode(None))
    return target


def read_timecode(jpeg: bytes) -> int:
    """Frame number burnt into a thumbnail.

    Raises:
        ValueError: the strip is missing, blurred or fails its checksum, so the picture is broken.
    """
    with Image.open(io.BytesIO(jpeg)) as opened:
        grey = opened.convert("L")
    height = grey.height
    strip = grey.crop(
        (0, height - max(2, height * 7 // (STRIP_SHARE * 10)), grey.width, height - height // (STRIP_SHARE * 4))
    )
    line = strip.resize((CELLS * 4, 1), Image.Resampling.BOX).tobytes()
    cells = [(line[4 * cell + 1] + line[4 * cell + 2]) / 2 for cell in range(CELLS)]
    bits = [_bit(level, cells) for level in cells[2:-2]]
    number = int("".join(map(str, bits[:DATA_BITS])), 2)
    if int("".join(map(str, bits[DATA_BITS:])), 2) != checksum(number):
        raise ValueError(f"the time code {number} fails its checksum")
    return number


def checksum(number: int) -> int:
    """The check bits that belong to a frame number: Fibonacci hashing, so that near numbers differ in many bits."""
    return (number * 2654435761 & 0xFFFFFFFF) >> (32 - CHECK_BITS)


def strip_cells(number: int) -> list[bool]:
    """The cells of the strip from left to right, True is white."""
    payload = (number & (1 << DATA_BITS) - 1) << CHECK_BITS | checksum(number & (1 << DATA_BITS) - 1)
    width = DATA_BITS + CHECK_BITS
    return [True, False, *(bool(payload >> (width - 1 - place) & 1) for place in range(width)), False, True]


def _bit(level: float, cells: list[float]) -> int:
    white, black = min(cells[0], cells[-1]), max(cells[1], cells[-2])
    if white - black < MIN_CONTRAST:
        raise ValueError("the picture carries no time code")
    share = (level - black) / (white - black)
    if 0.35 < share < 0.65:  # noqa: PLR2004 - neither black nor white
        raise ValueError("the time code is blurred")
    return int(share > 0.5)  # noqa: PLR2004


def _add_video(container: Any, spec: MediaSpec) -> Any:
    assert spec.codec is not None
    options = {**_PRESETS.get(spec.codec, {}), **spec.options}
    video = container.add_stream(spec.codec, rate=Fraction(spec.fps), options=options)
    video.width, video.height = spec.width, spec.height
    video.pix_fmt = "yuv420p10le" if spec.hdr else "yuv420p"
    video.gop_size, video.max_b_frames = spec.gop, spec.b_frames
    video.time_base = video.codec_context.time_base = 1 / Fraction(spec.fps)
    video.codec_context.sample_aspect_ratio = spec.sar
    if spec.codec in {"mpeg4", "mpeg2video"}:
        video.bit_rate = spec.width * spec.height * 12
    if spec.hdr:
        video.color_trc, video.color_primaries, video.colorspace = _HDR_TAGS[spec.hdr], 9, 9
        video.color_range = 1
    if spec.rotation:
        video.set_display_rotation(-spec.rotation)
    return video


def _add_audio(container: Any, suffix: str) -> Any:
    sound = container.add_stream(_AUDIO_OF.get(suffix, "aac"), rate=48000, options={"aac_coder": "fast"})
    sound.bit_rate, sound.layout = 64000, "mono"
    return sound


def _encode_second(container: Any, video: Any, pictures: Iterator["av.VideoFrame"], spec: MediaSpec) -> None:
    """One second of pictures, so that sound and pictures lie side by side in the file."""
    for _, frame in zip(range(-(-spec.frames // max(1, int(spec.seconds)))), pictures, strict=False):
        container.mux(video.encode(frame))


def _encode_sound(container: Any, sound: Any, second: int, spec: MediaSpec) -> None:
    import av  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    count = round((min(spec.seconds, second + 1) - second) * 48000)
    if count <= 0:
        return
    tone = (np.sin(np.arange(count) * (2 * np.pi * (220 + 55 * (second % 4)) / 48000)) * 2000).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate, frame.time_base = 48000, Fraction(1, 48000)
    frame.pts = round((second + spec.start_s) * 48000)
    container.mux(sound.encode(frame))


def _pictures(spec: MediaSpec) -> Iterator["av.VideoFrame"]:
    import av  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    canvas = _Canvas(spec)
    base = 1 / Fraction(spec.fps)
    start = round(spec.start_s * spec.fps)
    for number in range(spec.frames):
        frame = av.VideoFrame(spec.width, spec.height, "yuv420p")
        for plane, drawn in zip(frame.planes, canvas.draw(number), strict=True):
            rows = np.frombuffer(cast("memoryview[int]", plane), np.uint8).reshape(-1, plane.line_size)
            rows[: plane.height, : plane.width] = np.rot90(drawn, spec.rotation // 90)
        if spec.hdr:
            frame = frame.reformat(format="yuv420p10le")
            frame.color_trc, frame.color_primaries, frame.colorspace = _HDR_TAGS[spec.hdr], 9, 9
        if spec.scene_keys and _scene(number / spec.fps) != _scene((number - 1) / spec.fps):
            frame.pict_type = 1
        frame.pts, frame.time_base = number + start, base
        yield frame


class _Canvas:
    """Draws one picture after the other; everything that does not move is drawn once."""

    def __init__(self, spec: MediaSpec) -> None:
        turned = spec.rotation % 180 == 90  # noqa: PLR2004 - a quarter turn
        self.spec = spec
        self.width, self.height = (spec.height, spec.width) if turned else (spec.width, spec.height)
        self.wide = _gradient(self.width * 2, self.height)
        self.chroma = _gradient(self.width, -(-self.height // 2))

    def draw(self, number: int) -> "list[Plane]":
        """Luma and two chroma planes of one picture, as the viewer shall see it."""
        seconds = number / self.spec.fps
        scene = _scene(seconds)
        left = number * 2 % self.width
        luma = _lift(self.wide[:, left : left + self.width], 40 + 29 * scene % 80)
        half = -(-self.width // 2)
        blue = _lift(self.chroma[:, scene * 7 % half :][:, :half], 64)
        red = _lift(255 - self.chroma[::-1, scene * 11 % half :][:, :half], 64)
        text = _figures(
            f"{int(seconds) // 60}:{int(seconds) % 60:02d}", max(12, min(self.height // 3, self.width // 4))
        )
        self._stamp(luma, text)
        self._strip(luma, number)
        for plane in (blue, red):
            plane[-(-plane.shape[0] // STRIP_SHARE) * -1 :] = 128
        return [luma, blue, red]

    def _stamp(self, luma: "Plane", text: "Plane") -> None:
        high, wide = (min(have, want) for have, want in zip(luma.shape, text.shape, strict=True))
        top, left = (luma.shape[0] - high) // 3, (luma.shape[1] - wide) // 2
        area = luma[top : top + high, left : left + wide]
        area[text[:high, :wide] > _EDGE // 2] = 16
        area[text[:high, :wide] > (_EDGE + 255) // 2] = 235

    def _strip(self, luma: "Plane", number: int) -> None:
        import numpy as np  # noqa: PLC0415

        places = np.arange(self.width) * CELLS // self.width
        levels = np.where(np.array(strip_cells(number)), 235, 16).astype(np.uint8)
        luma[-(self.height // STRIP_SHARE or 1) :] = levels[places]


def _gradient(width: int, height: int) -> "Plane":
    """A soft diagonal wave that repeats after half its width, so that it can be slid for ever."""
    import numpy as np  # noqa: PLC0415

    across, down = np.meshgrid(np.arange(width), np.arange(height))
    wave = np.sin(across * (4 * np.pi / width)) + np.sin(down * (3.0 / height) + across * (8 * np.pi / width))
    return ((wave + 2) * 63).astype(np.uint8)


def _lift(wave: "Plane", base: int) -> "Plane":
    """Half as strong, and brighter by `base`; a copy."""
    import numpy as np  # noqa: PLC0415

    return np.add(wave >> 1, base, dtype=np.uint8)


def _scene(seconds: Fraction | float) -> int:
    """Number of the scene at this time."""
    rounds, rest = divmod(float(seconds), sum(SCENE_SECONDS))
    scene = int(rounds) * len(SCENE_SECONDS)
    for length in SCENE_SECONDS:
        if rest < length:
            return scene
        rest -= length
        scene += 1
    return scene


@lru_cache(maxsize=4)
def _figures(text: str, size: int) -> "Plane":
    import numpy as np  # noqa: PLC0415

    font = ImageFont.load_default(size)
    box = font.getbbox(text)
    rim = max(1, size // 24)
    image = Image.new("L", (int(box[2]) + 2 * rim, int(box[3]) + 2 * rim))
    ImageDraw.Draw(image).text((rim, rim), text, font=font, fill=255, stroke_width=rim, stroke_fill=_EDGE)
    return np.asarray(image)
