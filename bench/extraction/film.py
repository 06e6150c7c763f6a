"""What a film holds, from one pass over its packets: when each picture shows, where the keyframes are and their bytes.

Also packs the keyframes that a case needs into one plain file, for the bound.
"""

import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import av
import msgspec
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from bench.extraction.cases import Case
from bench.extraction.material import BenchError, film
from bench.extraction.recipes import RECIPES
from bench.extraction.slots import needed_keys, slot_count

if TYPE_CHECKING:
    VideoPacket = Packet[VideoStream]
else:
    VideoPacket = Packet  # generic in the stubs only


class Keyframe(msgspec.Struct, frozen=True):
    """Seconds from the film's start, and bytes of its packet."""

    time: float
    size: int


class Facts(msgspec.Struct, frozen=True):
    """`times` are the seconds at which each picture shows, in order; picture k carries the number k modulo `period`."""

    codec: str
    period: int
    rate: int
    file_bytes: int
    times: tuple[float, ...]
    keys: tuple[Keyframe, ...]

    @property
    def frame(self) -> float:
        """Seconds that one picture shows."""
        return 1 / self.rate

    @property
    def duration(self) -> float:
        """Seconds from the first picture to the end of the last."""
        return self.times[-1] + self.frame

    @property
    def largest_gap(self) -> float:
        """The most seconds between two keyframes, or from the last one to the end."""
        times = [*(key.time for key in self.keys), self.duration]
        return max(later - sooner for sooner, later in pairwise(times))

    def slots(self, interval: int) -> int:
        """Number of slots of this many seconds in which a picture starts."""
        return slot_count(self.times[-1], interval)

    def needed(self, interval: int) -> list[Keyframe]:
        """The keyframes that serve the slots best, each once."""
        times = [key.time for key in self.keys]
        return [self.keys[place] for place in needed_keys(times, self.slots(interval), interval, self.frame)]


def facts_of(case: Case) -> Facts:
    """The facts of a case's film; kept beside it.

    Raises:
        BenchError: the film does not hold the pictures that its recipe says.
    """
    path = film(case)
    kept = path.with_suffix(path.suffix + ".facts.json")
    if not kept.exists():
        _write(kept, msgspec.json.encode(_read_facts(path, case)))
    return msgspec.json.decode(kept.read_bytes(), type=Facts)


def _read_facts(path: Path, case: Case) -> Facts:
    recipe = RECIPES[case.recipe]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        start = (container.start_time or 0) / 1_000_000
        base = float(stream.time_base or 0)
        seen = [(_stamp(packet) * base - start, packet.is_keyframe, packet.size) for packet in _packets(container)]
    times = sorted(time for time, _, _ in seen)
    if len(times) != recipe.frames * case.loops:
        raise BenchError(f"{path.name} holds {len(times)} pictures, not {recipe.frames * case.loops}")
    keys = sorted((time, size) for time, is_key, size in seen if is_key)
    return Facts(
        codec=stream.codec_context.name,
        period=recipe.frames,
        rate=recipe.rate,
        file_bytes=path.stat().st_size,
        times=tuple(round(time, 6) for time in times),
        keys=tuple(Keyframe(round(time, 6), size) for time, size in keys),
    )


def packed_keys(case: Case, facts: Facts) -> Path:
    """A file with nothing but the needed keyframes: a line of JSON (codec, extradata in hex, sizes), then their bytes."""
    path = film(case)
    kept = path.with_name(f"{path.name}.n{case.interval}.keys")
    if not kept.exists():
        _write(kept, _pack(path, [key.time for key in facts.needed(case.interval)]))
    return kept


def _pack(path: Path, wanted: Sequence[float]) -> bytes:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        start, base = (container.start_time or 0) / 1_000_000, float(stream.time_base or 0)
        times = {round(time, 6) for time in wanted}
        packets = [bytes(packet) for packet in _packets(container) if _is_wanted(packet, base, start, times)]
        codec = stream.codec_context
        head = {
            "codec": codec.name,
            "extradata": (codec.extradata or b"").hex(),
            "size": [codec.width, codec.height],
            "packets": [len(packet) for packet in packets],
        }
    return msgspec.json.encode(head) + b"\n" + b"".join(packets)


def _is_wanted(packet: VideoPacket, base: float, start: float, times: set[float]) -> bool:
    return packet.is_keyframe and round(_stamp(packet) * base - start, 6) in times


def _packets(container: InputContainer) -> "list[VideoPacket]":
    return [packet for packet in container.demux(container.streams.video[0]) if packet.size]


def _stamp(packet: VideoPacket) -> int:
    """Presentation time, or decode time in formats that know no other."""
    stamp = packet.pts if packet.pts is not None else packet.dts
    if stamp is None:
        raise BenchError("a packet carries no time")
    return stamp


def _write(path: Path, data: bytes) -> None:
    scratch = path.with_name(f".{os.getpid()}.{path.name}")
    scratch.write_bytes(data)
    scratch.rename(path)
