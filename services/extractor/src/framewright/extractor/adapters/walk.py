"""Decoding one group of pictures, and path A: from keyframe to keyframe along a plan."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, Protocol, cast

from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from framewright.extractor.adapters.container import Film, VideoPacket, stamp_of
from framewright.extractor.adapters.picture import FilmTags, Look, Renderer, Thumbnail
from framewright.extractor.domain.plan import Key, Walk
from framewright.extractor.domain.slots import Coverage, Slot, choose

SkipFrame = Literal["DEFAULT", "NONREF"]
Timed = tuple[int, VideoFrame]

OVERSHOOT_MS = 2000
"""How far past the last slot a walk reads for pictures that the decoder still holds back."""


class Gallery:
    """The pictures of one job in every width, from all its threads; the first one decides the heights of all.

    `tick` is called for every frame that comes out of a decoder.
    """

    def __init__(self, coverage: Coverage, tick: Callable[[], None]) -> None:
        self.coverage = coverage
        self._tick = tick
        self.pictures: dict[int, tuple[Thumbnail, ...]] = {}
        self.first: tuple[Thumbnail, ...] = ()
        self.decoded = 0
        self.remarks: dict[str, None] = {}
        self._lock = threading.Lock()

    def holds(self, time_ms: int) -> bool:
        """Whether there is a picture of this time already."""
        return time_ms in self.pictures

    def has(self, walk: Walk) -> bool:
        """Whether everything that the walk was to fetch is there."""
        with self._lock:
            return not (walk.take_key and not self.holds(walk.key.time_ms)) and not self.coverage.missing(walk.targets)

    def hang(self, time_ms: int, thumbnails: tuple[Thumbnail, ...]) -> None:
        """Keep a rendered picture."""
        with self._lock:
            if time_ms not in self.pictures:
                self.coverage.add(time_ms)
            self.pictures[time_ms] = thumbnails
            self.first = self.first or thumbnails

    def count(self) -> None:
        """One more frame came out of a decoder."""
        with self._lock:
            self.decoded += 1
        self._tick()

    def remark(self, text: str) -> None:
        """Something the report must say of the pictures; kept once, in the order of the first mention."""
        with self._lock:
            self.remarks[text] = None

    def missing(self, slots: Iterable[Slot]) -> list[Slot]:
        """Those of the slots that no picture serves yet."""
        with self._lock:
            return self.coverage.missing(slots)


class DeviceFailedError(Exception):
    """The device cannot decode this film; the message says why, in one line. The engine goes on with the CPU."""


class Walker(Protocol):
    """What one thread does with the walks of a plan: pictures go into the gallery, here or soon after."""

    @property
    def bytes_read(self) -> int:
        """Bytes that this thread has asked of the file."""
        ...

    def go(self, walk: Walk, following: Key | None) -> None:
        """Fetch what the walk wants; `following` is the index's next keyframe.

        Raises:
            DeviceFailedError: not this device.
        """
        ...

    def finish(self) -> None:
        """Wait for what is still being decoded; no walk comes after it.

        Raises:
            DeviceFailedError: not this device.
        """
        ...

    def close(self) -> None:
        """Free what the walker holds; called once, whatever happened."""
        ...


class Projector:
    """A film, its decoder and a renderer: everything that one thread needs to fill the gallery.

    `codec` decodes the film's packets; by default that of the film's own stream. Another one may give smaller frames.
    """

    def __init__(self, film: Film, gallery: Gallery, look: Look, codec: VideoCodecContext | None = None) -> None:
        self.film = film
        self.gallery = gallery
        self._codec = codec or film.stream.codec_context
        self._decode: Callable[[VideoPacket | None], list[VideoFrame]] = cast("Any", self._codec).decode
        stored = film.stream.codec_context
        tags = FilmTags(film.sample_aspect, stored.color_trc, stored.codec_tag)
        self._renderer = Renderer(look, tags, gallery.remark)

    def show(self, time_ms: int, frame: VideoFrame) -> None:
        """Render a frame into the gallery, once per time; one from just before the film's start belongs to the start."""
        time_ms = max(0, time_ms)
        if not self.gallery.holds(time_ms):
            self.gallery.hang(time_ms, self._renderer.render(frame, self.gallery.first))

    def key_picture(self, packet: VideoPacket) -> Timed | None:
        """The keyframe's own picture, decoded from its packet alone; None when none came out or it is no keyframe.

        Nothing is skipped: the second field of an interlaced keyframe may be a P picture in the same packet.
        """
        for time_ms, frame in self.pictures([packet], "DEFAULT"):
            if frame.key_frame or frame.pict_type == PictureType.I:
                return time_ms, frame
        return None

    def pictures(self, packets: Iterable[VideoPacket], skip: SkipFrame) -> Iterator[Timed]:
        """Frames of one group of pictures in the order of time; it begins with its keyframe's packet.

        Pictures that show before the keyframe are dropped: in an open group they refer to what was never decoded. So do
        those that follow a damaged packet, which would come out smeared.
        """
        self.begin(skip)
        start: int | None = None
        faults = self.film.faults
        for packet in packets:
            start = stamp_of(packet) if start is None else start
            yield from self._from(start, self.feed(packet))
            if self.film.faults > faults:
                break
        yield from self._from(start, self.feed(None))

    def showing_first(self, pictures: Iterator[Timed]) -> Iterator[Timed]:
        """The same pictures; the first of them is shown as it passes."""
        for number, picture in enumerate(pictures):
            if not number:
                self.show(*picture)
            yield picture

    def begin(self, skip: SkipFrame) -> None:
        """Forget what the decoder holds; NONREF leaves out pictures that no other one needs."""
        self._codec.flush_buffers()
        self._codec.skip_frame = skip

    def feed(self, packet: VideoPacket | None) -> list[VideoFrame]:
        """What the decoder gives for a packet, or at the end for None; nothing for a damaged one."""
        try:
            frames = self._decode(packet)
        except FFmpegError:
            self.film.faults += packet is not None
            return []
        for _ in frames:
            self.gallery.count()
        return frames

    def _from(self, start: int | None, frames: Iterable[VideoFrame]) -> Iterator[Timed]:
        for frame in frames:
            if frame.pts is not None and (start is None or frame.pts >= start):
                yield self.film.ms(frame.pts), frame


class IndexWalker:
    """Path A for one thread, with a decoder in this process."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector
        self._film = projector.film
        self._gallery = projector.gallery

    @property
    def bytes_read(self) -> int:
        """Bytes that this thread has asked of the file."""
        return self._film.reader.bytes_read

    def go(self, walk: Walk, following: Key | None) -> None:
        """Fetch what the walk wants; slots that stay unserved are left to the caller."""
        if not walk.targets:
            self._film.seek(walk.key, following)
            self._take_key(walk)
            return
        self._forward(walk, walk.targets, following, "NONREF")
        missing = self._gallery.missing(walk.targets)
        if missing:
            self._forward(walk, missing, following, "DEFAULT")

    def finish(self) -> None:
        """See `Walker.finish`; every picture is there when `go` returns."""

    def close(self) -> None:
        """See `Walker.close`; the decoder belongs to the film."""

    def _take_key(self, walk: Walk) -> None:
        packet = next(self._film.packets_from(walk.key), None)
        found = self._projector.key_picture(packet) if packet is not None else None
        if found is not None:
            self._projector.show(*found)

    def _forward(self, walk: Walk, targets: Sequence[Slot], following: Key | None, skip: SkipFrame) -> None:
        self._film.seek(walk.key, following)
        packets = _until(self._film, self._film.packets_from(walk.key), max(slot.end_ms for slot in targets))
        pictures = self._projector.pictures(packets, skip)
        if walk.take_key:
            pictures = self._projector.showing_first(pictures)
        for found in choose(pictures, targets, self._gallery.coverage.early_ms):
            self._projector.show(*found)


def _until(film: Film, packets: Iterable[VideoPacket], end_ms: int) -> Iterator[VideoPacket]:
    for packet in packets:
        stamp = packet.dts if packet.dts is not None else packet.pts
        if stamp is not None and film.ms(stamp) > end_ms + OVERSHOOT_MS:
            return
        yield packet
