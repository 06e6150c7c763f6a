"""The way out of an ffmpeg child: small raw pictures as a NUT stream, shown as they come, in a thread of their own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

import av
from av.error import FFmpegError

from framewright.extractor.adapters.backends.child import LOOK_SECONDS, Child
from framewright.extractor.adapters.backends.mending import Witness
from framewright.extractor.adapters.backends.passages import Passage, Passages
from framewright.extractor.adapters.backends.sample import Costume, split_planes
from framewright.extractor.adapters.container import VideoPacket
from framewright.extractor.adapters.walk import DeviceFailedError
from framewright.extractor.domain.acceleration import Picture
from framewright.extractor.domain.slots import choose

_OPTIONS = {"probesize": "32", "analyzeduration": "1", "fpsprobesize": "0"}

Received = tuple[Passage, int, VideoPacket]


class Receipt:
    """Shows what the walks want of the pictures that a child writes; all others are dropped at once."""

    def __init__(self, child: Child, passages: Passages, witness: Witness, costume: Costume, picture: Picture) -> None:
        self._child = child
        self._passages = passages
        self._witness = witness
        self._costume = costume
        self._picture = picture
        self._film = witness.film
        self._tolerance = int(self._film.frame_ms / 2000 / self._film.time_base)
        self._thread = ThreadPoolExecutor(1)
        self._work = self._thread.submit(self._run)

    def check(self) -> None:
        """Make sure that pictures are still being shown.

        Raises:
            DeviceFailedError: what the child wrote was no picture.
        """
        if self._work.done():
            self._work.result()

    def wait(self) -> None:
        """Until the last picture is shown.

        Raises:
            DeviceFailedError: what the child wrote was no picture, or it is silent for too long.
        """
        while not self._work.done():
            wait([self._work], LOOK_SECONDS)
            self._child.check()
        self._work.result()

    def leave(self, seconds: float) -> None:
        """Let the thread end, once the child was killed."""
        wait([self._work], seconds)
        self._thread.shutdown(wait=self._work.done())

    def _run(self) -> None:
        try:
            self._show_all()
        except FFmpegError as error:
            reason = self._child.reason(f"ffmpeg wrote no video: {error.strerror}")
            raise DeviceFailedError(reason) from error

    def _show_all(self) -> None:
        with av.open(cast("Any", self._child.stdout), "r", format="nut", options=_OPTIONS) as container:
            stream = container.streams.video[0]
            scale = Fraction(stream.time_base or 1) / self._film.time_base
            packets: Iterator[VideoPacket] = cast("Any", container).demux(stream)
            for passage, received in groupby(self._received(packets, scale), key=itemgetter(0)):
                self._serve(passage, received)

    def _received(self, packets: Iterator[VideoPacket], scale: Fraction) -> Iterator[Received]:
        """Pictures with their passage and true stamp; those from before the passage's keyframe are left out."""
        for packet in packets:
            if not packet.size or packet.pts is None:
                continue
            self._child.hear()
            self._witness.gallery.count()
            found = self._passages.find(round(packet.pts * scale))
            if found is not None and found[1] >= found[0].start - self._tolerance:
                yield *found, packet

    def _serve(self, passage: Passage, received: Iterator[Received]) -> None:
        walk, early = passage.walk, self._witness.gallery.coverage.early_ms
        pictures = self._with_key(passage, received) if walk.take_key else self._timed(received)
        for time_ms, packet in choose(pictures, walk.targets, early):
            self._show(passage, time_ms, packet)

    def _with_key(self, passage: Passage, received: Iterator[Received]) -> Iterator[tuple[int, VideoPacket]]:
        """The same pictures; the keyframe's own is shown as it passes."""
        for _, stamp, packet in received:
            if abs(stamp - passage.start) <= self._tolerance:
                self._show(passage, self._film.ms(stamp), packet)
            yield self._film.ms(stamp), packet

    def _timed(self, received: Iterator[Received]) -> Iterator[tuple[int, VideoPacket]]:
        return ((self._film.ms(stamp), packet) for _, stamp, packet in received)

    def _show(self, passage: Passage, time_ms: int, packet: VideoPacket) -> None:
        try:
            planes = split_planes(packet, self._picture)
        except ValueError as error:
            reason = self._child.reason(f"ffmpeg wrote a picture of {packet.size} bytes")
            raise DeviceFailedError(reason) from error
        self._witness.show(time_ms, self._costume.wear(planes))
        passage.shown += 1
