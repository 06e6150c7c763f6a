"""What every picture of a film says of itself, learned from one keyframe that the CPU decodes.

A device hands back bare pixels: the display rotation, the colour tags and the light levels of HDR are lost or come late.
Its pixels are therefore put into a frame that copies all this from the sample, so that they are rendered as the CPU's are.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from framewright.extractor.adapters.dolby import reading_of
from framewright.extractor.adapters.picture import HD_HEIGHT, shape_of
from framewright.extractor.adapters.walk import Projector
from framewright.extractor.domain.acceleration import Picture
from framewright.extractor.domain.colour import BT709, HLG, PQ, UNSPECIFIED
from framewright.extractor.domain.plan import Key, Walk

Rows = NDArray[np.uint8]

EIGHT_BITS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A keyframe as the CPU decoded it and its packet; `sample_aspect` is that of the film as it is stored."""

    frame: VideoFrame
    packet: bytes
    sample_aspect: Fraction
    transfer: int
    codec_tag: str

    @property
    def peculiar(self) -> bool:
        """Whether each picture needs data of its own to be shown, which no device hands back (Dolby Vision profile 5)."""
        said = cast("Mapping[str, Any]", self.frame.side_data)
        named = {self.frame.color_trc, self.transfer} != {UNSPECIFIED}
        return reading_of(said, self.codec_tag, named=named) is not None

    def picture(self, width: int) -> Picture:
        """What a device shall make for thumbnails up to this width: no larger than the film, before any rotation."""
        across, down = shape_of(self.frame, self.sample_aspect, width).lying
        deep = self.frame.format.components[0].bits > EIGHT_BITS
        return Picture(_even(min(across, self.frame.width)), _even(min(down, self.frame.height)), deep)

    def aspect(self, width: int, height: int) -> Fraction:
        """The sample aspect of the whole film squeezed into a picture of this size."""
        return self.sample_aspect * Fraction(self.frame.width * height, self.frame.height * width)

    def like(self, width: int, height: int, pixels: str) -> VideoFrame:
        """A frame of this size and pixel format that says of itself what the sample does; its picture is the sample's."""
        small = VideoReformatter().reformat(self.frame, width, height, pixels, threads=1)
        small.color_range, small.colorspace = self.frame.color_range, self._matrix
        small.color_trc, small.color_primaries = self.frame.color_trc, self.frame.color_primaries
        return small

    @property
    def _matrix(self) -> int:
        bright = {self.frame.color_trc, self.transfer} & {PQ, HLG}
        if self.frame.colorspace != UNSPECIFIED or bright or self.frame.height < HD_HEIGHT:
            return self.frame.colorspace
        # A small picture no longer shows that its film is HD.
        return BT709


class Sampler:
    """Takes the sample of one film for all its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sample: Sample | None = None

    def take(self, projector: Projector, walk: Walk) -> Sample | None:
        """The sample; None as long as the CPU cannot decode the film's first keyframe nor this walk's.

        The first one is preferred: it is often dark and small, and it nearly always begins a closed group.
        """
        with self._lock:
            if self._sample is None:
                first = Key(projector.film.stream.start_time or 0, 0, 0)
                samples = (_sample(projector, key) for key in (first, walk.key))
                self._sample = next(filter(None, samples), None)
            return self._sample

    def costume(self, sample: Sample, width: int, height: int, pixels: str) -> "Costume":
        """A frame for one thread to put a device's pixels into."""
        with self._lock:
            return Costume(sample.like(width, height, pixels))


class Costume:
    """A frame whose pixels are replaced again and again."""

    def __init__(self, frame: VideoFrame) -> None:
        self._frame = frame
        self._rows = [rows_of(plane) for plane in frame.planes]

    def wear(self, planes: Iterable[Rows]) -> VideoFrame:
        """The frame with these pixels: per plane an array of lines x bytes; good until the next call."""
        for mine, rows in zip(self._rows, planes, strict=True):
            count = min(mine.shape[1], rows.shape[1])
            mine[:, :count] = rows[: len(mine), :count]
        return self._frame


def rows_of(plane: VideoPlane) -> Rows:
    """The bytes of a plane, lines x bytes, not copied."""
    return np.frombuffer(cast("Any", plane), np.uint8).reshape(-1, plane.line_size)[: plane.height]


def split_planes(data: Any, picture: Picture) -> tuple[Rows, Rows]:
    """The two planes of a raw picture without padding: luma, then chroma at half the height.

    Raises:
        ValueError: it is not one picture of this size.
    """
    line = picture.width * (2 if picture.deep else 1)
    rows = np.frombuffer(data, np.uint8).reshape(picture.height * 3 // 2, line)
    return rows[: picture.height], rows[picture.height :]


def _sample(projector: Projector, key: Key) -> Sample | None:
    film = projector.film
    film.seek(key, None)
    packet = next(film.packets_from(key), None)
    found = projector.key_picture(packet) if packet is not None else None
    if packet is None or found is None:
        return None
    stored = film.stream.codec_context
    return Sample(found[1], bytes(packet), film.sample_aspect, stored.color_trc, stored.codec_tag)


def _even(pixels: int) -> int:
    return max(2, pixels & ~1)
