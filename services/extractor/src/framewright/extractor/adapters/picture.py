"""From a decoded frame to the thumbnail: size, shape, orientation, light and JPEG."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

from av.codec.context import CodecContext
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from framewright.extractor.adapters.dolby import APPROXIMATE, Reading, reading_of
from framewright.extractor.adapters.dolby_metadata import DOVI_METADATA, Rpu
from framewright.extractor.domain.colour import BT2020, HLG, PQ, UNSPECIFIED
from framewright.extractor.domain.request import Tonemap

EIGHT_BITS = 8
HD_HEIGHT = 720
"""From this height on, a film that does not name its colour matrix uses BT.709."""


CAREFUL = Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
"""Every pixel counts, is rounded with care and keeps its chroma: 13 dB nearer to the film. Wrong for 16 bits a channel."""


@dataclass(frozen=True, slots=True)
class Look:
    """What every thumbnail of a job has in common: the widths in pixels to make, JPEG quality, curve for HDR."""

    widths: tuple[int, ...]
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


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """One JPEG and its height in pixels; the width is the one asked for."""

    jpeg: bytes
    height: int


@dataclass(frozen=True, slots=True)
class FilmTags:
    """What the container says of all frames: the shape of a sample, transfer (ITU-T H.273), codec tag (`hvc1`)."""

    sample_aspect: Fraction
    transfer: int
    codec_tag: str


class Renderer:
    """Makes thumbnails of one film in every width; one per thread, since a scaler must not be shared.

    `remark` hears what is amiss with the film's colours, in a sentence; the same one for every frame.
    """

    def __init__(self, look: Look, tags: FilmTags, remark: Callable[[str], None]) -> None:
        self._painters = [_Painter(width, look, tags) for width in look.widths]
        self._tags = tags
        self._remark = remark
        self._earlier: Reading | None = None
        self._copier = VideoReformatter()
        self._weave = _Weave()

    def render(self, frame: VideoFrame, earlier: Sequence[Thumbnail] = ()) -> tuple[Thumbnail, ...]:
        """One thumbnail per width of the look, each as high as the film's `earlier` ones where there are any."""
        heights = [thumbnail.height for thumbnail in earlier] or [0] * len(self._painters)
        frame = self._weave.woven(frame)
        reading = self._reading(frame)
        return tuple(
            painter.paint(frame, height, reading) for painter, height in zip(self._painters, heights, strict=True)
        )

    def _reading(self, frame: VideoFrame) -> Reading | None:
        said = self._side_data(frame)
        named = {frame.color_trc, self._tags.transfer} != {UNSPECIFIED}
        reading = reading_of(said, self._tags.codec_tag, named=named)
        if DOVI_METADATA in said:
            self._earlier = reading
        elif self._earlier is not None:
            reading = Reading(self._earlier.rpu, APPROXIMATE)
        if reading is not None and reading.remark:
            self._remark(reading.remark)
        return reading

    def _side_data(self, frame: VideoFrame) -> Mapping[str, Any]:
        """What a deep frame carries besides its picture; Dolby Vision is never less than 10 bits deep.

        A tiny copy is asked: PyAV ties a frame and its side data into a cycle, and a large picture would stay in memory
        until the garbage collector comes by.
        """
        if frame.format.components[0].bits <= EIGHT_BITS:
            return {}
        copy = self._copier.reformat(frame, 2, 2, "gray", interpolation="POINT", threads=1)
        return cast("Mapping[str, Any]", copy.side_data)


class _Weave:
    """Takes the mark of interlacing off a frame: the scaler would halve each field, and a thumbnail needs neither."""

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._kind: tuple[int, int, str] | None = None

    def woven(self, frame: VideoFrame) -> VideoFrame:
        """The same picture, its two fields as one; the frame itself when it is not interlaced."""
        if not frame.interlaced_frame:
            return frame
        kind = (frame.width, frame.height, frame.format.name)
        if self._graph is None or kind != self._kind:
            self._graph, self._kind = _weaving_graph(frame), kind
        self._graph.push(frame)
        return cast("VideoFrame", self._graph.pull())


def _weaving_graph(frame: VideoFrame) -> Graph:
    graph = Graph()
    first = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1, 1000)
    )
    graph.link_nodes(first, graph.add("setfield", "mode=prog"), graph.add("buffersink")).configure()
    return graph


class _Painter:
    """Makes the thumbnails of one width."""

    def __init__(self, width: int, look: Look, tags: FilmTags) -> None:
        self._width = width
        self._look = look
        self._tags = tags
        self._scaler = VideoReformatter()
        self._finisher = VideoReformatter()  # one scaler for two conversions in turn would be set up anew each time

    def paint(self, frame: VideoFrame, height: int, reading: Reading | None) -> Thumbnail:
        shape = shape_of(frame, self._tags.sample_aspect, self._width)
        if height:
            shape = Shape(shape.width, height, shape.turns)
        return Thumbnail(encode_jpeg(self._small(frame, shape, reading), self._look.quality), shape.height)

    def _small(self, frame: VideoFrame, shape: Shape, reading: Reading | None) -> VideoFrame:
        if reading is not None:
            return self._dolby(frame, shape, reading.rpu)
        transfer = frame.color_trc if frame.color_trc in {PQ, HLG} else self._tags.transfer
        return self._bright(frame, shape, transfer) if transfer in {PQ, HLG} else self._plain(frame, shape)

    def _plain(self, frame: VideoFrame, shape: Shape) -> VideoFrame:
        small = _scaled(self._scaler, frame, shape.lying, "yuvj420p", matrix=_matrix_of(frame))
        if not shape.turns:
            return small
        from framewright.extractor.adapters.darkroom import turned  # noqa: PLC0415 - few films need it

        return turned(small, shape.turns)

    def _bright(self, frame: VideoFrame, shape: Shape, transfer: int) -> VideoFrame:
        from framewright.extractor.adapters.darkroom import mapped  # noqa: PLC0415 - few films need it

        matrix = BT2020 if frame.colorspace == UNSPECIFIED else frame.colorspace
        wide = _scaled(self._scaler, frame, shape.lying, "rgb48le", matrix=matrix)
        return self._finished(mapped(wide, transfer, self._look.curve, shape.turns))

    def _dolby(self, frame: VideoFrame, shape: Shape, rpu: Rpu) -> VideoFrame:
        from framewright.extractor.adapters.darkroom import mapped_ipt  # noqa: PLC0415 - few films need it

        bits = frame.format.components[0].bits
        return self._finished(mapped_ipt(self._signal(frame, shape), bits, rpu, self._look.curve, shape.turns))

    def _signal(self, frame: VideoFrame, shape: Shape) -> VideoFrame:
        """The three channels as they are stored; whatever range the stream claims, Dolby Vision uses all of it."""
        return self._scaler.reformat(
            frame,
            *shape.lying,
            "yuv444p16le",
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            interpolation=Interpolation.AREA,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.JPEG,
            threads=1,
        )

    def _finished(self, upright: VideoFrame) -> VideoFrame:
        return _scaled(self._finisher, upright, (upright.width, upright.height), "yuvj420p", matrix=None)


def _scaled(
    scaler: VideoReformatter, frame: VideoFrame, size: tuple[int, int], pixels: str, *, matrix: int | None
) -> VideoFrame:
    return scaler.reformat(
        frame,
        *size,
        pixels,
        src_colorspace=matrix,
        dst_colorspace=Colorspace.ITU601,
        interpolation=CAREFUL if pixels == "yuvj420p" else Interpolation.AREA,
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
