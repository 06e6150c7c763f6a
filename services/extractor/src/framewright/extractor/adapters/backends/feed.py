"""The way into an ffmpeg child: packets of the film, cut out of it and stamped anew, as a NUT stream."""

import contextlib
from collections.abc import Callable
from typing import Any, cast

import av
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from framewright.extractor.adapters.backends.child import Child
from framewright.extractor.adapters.backends.passages import Passage, Passages
from framewright.extractor.adapters.container import Film, VideoPacket, stamp_of
from framewright.extractor.adapters.walk import DeviceFailedError

_OPTIONS = {"avoid_negative_ts": "disabled", "flush_packets": "1"}


class Feed:
    """Muxes packets of one film into a child's input."""

    def __init__(self, film: Film, child: Child, passages: Passages) -> None:
        self._film = film
        self._child = child
        self._passages = passages
        self._over = False
        self._output: OutputContainer = av.open(cast("Any", self), "w", format="nut", options=_OPTIONS)
        # The template's decoder names the codec; there need not be an encoder for it.
        self._stream: VideoStream = cast("Any", self._output).add_stream_from_template(film.stream, opaque=True)

    def write(self, data: bytes) -> int:
        """What the muxer calls; after the end it still wants to write a last word, which nobody hears."""
        return len(data) if self._over else self._child.write(data)

    def send(self, passage: Passage, packet: VideoPacket) -> None:
        """A packet of the film.

        Raises:
            DeviceFailedError: the child does not take it.
        """
        packet.pts, packet.dts = self._passages.stamps(passage, stamp_of(packet) or 0)
        self._mux(packet)

    def send_key(self, passage: Passage, data: bytes) -> None:
        """The keyframe that a passage begins with, from its bytes.

        Raises:
            DeviceFailedError: the child does not take it.
        """
        self._send_bytes(data, *self._passages.stamps(passage, passage.start))

    def send_reset(self, data: bytes) -> None:
        """A keyframe whose picture nobody wants.

        Raises:
            DeviceFailedError: the child does not take it.
        """
        stamp = self._passages.reset_stamp()
        self._send_bytes(data, stamp, stamp)

    def end(self) -> None:
        """Everything was sent.

        Raises:
            DeviceFailedError: the child does not take it.
        """
        self._guarded(self._output.close)
        self._over = True
        self._child.end_input()

    def abandon(self) -> None:
        """Nothing more is to be sent; harmless after `end`."""
        self._over = True
        with contextlib.suppress(FFmpegError, OSError):
            self._output.close()

    def _send_bytes(self, data: bytes, pts: int, dts: int) -> None:
        packet: VideoPacket = cast("Any", Packet)(data)
        packet.pts, packet.dts, packet.time_base, packet.is_keyframe = pts, dts, self._film.time_base, True
        self._mux(packet)

    def _mux(self, packet: VideoPacket) -> None:
        packet.stream = self._stream
        self._guarded(lambda: cast("Any", self._output).mux(packet))

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except FFmpegError as error:
            raise DeviceFailedError(self._child.reason(f"the packets cannot be sent: {error.strerror}")) from error
