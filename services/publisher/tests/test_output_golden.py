"""The bytes on disk, against bytes written down by hand from the formats' own descriptions."""

import struct
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from framewright.domain.frames import FileVersion, Picture
from framewright.domain.publishing import Located, OutputKind
from framewright.formats.framepack import PackHeader, build_pack
from framewright.publisher.adapters.writer import write
from framewright.publisher.domain.outputs import Film, contents

pytestmark = pytest.mark.integration

BIF = bytes.fromhex(
    "894249460d0a1a0a"  # magic
    "00000000 03000000 88130000"  # version 0, three images, 5000 ms
    + "00" * 44
    + "00000000 60000000  01000000 63000000  02000000 66000000  ffffffff 6b000000"  # counters and offsets, the end
    + "6f6e65 74776f 7468726565"  # one two three
)

LUMINANCE_90 = [3, 2, 2, 3, 5, 8, 10, 12, 2, 2, 3, 4, 5, 12, 12, 11]
"""The first two rows of the luminance table that Annex K of the JPEG standard gives at quality 90."""


def film_of(pictures, interval_ms=5000):
    header = PackHeader(
        path_id="film",
        version=FileVersion(1, 1),
        width=32,
        height=18,
        picture=Picture(),
        duration_ms=interval_ms * len(pictures),
        intervals_ms=(interval_ms,),
    )
    _, manifest = build_pack(((number * interval_ms, data) for number, data in enumerate(pictures)), header)
    return Film(manifest, tuple(pictures))


def test_a_bif_on_disk_is_the_golden_bytes(tmp_path, output):
    target = output(OutputKind.BIF, tmp_path)

    write(Located((target,)), film_of([b"one", b"two", b"three"]))

    assert Path(target.path).read_bytes() == BIF


def jpeg_frame(data):
    """Height, width and sampling factors of the components, as the frame header says."""
    at = data.index(b"\xff\xc0")
    height, width, components = struct.unpack_from(">HHB", data, at + 5)
    return height, width, [data[at + 11 + 3 * number] for number in range(components)]


def test_101_frames_are_two_sheets_of_the_full_canvas_the_second_with_one_cell(tmp_path, film, output):
    target = output(OutputKind.TRICKPLAY, tmp_path, tiles=(10, 10))
    frames = film(101)

    write(Located((target,)), frames)

    sheets = [Path(target.path, name).read_bytes() for name in ("0.jpg", "1.jpg")]
    last = Image.open(BytesIO(sheets[1])).convert("RGB")
    assert sorted(path.name for path in Path(target.path).iterdir()) == ["0.jpg", "1.jpg"]
    assert [jpeg_frame(sheet) for sheet in sheets] == [(180, 320, [0x22, 0x11, 0x11])] * 2
    assert list(Image.open(BytesIO(sheets[0])).quantization[0][:16]) == LUMINANCE_90
    assert max(last.crop((0, 0, 32, 18)).getpixel((16, 9))) > 100
    assert last.crop((64, 0, 320, 18)).getextrema() == ((0, 0),) * 3
    assert last.crop((0, 36, 320, 180)).getextrema() == ((0, 0),) * 3
    written = contents(frames, target)
    assert (written.thumbnails, written.sheets, written.interval_ms, written.width) == (101, 2, 5000, 320)
