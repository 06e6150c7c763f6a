"""Random harm to the bytes of a file: what bad disks, broken downloads and attackers do."""

import random
import struct

HEAD = 4096
"""Most of what a demuxer parses stands in so many bytes at the start, or at the end, of a small file."""

LONGEST = 4000
LENGTHS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF0)


def mutated(data: bytes, seed: int) -> bytes:
    """One to four mutations; the same seed always gives the same bytes."""
    chance = random.Random(seed)
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        chance.choice((_flip, _flip, _drop, _repeat, _blank, _length, _length, _noise, _cut))(spoilt, chance)
    return bytes(spoilt)


def _place(data: bytearray, chance: random.Random) -> int:
    """Anywhere; two times of three near the start or the end, where headers and indexes are."""
    if not data:
        return 0
    near = chance.randrange(min(HEAD, len(data)))
    return chance.choice((near, len(data) - 1 - near, chance.randrange(len(data))))


def _span(data: bytearray, chance: random.Random) -> slice:
    start = _place(data, chance)
    return slice(start, start + int(LONGEST ** chance.random()))


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 20)):
        place = _place(data, chance)
        data[place : place + 1] = bytes(byte ^ 1 << chance.randrange(8) for byte in data[place : place + 1])


def _drop(data: bytearray, chance: random.Random) -> None:
    del data[_span(data, chance)]


def _repeat(data: bytearray, chance: random.Random) -> None:
    span = _span(data, chance)
    data[span.start : span.start] = data[span]


def _blank(data: bytearray, chance: random.Random) -> None:
    span = _span(data, chance)
    data[span] = bytes(len(data[span]))


def _noise(data: bytearray, chance: random.Random) -> None:
    span = _span(data, chance)
    data[span] = chance.randbytes(len(data[span]))


def _length(data: bytearray, chance: random.Random) -> None:
    place = _place(data, chance)
    field = struct.pack(chance.choice((">I", "<I")), chance.choice((*LENGTHS, len(data), chance.getrandbits(32))))
    data[place : place + 4] = field[: len(data[place : place + 4])]


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[_place(data, chance) + 1 :]
