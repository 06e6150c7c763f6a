"""One opened container: which stream is the film, when it starts and ends, what its index says, seeking and packets."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from av.codec.context import ThreadType
from av.error import FFmpegError
from av.index import IndexEntry
from av.packet import Packet
from av.video.stream import VideoStream

from framewright.domain.errors import Reject
from framewright.extractor.adapters.opening import area_of, film_stream, open_container
from framewright.extractor.adapters.reader import Reader, translated
from framewright.extractor.domain.joining import Joins
from framewright.extractor.domain.plan import FilmIndex, Key

if TYPE_CHECKING:
    VideoPacket = Packet[VideoStream]
else:
    VideoPacket = Packet  # generic in the stubs only

UNTRUSTED_CLOCK = frozenset({"mpegts", "mpeg"})
"""Formats of broadcasts and discs: recordings may be joined end to end, each with time stamps of its own."""

UNTRUSTED_INDEX = UNTRUSTED_CLOCK | {"mpegvideo", "asf", "asf_o"}
"""Formats without an index, where libav shows what it happened to read; ASF's names whole seconds, not keyframes."""

OUTPUT_CORRUPT = 1 << 3
"""libav's flag that lets keyframes of open GOPs out; they are whole, though the decoder cannot know."""

PLACEHOLDERS = "mpeg4"
MIN_KEY_BYTES = 16
"""A smaller packet that claims to be a keyframe is, in MPEG-4, a placeholder of packed B-frames (N-VOP)."""

CHUNK_HEADER = 8
"""Bytes between where an AVI index says a packet is and where it begins."""

MAX_FAULTS = 1000
"""Damaged packets before the rest of a file is given up."""

LONGEST_MS = 100 * 3_600_000
"""No film lasts longer: such a time stamp is damaged, and one slot after the other up to it would not fit in memory."""

SOUND_TAIL_MS = 500
"""Sound that outlasts the last picture by less than this makes a film no longer: no slot begins where no picture is."""

SHARED_AREA = 3840 * 1600
"""From this many pixels on, threads share one decoder: a second one would cost another 200 MB."""

LONGEST_FRAME_MS = 60_000
DEFAULT_FPS = Fraction(24)
MAX_SEEK_LEAD_MS = 700

_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


class Film:
    """A container opened through a `Reader`, its film stream chosen, everything else left unread.

    Raises:
        Reject: `NOT_MEDIA` when nothing known is in the file; later, with the first packet, `ENCRYPTED`.
        NoVideo: sound, cover art or an undecodable stream only.
        Retry: the disk failed while the header was read.
    """

    def __init__(self, reader: Reader, path: str, threads: int = 1) -> None:
        """`threads` may decode slices of the same picture when it is a large one."""
        self.reader = reader
        self.path = path
        self._container = open_container(reader, path)
        self.stream = film_stream(self._container, path)
        self.format = self._container.format.name
        self.time_base = Fraction(self.stream.time_base or Fraction(1, 1000))
        self._origin_ms = self._origin()
        self._spread_seeks = "mp4" in self.format
        self._matroska = "matroska" in self.format
        self.end_ms: int | None = None
        self.faults = 0
        self.last_ms = 0
        self._lost = False
        self._joins = Joins(self.time_base) if self.format in UNTRUSTED_CLOCK else None
        codec = self.stream.codec_context
        self.shared = threads > 1 and area_of(self.stream) >= SHARED_AREA
        codec.thread_count = threads if self.shared else 1
        codec.thread_type = ThreadType.SLICE
        codec.flags |= OUTPUT_CORRUPT

    def close(self) -> None:
        """Free decoder and demuxer; the reader's file stays open."""
        self._container.close()

    @property
    def coding(self) -> str:
        """Codec and profile as libav names them: what a device is able to decode or not."""
        return f"{self.stream.codec_context.codec.canonical_name}/{self.stream.codec_context.profile or 'unknown'}"

    @property
    def width(self) -> int:
        """Pixels across, as stored."""
        return self.stream.codec_context.width

    @property
    def frame_ms(self) -> float:
        """How long one frame shows, on average."""
        rate = self.stream.average_rate or self.stream.guessed_rate or DEFAULT_FPS
        return float(min(1000 / rate if rate > 0 else 1000 / DEFAULT_FPS, LONGEST_FRAME_MS))

    @property
    def sample_aspect(self) -> Fraction:
        """Width of a stored sample divided by its height; 1 when the file does not say."""
        aspect = self.stream.sample_aspect_ratio or self.stream.codec_context.sample_aspect_ratio
        return aspect if aspect and aspect > 0 else Fraction(1)

    @property
    def duration_ms(self) -> int:
        """Length of the film as the container claims it, from the film's start; 0 when it does not say."""
        if self._container.duration is None or not 0 < self._container.duration <= LONGEST_MS * 1000:
            return 0
        whole = self._container.duration / 1000
        # Matroska counts its duration from zero, not from the first time stamp.
        whole = round(whole - self._origin_ms if self._matroska else whole)
        own = self.video_ms if self._matroska else None
        if own and 0 < whole - own <= SOUND_TAIL_MS:
            return own
        # AVI's own idea shrinks with the file; the number of frames in its header does not.
        counted = round(self.stream.frames * self.frame_ms) if self.format == "avi" else 0
        return max(0, whole, self._stream_end or 0, counted if counted <= LONGEST_MS else 0)

    @property
    def video_ms(self) -> int | None:
        """Where the film stream itself claims to end; None when the container keeps no such record."""
        if self.format in UNTRUSTED_CLOCK:
            # What libav says there is the distance of two time stamps: no promise that anything is missing.
            return self.end_ms
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
        end = self.ms((self.stream.start_time or 0) + self.stream.duration)
        return end if end <= LONGEST_MS else None

    def ms(self, pts: int) -> int:
        """Milliseconds from the film's start for a time stamp of the film stream."""
        return round(pts * self.time_base * 1000 - self._origin_ms)

    def index(self) -> FilmIndex:
        """The container's keyframe index, complete with what some formats only read on the first seek."""
        fault = "the format has no index of keyframes" if self.format in UNTRUSTED_INDEX else ""
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
        self._leave()
        # For the last keyframe of its index, the Matroska demuxer would read on to the end of the file, looking for more.
        self.reader.limit = key.pos if self._matroska and following is None else None
        try:
            self._container.seek(target, stream=self.stream)
        finally:
            self.reader.limit = None

    def seek_time(self, time_ms: float) -> None:
        """Move to about a time by searching the file for its time stamps; what comes next need not be a keyframe.

        Raises:
            Retry: the disk failed.
        """
        stamp = max(0.0, time_ms) + self._origin_ms
        self._leave()
        try:
            self._container.seek(int(stamp / 1000 / self.time_base), stream=self.stream)
        except FFmpegError:
            self.raise_disk_failure()
            self.faults += 1

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

        So is what follows a damaged one up to the next keyframe: it refers to what is lost. At the end of the file
        `end_ms` is set to where the last picture stops showing.

        Raises:
            Reject: `ENCRYPTED`.
        """
        for _ in range(MAX_FAULTS):
            try:
                for packet in self._demuxed():
                    if packet.size and self._sound(packet):
                        yield packet
            except FFmpegError:
                self.raise_disk_failure()
                self.faults += 1
                self._lost = True
            else:
                # What was left out last may have shown for any length of time.
                self.end_ms = self.end_ms if self._lost else self.last_ms
                return

    def _demuxed(self) -> Iterator[VideoPacket]:
        try:
            yield from self._container.demux(self.stream)
        except IndexError:
            # PyAV trips, at the end of the file, over streams that only began while it read.
            return

    def raise_disk_failure(self) -> None:
        """Say so when it was the disk that failed, not the film.

        Raises:
            Retry: the last read failed.
        """
        if self.reader.failure is not None:
            raise translated(self.reader.failure, self.path) from self.reader.failure

    def _leave(self) -> None:
        """What was seen so far says nothing about the packets after a seek."""
        self._lost = False
        self._joins = None

    def _sound(self, packet: VideoPacket) -> bool:
        if packet.has_sidedata("encryption_info"):
            raise Reject(f"{self.path} is encrypted", code="ENCRYPTED")
        if self._joins is not None:
            self._rejoin(packet, self._joins)
        stamp = stamp_of(packet)
        time_ms = self.ms(stamp) if stamp is not None else 0
        broken = packet.is_corrupt or time_ms > LONGEST_MS or self._astray(packet)
        self.faults += broken
        self._lost = broken or (self._lost and not is_key(packet))
        if stamp is not None and time_ms <= LONGEST_MS:
            self.last_ms = max(self.last_ms, round(time_ms + self.frame_ms))
        return not self._lost

    def _astray(self, packet: VideoPacket) -> bool:
        """Whether a keyframe lies elsewhere than the index says: AVI counts its frames, and miscounts after damage."""
        if self.format != "avi" or packet.dts is None or packet.pos is None or not is_key(packet):
            return False
        entries = cast("Any", self.stream.index_entries)
        place: int = entries.search_timestamp(packet.dts)
        return place >= 0 and abs(entries[place].pos - packet.pos) > CHUNK_HEADER

    def _rejoin(self, packet: VideoPacket, joins: Joins) -> None:
        stamp = packet.dts if packet.dts is not None else packet.pts
        if stamp is not None and (shift := joins.shift(stamp, packet.duration or 0)):
            packet.dts = None if packet.dts is None else packet.dts + shift
            packet.pts = None if packet.pts is None else packet.pts + shift

    def _origin(self) -> float:
        """The film's zero in milliseconds on the container's own clock: the start of the first stream of any kind."""
        start = cast("int | None", self._container.start_time)
        if start is not None:
            return start / 1000
        return float((self.stream.start_time or 0) * self.time_base * 1000)

    def _reorder_delay(self, entries: Sequence[IndexEntry], first: int) -> int:
        """How far presentation lags behind the decode times in the index; Matroska indexes presentation times."""
        if not entries or self._matroska:
            return 0
        if not entries[0].is_discard:
            return max(0, first - entries[0].timestamp)
        # An edit list hides the beginning: only the packet itself knows when it would show.
        packet = next(self.packets(), None)
        return max(0, packet.pts - packet.dts) if packet and packet.pts is not None and packet.dts is not None else 0

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
        delay = self._reorder_delay(entries, first)
        keys = [
            (Key(entry.timestamp + delay, entry.pos, self.ms(entry.timestamp + delay), max(0, entry.size)), entry)
            for entry in entries
            if entry.is_keyframe
        ]
        # What an edit list hides is never shown, but the first pictures that are shown may build on it.
        hidden = [key for key, entry in keys if entry.is_discard and key.time_ms <= 0][-1:]
        shown = [key for key, entry in keys if not entry.is_discard]
        if sum(key.time_ms > duration_ms for key in shown) > 1 or any(key.time_ms > LONGEST_MS for key in shown):
            return FilmIndex((), duration_ms, self.frame_ms, self.reader.size, fault="the index ends after the film")
        sized = [entry for entry in entries if entry.size > 0]
        data_end = max((entry.pos + entry.size for entry in sized), default=0)
        if self._spread_seeks and len(sized) == len(entries) and entries:
            # Every frame is listed: the film ends where its last frame does, whatever header or sound say.
            video_end = round(self.ms(max(entry.timestamp for entry in entries) + delay) + self.frame_ms)
            duration_ms = min(duration_ms, max(1, video_end))
        return FilmIndex((*hidden, *shown), duration_ms, self.frame_ms, self.reader.size, data_end)


def stamp_of(packet: VideoPacket) -> int | None:
    """Presentation time of a packet, or its decode time where the format has nothing better."""
    return packet.pts if packet.pts is not None else packet.dts


def is_key(packet: VideoPacket) -> bool:
    """Whether a picture can be decoded from this packet alone."""
    return packet.is_keyframe and (packet.size >= MIN_KEY_BYTES or packet.stream.codec_context.name != PLACEHOLDERS)
