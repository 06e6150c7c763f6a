"""One opened container: which stream is the film, when it starts and ends, what its index says, seeking and packets."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from framewright.domain.errors import NoVideo, Reject
from framewright.extractor.adapters.reader import Reader, translated
from framewright.extractor.domain.plan import FilmIndex, Key

if TYPE_CHECKING:
    VideoPacket = Packet[VideoStream]
else:
    VideoPacket = Packet  # generic in the stubs only

FORMATS = (
    "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,avi,mpegts,mpeg,mpegvideo,flv,live_flv,asf,asf_o,ogg,rm,nut,mxf,gxf,wtv,dv,"
    "ivf,obu,h264,hevc,m4v,mp3,flac,wav,w64,aac,ac3,eac3,dts"
)
"""What may be opened. Playlists are not: they would make the decoder open other files and addresses. Text is not film."""

UNTRUSTED_INDEX = frozenset({"mpegts", "mpeg", "mpegvideo"})
"""Formats without an index; what libav shows there is what it happened to read."""

STILL_CODECS = frozenset({"png", "mjpeg", "bmp", "gif", "webp", "tiff", "jpegls"})
OUTPUT_CORRUPT = 1 << 3
"""libav's flag that lets keyframes of open GOPs out; they are whole, though the decoder cannot know."""

MIN_KEY_BYTES = 16
"""A smaller packet that claims to be a keyframe is a placeholder of packed B-frames (MPEG-4 N-VOP)."""

MAX_FAULTS = 1000
"""Damaged packets before the rest of a file is given up."""

DEFAULT_FPS = Fraction(24)
MAX_SEEK_LEAD_MS = 700

_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


class Film:
    """A container opened through a `Reader`, its film stream chosen, everything else left unread.

    Raises:
        Reject: `NOT_MEDIA` when nothing known is in the file.
        NoVideo: sound, cover art or an undecodable stream only.
        Retry: the disk failed while the header was read.
    """

    def __init__(self, reader: Reader, path: str) -> None:
        self.reader = reader
        self.path = path
        self._container = _open(reader, path)
        self.stream = _film_stream(self._container, path)
        self.format = self._container.format.name
        self.time_base = Fraction(self.stream.time_base or Fraction(1, 1000))
        self._origin_ms = self._origin()
        self._spread_seeks = "mp4" in self.format
        self._matroska = "matroska" in self.format
        self.end_ms: int | None = None
        self.faults = 0
        self.last_ms = 0
        codec = self.stream.codec_context
        codec.thread_count = 1
        codec.flags |= OUTPUT_CORRUPT

    def close(self) -> None:
        """Free decoder and demuxer; the reader's file stays open."""
        self._container.close()

    @property
    def area(self) -> int:
        """Pixels of a picture."""
        return _area(self.stream)

    def share_decoder(self, threads: int) -> None:
        """Let several threads decode slices of the same picture; only before the first picture is decoded."""
        self.stream.codec_context.thread_count = threads
        self.stream.codec_context.thread_type = ThreadType.SLICE

    @property
    def frame_ms(self) -> float:
        """How long one frame shows, on average."""
        rate = self.stream.average_rate or self.stream.guessed_rate or DEFAULT_FPS
        return float(1000 / rate) if rate > 0 else float(1000 / DEFAULT_FPS)

    @property
    def sample_aspect(self) -> Fraction:
        """Width of a stored sample divided by its height; 1 when the file does not say."""
        aspect = self.stream.sample_aspect_ratio or self.stream.codec_context.sample_aspect_ratio
        return aspect if aspect and aspect > 0 else Fraction(1)

    @property
    def duration_ms(self) -> int:
        """Length of the film as the container claims it, from the film's start; 0 when it does not say."""
        if self._container.duration is None or self._container.duration <= 0:
            return 0
        whole = self._container.duration / 1000
        # Matroska counts its duration from zero, not from the first time stamp.
        whole = round(whole - self._origin_ms if self._matroska else whole)
        # AVI's own idea shrinks with the file; what the stream's header says does not.
        return max(0, whole, self._stream_end or 0)

    @property
    def video_ms(self) -> int | None:
        """Where the film stream itself claims to end; None when the container keeps no such record."""
        if self._stream_end is not None:
            return self._stream_end
        match = _CLOCK.match(self.stream.metadata.get("DURATION", ""))
        if match is None:
            return None
        hours, minutes, seconds = match.groups()
        return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000 - self._origin_ms)

    @property
    def _stream_end(self) -> int | None:
        if not self.stream.duration or self.stream.duration < 0:
            return None
        return self.ms((self.stream.start_time or 0) + self.stream.duration)

    def ms(self, pts: int) -> int:
        """Milliseconds from the film's start for a time stamp of the film stream."""
        return round(pts * self.time_base * 1000 - self._origin_ms)

    def index(self) -> FilmIndex:
        """The container's keyframe index, complete with what some formats only read on the first seek."""
        fault = "the format has no index" if self.format in UNTRUSTED_INDEX else ""
        duration = self.duration_ms
        if not duration:
            fault = fault or "the container does not say how long the film is"
        if fault:
            return FilmIndex((), duration, self.frame_ms, 0, fault=fault)
        return self._read_index(duration)

    def seek(self, key: Key, following: Key | None) -> None:
        """Move to a keyframe of the index; `following` is the next one.

        MP4 indexes decode times. With open GOPs a keyframe shows later than the index lets one compute, and a seek to
        the computed time may fall back a whole GOP: it is aimed a little past the keyframe instead.
        """
        target = key.pts
        if self._spread_seeks and following is not None:
            lead = min((following.pts - key.pts) // 2, int(MAX_SEEK_LEAD_MS / 1000 / self.time_base))
            target += max(0, lead)
        self._container.seek(target, stream=self.stream)

    def packets_from(self, key: Key) -> Iterator[VideoPacket]:
        """Packets after a `seek`, from the keyframe on; an earlier one where the seek may have landed is passed over."""
        tolerance = int(self.frame_ms / 1000 / self.time_base)
        started = False
        for packet in self.packets():
            stamp = stamp_of(packet)
            if not started and not (is_key(packet) and (stamp is None or stamp >= key.pts - tolerance)):
                continue
            started = True
            yield packet

    def packets(self) -> Iterator[VideoPacket]:
        """Packets of the film from here to the end; damaged ones are counted and left out.

        At the end of the file `end_ms` is set to where the last picture stops showing.
        """
        for _ in range(MAX_FAULTS):
            try:
                for packet in self._container.demux(self.stream):
                    if packet.size and self._sound(packet):
                        yield packet
            except FFmpegError:
                self.raise_disk_failure()
                self.faults += 1
            else:
                self.end_ms = self.last_ms
                return

    def raise_disk_failure(self) -> None:
        """Say so when it was the disk that failed, not the film.

        Raises:
            Retry: the last read failed.
        """
        if self.reader.failure is not None:
            raise translated(self.reader.failure, self.path) from self.reader.failure

    def _sound(self, packet: VideoPacket) -> bool:
        if packet.is_corrupt:
            self.faults += 1
            return False
        stamp = stamp_of(packet)
        if stamp is not None:
            self.last_ms = max(self.last_ms, round(self.ms(stamp) + self.frame_ms))
        return True

    def _origin(self) -> float:
        """The film's zero in milliseconds on the container's own clock: the start of the first stream of any kind."""
        start = cast("int | None", self._container.start_time)
        if start is not None:
            return start / 1000
        return float((self.stream.start_time or 0) * self.time_base * 1000)

    def _read_index(self, duration_ms: int) -> FilmIndex:
        first = self.stream.start_time or 0
        known = len(self.stream.index_entries)
        try:
            # Matroska reads its cues on the first seek.
            self._container.seek(first, stream=self.stream)
        except FFmpegError as error:
            self.raise_disk_failure()
            return FilmIndex((), duration_ms, self.frame_ms, 0, fault=f"the container cannot seek: {error.strerror}")
        entries = list(self.stream.index_entries)
        if self._matroska and len(entries) <= known + 1:
            return FilmIndex((), duration_ms, self.frame_ms, self.reader.size, fault="the file has lost its index")
        # Decode times in MP4: the first entry shows how far presentation lags behind.
        delay = max(0, first - entries[0].timestamp) if entries and self._spread_seeks else 0
        keys = tuple(
            Key(entry.timestamp + delay, entry.pos, self.ms(entry.timestamp + delay), max(0, entry.size))
            for entry in entries
            if entry.is_keyframe and not entry.is_discard
        )
        sized = [entry for entry in entries if entry.size > 0]
        data_end = max((entry.pos + entry.size for entry in sized), default=0)
        if self._spread_seeks and len(sized) == len(entries) and entries:
            # Every frame is listed: the film ends where its last frame does, whatever header or sound say.
            video_end = round(self.ms(max(entry.timestamp for entry in entries) + delay) + self.frame_ms)
            duration_ms = min(duration_ms, max(1, video_end))
        return FilmIndex(keys, duration_ms, self.frame_ms, self.reader.size, data_end)


def stamp_of(packet: VideoPacket) -> int | None:
    """Presentation time of a packet, or its decode time where the format has nothing better."""
    return packet.pts if packet.pts is not None else packet.dts


def is_key(packet: VideoPacket) -> bool:
    """Whether a picture can be decoded from this packet alone."""
    return packet.is_keyframe and packet.size >= MIN_KEY_BYTES


def _open(reader: Reader, path: str) -> InputContainer:
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
    try:
        return av.open(reader, "r", options=options, metadata_errors="replace")
    except FFmpegError as error:
        if reader.failure is not None:
            raise translated(reader.failure, path) from error
        raise Reject(f"{path} is not a media file: {error.strerror}", code="NOT_MEDIA") from error
    except OSError as error:
        raise translated(error, path) from error


def _film_stream(container: InputContainer, path: str) -> VideoStream:
    if not len(container.streams):
        container.close()
        raise Reject(f"{path} is not a media file: it holds no stream", code="NOT_MEDIA")
    films = [stream for stream in container.streams.video if _is_film(stream)]
    moving = [stream for stream in films if stream.codec_context.name not in STILL_CODECS]
    if not films:
        container.close()
        raise NoVideo(f"{path} holds no video that can be decoded")
    film = max(moving or films, key=lambda stream: (_area(stream), -stream.index))
    for stream in container.streams:
        if stream is not film:
            stream.discard = Discard.all
    return film


def _is_film(stream: VideoStream) -> bool:
    if stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails):
        return False
    return _area(stream) > 0


def _area(stream: VideoStream) -> int:
    """Pixels of a picture; 0 when there is no decoder for the stream."""
    context = cast("VideoCodecContext | None", stream.codec_context)
    return context.width * context.height if context is not None else 0
