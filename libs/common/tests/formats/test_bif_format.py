"""BIF: bytes as Plex and Emby expect them, and a reader that refuses what is broken."""

import contextlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framewright.domain.errors import Reject
from framewright.formats.bif import read_bif, write_bif

IMAGES = (b"first", b"second!", b"third")

GOLDEN = (
    "89424946 0d0a1a0a 00000000 03000000 {multiplier}"
    + "00" * 44
    + "00000000 60000000"
    + "01000000 65000000"
    + "02000000 6c000000"
    + "ffffffff 71000000"
    + b"firstsecond!third".hex()
)


def archive(*images: bytes, interval_ms: int = 10_000) -> bytes:
    return b"".join(write_bif(images, interval_ms))


def patched(offset: int, value: int) -> bytes:
    data = bytearray(archive(*IMAGES))
    struct.pack_into("<I", data, offset, value)
    return bytes(data)


@pytest.mark.parametrize(("interval_ms", "multiplier"), [(10_000, "10270000"), (2_000, "d0070000")])
def test_three_images_are_written_as_the_golden_bytes(interval_ms: int, multiplier: str):
    data = archive(*IMAGES, interval_ms=interval_ms)

    assert data == bytes.fromhex(GOLDEN.format(multiplier=multiplier))


def test_the_index_is_one_chunk_and_each_image_another_so_that_a_writer_can_stream():
    chunks = list(write_bif(IMAGES, 10_000))

    assert [len(chunk) for chunk in chunks] == [64 + 4 * 8, 5, 7, 5]
    assert chunks[1] is IMAGES[0]


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=64), min_size=1, max_size=40), st.integers(1, 2**32 - 2))
def test_what_is_written_is_read_again(images: list[bytes], interval_ms: int):
    bif = read_bif(memoryview(archive(*images, interval_ms=interval_ms)))

    assert [bytes(frame) for frame in bif.frames] == images
    assert bif.times_ms == tuple(index * interval_ms for index in range(len(images)))
    assert bif.interval_ms == interval_ms


def test_equal_images_are_stored_as_often_as_they_are_shown():
    data = archive(b"same", b"same", b"same")

    assert data.count(b"same") == 3
    assert [bytes(frame) for frame in read_bif(data).frames] == [b"same"] * 3


def test_a_zero_multiplier_means_one_second():
    bif = read_bif(patched(16, 0))

    assert bif.times_ms == (0, 1000, 2000)
    assert bif.interval_ms == 1000


def test_timestamps_that_are_no_counters_are_honoured():
    data = bytearray(archive(*IMAGES, interval_ms=1000))
    struct.pack_into("<I", data, 64 + 8, 10)
    struct.pack_into("<I", data, 64 + 16, 30)

    bif = read_bif(bytes(data))

    assert bif.times_ms == (0, 10_000, 30_000)
    assert bif.interval_ms == 10_000


def test_bytes_after_the_end_are_ignored():
    bif = read_bif(archive(*IMAGES) + b"padding")

    assert [bytes(frame) for frame in bif.frames] == list(IMAGES)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "magic"),
        (b"\x89PNG" + archive(*IMAGES)[4:], "magic"),
        (archive(*IMAGES)[:40], "header is cut off"),
        (archive(*IMAGES)[:90], "index of 3 images is cut off"),
        (archive(*IMAGES)[:-1], "images end at byte 113, the file at 112"),
        (patched(8, 1), "version 1"),
        (patched(12, 0xFFFFFFFF), "index of 4294967295 images is cut off"),
        (patched(64 + 24, 3), "does not end with 0xFFFFFFFF"),
        (patched(64 + 8, 0), "timestamps do not increase"),
        (patched(64 + 16, 0xFFFFFFFF), "timestamps do not increase"),
        (patched(64 + 12, 0x60), "offsets do not increase"),
        (patched(64 + 4, 8), "first image lies inside the index"),
    ],
)
def test_a_corrupt_file_is_refused_with_the_reason(data: bytes, reason: str):
    with pytest.raises(Reject, match=reason) as caught:
        read_bif(data)

    assert caught.value.code == "BAD_BIF"


@settings(deadline=None)
@given(st.binary(max_size=128).map(lambda tail: archive(*IMAGES)[:16] + tail) | st.binary(max_size=128))
def test_random_bytes_are_read_or_refused_but_never_crash(data: bytes):
    with contextlib.suppress(Reject):
        bif = read_bif(data)
        assert len(bif.frames) == len(bif.times_ms)


@pytest.mark.parametrize(
    ("images", "interval_ms", "reason"),
    [
        ([], 1000, "no image"),
        ([b"x", b""], 1000, "empty"),
        ([b"x"], 0, "interval of 0 ms"),
        ([b"x"], 2**32, "interval of 4294967296 ms"),
        ([bytes(2**20)] * 4096, 1000, "32-bit offsets"),
    ],
)
def test_what_no_reader_could_use_is_refused_before_the_first_chunk(images: list[bytes], interval_ms: int, reason: str):
    with pytest.raises(Reject, match=reason):
        write_bif(images, interval_ms)
