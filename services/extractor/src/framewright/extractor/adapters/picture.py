"""From a decoded frame to the thumbnail: size, shape, orientation, light and JPEG."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import numpy as np
from av.codec.context import CodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from framewright.extractor.adapters.tonemap import DEFAULT_PEAK, HLG, PQ, tonemap
from framewright.extractor.domain.request import Tonemap

BT2020 = 9
"""ITU-T H.273 matrix coefficients; the number that libswscale uses for its own table as well."""

UNSPECIFIED = 2
HD_HEIGHT = 720
"""From this height on, a film that does not name its colour matrix uses BT.709."""

NITS_PER_UNIT = 100
PEAK_RANGE = (1.0, 100.0)
_LIGHT_LEVEL = struct.Struct("=2I")
_MASTERING = struct.Struct("=22i")


@dataclass(frozen=True, slots=True)
class Look:
    """What every thumbnail of a job has in common: width in pixels, JPEG quality, curve for HDR."""

    width: int
    quality: int
    curve: Tonemap


@dataclass(frozen=True, slots=True)
class Shape:
    """Final size of a thumbnail and the quarter turns (counter-clockwise) that bring it upright."""

    width: int
    height: int
    turns: int

    @property
    def lying(self) -> tuple[int, int]:
        """Width and height before the turn."""
        return (self.height, self.width) if self.turns % 2 else (self.width, self.height)


class Renderer:
    """Makes thumbnails of one film; one per thread, since a scaler must not be shared."""

    def __init__(self, look: Look, sample_aspect: Fraction, transfer: int) -> None:
        self._look = look
        self._aspect = sample_aspect
        self._transfer = transfer
        self._scaler = VideoReformatter()

    def render(self, frame: VideoFrame, height: int = 0) -> tuple[bytes, int]:
        """The JPEG and its height; `height` is that of the film's earlier thumbnails, 0 when there are none."""
        shape = shape_of(frame, self._aspect, self._look.width)
        if height:
            shape = Shape(shape.width, height, shape.turns)
        transfer = frame.color_trc if frame.color_trc in {PQ, HLG} else self._transfer
        small = self._bright(frame, shape, transfer) if transfer in {PQ, HLG} else self._plain(frame, shape)
        return encode_jpeg(small, self._look.quality), shape.height

    def _plain(self, frame: VideoFrame, shape: Shape) -> VideoFrame:
        width, height = shape.lying
        small = self._scale(frame, width, height, "yuvj420p", matrix=_matrix_of(frame))
        if not shape.turns:
            return small
        flat = cast("NDArray[np.uint8]", small.to_ndarray())
        half = width * height // 4
        planes = (
            flat.reshape(-1)[: width * height].reshape(height, width),
            flat.reshape(-1)[width * height : -half].reshape(height // 2, width // 2),
            flat.reshape(-1)[-half:].reshape(height // 2, width // 2),
        )
        turned = np.concatenate([np.rot90(plane, shape.turns).reshape(-1) for plane in planes])
        return VideoFrame.from_ndarray(turned.reshape(-1, shape.width), format="yuvj420p")

    def _bright(self, frame: VideoFrame, shape: Shape, transfer: int) -> VideoFrame:
        matrix = BT2020 if frame.colorspace == UNSPECIFIED else frame.colorspace
        wide = self._scale(frame, *shape.lying, "rgb48le", matrix=matrix)
        samples = cast("NDArray[np.uint16]", wide.to_ndarray())
        peak = peak_of(frame) if transfer == PQ else DEFAULT_PEAK
        shown = np.rot90(tonemap(samples, transfer, self._look.curve, peak), shape.turns)
        rgb = VideoFrame.from_ndarray(np.ascontiguousarray(shown), format="rgb24")
        return self._scale(rgb, shape.width, shape.height, "yuvj420p", matrix=None)

    def _scale(self, frame: VideoFrame, width: int, height: int, pixels: str, *, matrix: int | None) -> VideoFrame:
        return self._scaler.reformat(
            frame,
            width,
            height,
            pixels,
            src_colorspace=matrix,
            dst_colorspace=Colorspace.ITU601,
            interpolation="AREA",
            dst_color_range=ColorRange.JPEG,
            threads=1,
        )


def shape_of(frame: VideoFrame, sample_aspect: Fraction, width: int) -> Shape:
    """Size of the thumbnail as a viewer sees the film: sample aspect and display rotation applied, both sides even."""
    turns = round(frame.rotation / 90) % 4
    across, down = frame.width * sample_aspect, Fraction(frame.height)
    if turns % 2:
        across, down = down, across
    height = max(2, round(width * down / across / 2) * 2)
    return Shape(width, min(height, width * 8), turns)


def peak_of(frame: VideoFrame) -> float:
    """Brightest light of an HDR film in units of 100 nits: its light level, else its mastering display, else 1000 nits."""
    said = cast("Mapping[str, Any]", frame.side_data)
    nits = 0.0
    if "CONTENT_LIGHT_LEVEL" in said:
        nits = _LIGHT_LEVEL.unpack_from(bytes(said["CONTENT_LIGHT_LEVEL"]))[0]
    if not nits and "MASTERING_DISPLAY_METADATA" in said:
        values = _MASTERING.unpack_from(bytes(said["MASTERING_DISPLAY_METADATA"]))
        # Ten chromaticities and the least luminance lie before it, two flags after it; all but those are fractions.
        numerator, denominator, known = values[18], values[19], values[21]
        nits = numerator / denominator if known and denominator else 0.0
    lowest, highest = PEAK_RANGE
    return min(highest, max(lowest, nits / NITS_PER_UNIT)) if nits else DEFAULT_PEAK


def encode_jpeg(frame: VideoFrame, quality: int) -> bytes:
    """A full-range BT.601 JPEG with optimal Huffman tables; the same picture always gives the same bytes."""
    encoder = CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.qmin = encoder.qmax = quality
    frame.pts, frame.time_base, frame.pict_type = 0, Fraction(1, 25), 0
    encode: Callable[[VideoFrame | None], list[bytes]] = cast("Any", encoder).encode
    return b"".join(map(bytes, [*encode(frame), *encode(None)]))


def _matrix_of(frame: VideoFrame) -> int | None:
    if frame.colorspace != UNSPECIFIED:
        return None
    return int(Colorspace.ITU709) if frame.height >= HD_HEIGHT else None
