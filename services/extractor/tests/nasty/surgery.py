"""Harm done to the bytes of a film."""

import random
from pathlib import Path

import av


def place_of(path: Path, second: float) -> int:
    """Byte position, in the middle of its packet, of the first picture at or after this second of a film."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        start = video.start_time or 0
        for packet in container.demux(video):
            if packet.pts is not None and (packet.pts - start) * video.time_base >= second and packet.pos:
                return packet.pos + packet.size // 2
    raise ValueError(f"{path} has no second {second}")


def cut(path: Path, second: float) -> bytes:
    """The film up to this second."""
    return path.read_bytes()[: place_of(path, second)]


def spoil(path: Path, first: float, last: float) -> bytes:
    """The film with noise between two seconds."""
    data = bytearray(path.read_bytes())
    start, end = place_of(path, first), place_of(path, last)
    data[start:end] = random.Random(7).randbytes(end - start)
    return bytes(data)


def swap(data: bytes, old: str, new: str) -> bytes:
    """Every occurrence of some bytes, in hex, overwritten by as many others."""
    assert len(old) == len(new)
    assert bytes.fromhex(old) in data
    return data.replace(bytes.fromhex(old), bytes.fromhex(new))


def wrapping(data: bytes, wrap: int) -> bytes:
    """A transport stream (188-byte packets) whose clocks are moved back so that they wrap (33 bits) after `wrap` ticks."""
    moved = bytearray(data)
    shift = (1 << 33) - wrap
    for at in range(0, len(moved) - 187, 188):
        _shift_packet(moved, at, shift)
    return bytes(moved)


def _shift_packet(data: bytearray, at: int, shift: int) -> None:
    start, adaptation = bool(data[at + 1] & 0x40), data[at + 3] >> 4 & 3
    payload = at + 4
    if adaptation & 2:
        if data[payload] and data[payload + 1] & 0x10:
            _shift_pcr(data, payload + 2, shift)
        payload += 1 + data[payload]
    if start and adaptation & 1 and data[payload : payload + 3] == b"\0\0\1" and data[payload + 7] & 0x80:
        _shift_stamp(data, payload + 9, shift)
        if data[payload + 7] & 0x40:
            _shift_stamp(data, payload + 14, shift)


def _shift_pcr(data: bytearray, at: int, shift: int) -> None:
    whole = int.from_bytes(data[at : at + 6], "big")
    base = ((whole >> 15) + shift) % (1 << 33)
    data[at : at + 6] = (base << 15 | whole & 0x7FFF).to_bytes(6, "big")


def _shift_stamp(data: bytearray, at: int, shift: int) -> None:
    """A PES time stamp (ISO 13818-1, 2.4.3.6): 33 bits in three pieces, each followed by a marker bit."""
    raw = int.from_bytes(data[at : at + 5], "big")
    stamp = (raw >> 33 & 7) << 30 | (raw >> 17 & 0x7FFF) << 15 | raw >> 1 & 0x7FFF
    stamp = (stamp + shift) % (1 << 33)
    pieces = (stamp >> 30) << 33 | (stamp >> 15 & 0x7FFF) << 17 | (stamp & 0x7FFF) << 1
    marks = raw & 0xF100010001
    data[at : at + 5] = (pieces | marks).to_bytes(5, "big")


def scrambled(data: bytes, pid: int) -> bytes:
    """A transport stream whose packets of one stream claim to be encrypted and hold noise."""
    noise = random.Random(3)
    spoilt = bytearray(data)
    for at in range(0, len(spoilt) - 187, 188):
        if (spoilt[at + 1] & 0x1F) << 8 | spoilt[at + 2] == pid:
            header = 4 + (1 + spoilt[at + 4] if spoilt[at + 3] & 0x20 else 0)
            spoilt[at + 3] |= 0x80
            spoilt[at + header : at + 188] = noise.randbytes(188 - header)
    return bytes(spoilt)
