"""Tile sheets as Jellyfin's trickplay keeps them: many thumbnails in one JPEG, in rows from the top left.

A width has a folder of its own, `320 - 10x10`, with the sheets `0.jpg`, `1.jpg`, … and nothing else. Every sheet is a
full canvas of columns x rows cells, also the last one; cells without a thumbnail are black. `tile_width` and
`tile_height` count cells, as Jellyfin's options do. Source: Jellyfin 10.10 to 12.0, TrickplayManager.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO

from PIL import Image

from framewright.domain.errors import Reject

MAX_JPEG_SIDE = 65500
"""Longest side in pixels that libjpeg writes."""

_MODE = "RGB"


def write_sheets(frames: Sequence[bytes], tile_width: int, tile_height: int, quality: int = 90) -> Iterator[bytes]:
    """The JPEG sheets in order, one in memory at a time; cells have the size of the first frame.

    Frames of another size are stretched to it. `quality` is Pillow's, 1 to 95.

    Raises:
        Reject: a frame that is no whole JPEG (`BAD_JPEG`), or a sheet too large for one (`BAD_SHEET`).
    """
    if not frames:
        return
    cell = _decode(frames[0]).size
    canvas = (tile_width * cell[0], tile_height * cell[1])
    if max(canvas) > MAX_JPEG_SIDE:
        raise Reject(f"a sheet of {canvas[0]}x{canvas[1]} pixels is too large for a JPEG", code="BAD_SHEET")
    for start in range(0, len(frames), tile_width * tile_height):
        sheet = Image.new(_MODE, canvas)
        _fill(sheet, frames[start : start + tile_width * tile_height], cell)
        yield _encode(sheet, quality)


def thumbnail_at(sheet: bytes, index: int, tile_width: int, tile_height: int) -> bytes:
    """One cell of a sheet as a JPEG of its own; `index` counts from 0 within this sheet.

    Raises:
        Reject: no whole JPEG (`BAD_JPEG`); no such cell, or pixels that do not divide into cells (`BAD_SHEET`).
    """
    if not 0 <= index < tile_width * tile_height:
        raise Reject(f"a {tile_width}x{tile_height} sheet has no cell {index}", code="BAD_SHEET")
    image = _decode(sheet)
    if image.width % tile_width or image.height % tile_height:
        reason = f"{image.width}x{image.height} pixels do not divide into {tile_width}x{tile_height} cells"
        raise Reject(reason, code="BAD_SHEET")
    width, height = image.width // tile_width, image.height // tile_height
    left, top = index % tile_width * width, index // tile_width * height
    return _encode(image.crop((left, top, left + width, top + height)), quality=95)


def _fill(sheet: Image.Image, frames: Sequence[bytes], cell: tuple[int, int]) -> None:
    columns = sheet.width // cell[0]
    for index, frame in enumerate(frames):
        picture = _decode(frame)
        if picture.size != cell:
            picture = picture.resize(cell, Image.Resampling.LANCZOS)
        sheet.paste(picture, (index % columns * cell[0], index // columns * cell[1]))


def _decode(jpeg: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(jpeg), formats=("JPEG",)) as image:
            return image.convert(_MODE)
    except (OSError, Image.DecompressionBombError) as error:
        raise Reject(f"a picture of {len(jpeg)} bytes is no whole JPEG", code="BAD_JPEG") from error


def _encode(image: Image.Image, quality: int) -> bytes:
    target = BytesIO()
    image.save(target, "JPEG", quality=quality)
    return target.getvalue()
