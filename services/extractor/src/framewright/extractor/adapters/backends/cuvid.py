"""NVIDIA: the cuvid decoders of the PyAV wheel, which scale in hardware, so that only small pictures cross the bus."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

import av.logging
from av.codec.context import CodecContext
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from framewright.extractor.adapters.backends.mending import ODD_COLOURS, Mender, Witness
from framewright.extractor.adapters.backends.sample import Costume, Sample, Sampler, rows_of
from framewright.extractor.adapters.container import Film, VideoPacket
from framewright.extractor.adapters.picture import Look
from framewright.extractor.adapters.walk import DeviceFailedError, Gallery, IndexWalker, Timed, Walker
from framewright.extractor.domain.acceleration import CUVID, cuvid_options
from framewright.extractor.domain.plan import Key, Walk

_logging = threading.Lock()


@dataclass(frozen=True, slots=True)
class Cuvid:
    """Fulfils `Backend` with one decoder session per thread; `decoders` are libav's names for them by codec."""

    device: str
    decoders: Mapping[str, str] = field(default_factory=lambda: CUVID)
    sampler: Sampler = field(default_factory=Sampler, compare=False)

    def employ(self, film: Film, gallery: Gallery, look: Look) -> Walker:
        """See `Backend.employ`."""
        return CuvidWalker(self, film, gallery, look)


class CuvidWalker:
    """Path A for one thread, with a decoder on the device that is opened with the first walk."""

    def __init__(self, cuvid: Cuvid, film: Film, gallery: Gallery, look: Look) -> None:
        self._cuvid = cuvid
        self._film = film
        self._gallery = gallery
        self._look = look
        self._mender = Mender(film, gallery, look)
        self._screen: Screen | None = None

    @property
    def bytes_read(self) -> int:
        """Bytes that this thread has asked of the file."""
        return self._film.reader.bytes_read

    def go(self, walk: Walk, following: Key | None) -> None:
        """Fetch what the walk wants, on the device; what it leaves out is decoded on the CPU."""
        sample = self._cuvid.sampler.take(self._mender.projector, walk)
        if sample is None or sample.peculiar:
            if sample is not None:
                self._gallery.remark(ODD_COLOURS)
            self._mender.go(walk, following)
            return
        if self._screen is None:
            self._screen = self._open(sample)
        before = self._screen.shown
        IndexWalker(self._screen).go(walk, following)
        if self._screen.shown > before:
            self._mender.approve()
        else:
            self._mender.mend(walk, following, self._screen.complaint or "no picture came out of a keyframe")

    def finish(self) -> None:
        """See `Walker.finish`; every picture is there when `go` returns."""

    def close(self) -> None:
        """See `Walker.close`; the session ends with its last reference."""
        self._screen = None

    def _open(self, sample: Sample) -> "Screen":
        stored = self._film.stream.codec_context
        decoder = self._cuvid.decoders.get(stored.codec.canonical_name)
        if decoder is None:
            raise DeviceFailedError(f"NVIDIA decodes no {stored.codec.canonical_name}")
        options = cuvid_options(self._cuvid.device, sample.picture(max(self._look.widths)))
        witness = (self._film, self._gallery, self._look, opened(decoder, options, stored))
        return Screen(*witness, self._cuvid.sampler, sample)


class Screen(Witness):
    """Shows what a device's decoder gives, as if the film's own had given it and somebody had made it small."""

    def __init__(
        self, film: Film, gallery: Gallery, look: Look, codec: VideoCodecContext, sampler: Sampler, sample: Sample
    ) -> None:
        super().__init__(film, gallery, look, codec)
        self._sampler = sampler
        self._sample = sample
        self._costume: Costume | None = None
        self.complaint = ""

    def show(self, time_ms: int, frame: VideoFrame) -> None:
        """See `Projector.show`."""
        if self._costume is None:
            self.expect(self._sample, frame.width, frame.height)
            self._costume = self._sampler.costume(self._sample, frame.width, frame.height, frame.format.name)
        super().show(time_ms, self._costume.wear(rows_of(plane) for plane in frame.planes))

    def key_picture(self, packet: VideoPacket) -> Timed | None:
        """See `Projector.key_picture`; the driver does not always say that it is one."""
        return next(self.pictures([packet], "DEFAULT"), None)

    def feed(self, packet: VideoPacket | None) -> list[VideoFrame]:
        """See `Projector.feed`; what the device cannot decode is no fault of the film's yet."""
        try:
            frames = self._decode(packet)
        except FFmpegError as error:
            self.complaint = self.complaint or f"the decoder failed: {error.strerror}"
            return []
        for _ in frames:
            self.gallery.count()
        return frames


def opened(decoder: str, options: dict[str, str], stored: VideoCodecContext) -> VideoCodecContext:
    """A decoder of this name, ready for the packets of a stored stream.

    Raises:
        DeviceFailedError: it is not there, or does not start; with libav's own reason where it gives one.
    """
    try:
        return _open(decoder, options, stored)
    except (FFmpegError, ValueError) as error:
        failure = error
    raise DeviceFailedError(_reason(decoder, options, stored) or str(failure)) from failure


def _open(decoder: str, options: dict[str, str], stored: VideoCodecContext) -> VideoCodecContext:
    codec = cast("VideoCodecContext", CodecContext.create(decoder, "r"))
    codec.extradata = stored.extradata
    codec.width, codec.height = stored.width, stored.height
    codec.options = options
    codec.open()
    return codec


def _reason(decoder: str, options: dict[str, str], stored: VideoCodecContext) -> str:
    """Try once more with libav's log switched on, which is too costly to have on while other threads decode."""
    with _logging:
        av.logging.set_level(av.logging.ERROR)
        try:
            with av.logging.Capture() as said, suppress(FFmpegError, ValueError):
                _open(decoder, options, stored)
            return " ".join(said[0][2].split()) if said else ""
        finally:
            av.logging.set_level(None)
