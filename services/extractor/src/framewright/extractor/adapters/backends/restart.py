"""How a decoder that runs on is made to see a beginning where the film was cut: H.264 and HEVC.

Between sparse keyframes the picture order counts of open groups go on from those before the cut: H.264 decoders then drop
pictures that seem late, HEVC decoders those whose count is in use. In HEVC a clean random access picture becomes a
broken-link one by its unit's type alone, which is how streams are spliced (ITU-T H.265 7.4.2.2). H.264 has no such thing:
there an IDR picture is decoded in between, which resets the count (ITU-T H.264 8.2.1).
"""

from collections.abc import Iterator

H264_IDR = 5
HEVC_BROKEN_LINK = 16
HEVC_CLEAN_ACCESS = 21
_START_CODE = b"\0\0\1"
_TYPE_BITS = {"h264": 0x1F, "hevc": 0x7E}


class Restart:
    """The film's coding, and the keyframe that resets H.264 decoders once one is known."""

    def __init__(self, codec: str, extradata: bytes) -> None:
        self._codec = codec
        self._length_size = _length_size(codec, extradata)
        self.reset = b""

    def offer(self, keyframe: bytes) -> None:
        """Keep a keyframe for resets, if it is fit and there is none yet."""
        if not self.reset and self._codec == "h264" and H264_IDR in self.unit_types(keyframe):
            self.reset = keyframe

    def reset_needed(self, keyframe: bytes) -> bool:
        """Whether `reset` must be decoded before this keyframe."""
        return self._codec == "h264" and H264_IDR not in self.unit_types(keyframe)

    def fresh(self, keyframe: bytes) -> bytes:
        """The keyframe, in HEVC as one that refers to nothing before it."""
        if self._codec != "hevc":
            return keyframe
        changed = bytearray(keyframe)
        for start in self._starts(keyframe):
            if _type(keyframe[start], self._codec) == HEVC_CLEAN_ACCESS:
                changed[start] = keyframe[start] & ~_TYPE_BITS["hevc"] | HEVC_BROKEN_LINK << 1
        return bytes(changed)

    def unit_types(self, packet: bytes) -> list[int]:
        """The types of the units in a packet, whether they are preceded by their lengths or by start codes."""
        return [_type(packet[start], self._codec) for start in self._starts(packet)]

    def _starts(self, packet: bytes) -> Iterator[int]:
        return _counted(packet, self._length_size) if self._length_size else _started(packet)


def _type(header: int, codec: str) -> int:
    return header & _TYPE_BITS[codec] if codec == "h264" else (header & _TYPE_BITS[codec]) >> 1


def _counted(packet: bytes, length_size: int) -> Iterator[int]:
    at = 0
    while at + length_size < len(packet):
        start = at + length_size
        yield start
        at = start + int.from_bytes(packet[at:start], "big")


def _started(packet: bytes) -> Iterator[int]:
    at = packet.find(_START_CODE)
    while 0 <= at < len(packet) - len(_START_CODE):
        yield at + len(_START_CODE)
        at = packet.find(_START_CODE, at + len(_START_CODE))


def _length_size(codec: str, extradata: bytes) -> int:
    """Bytes of a unit's length in MP4 and Matroska (ISO/IEC 14496-15); 0 for start codes."""
    place = {"h264": 4, "hevc": 21}.get(codec)
    if place is None or len(extradata) <= place or extradata[0] != 1:
        return 0
    return (extradata[place] & 3) + 1
