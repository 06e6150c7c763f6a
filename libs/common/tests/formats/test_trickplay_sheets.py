"""Trickplay: cells where Jellyfin looks for them, recognised by their colours."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from framewright.domain.errors import Reject
from framewright.formats.tiling import folder_name, width_for
from framewright.formats.trickplay import thumbnail_at, write_sheets

BLACK = (0, 0, 0)
RED, GREEN, BLUE, WHITE = (250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 250)
WHOLE_BLOCK = (16, 16)


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = WHOLE_BLOCK, mode: str = "RGB") -> bytes:
    target = BytesIO()
    Image.new("RGB", size, colour).convert(mode).save(target, "JPEG", quality=95)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def shows(picture: Image.Image, colour: tuple[int, int, int], x: int, y: int) -> bool:
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return all(abs(channel - wanted) <= 12 for channel, wanted in zip(pixel, colour, strict=True))


def test_101_frames_make_two_full_sheets_the_second_with_one_cell():
    frames = [jpeg(WHITE)] * 100 + [jpeg(RED)]

    first, second = map(opened, write_sheets(frames, 10, 10))

    assert first.size == second.size == (160, 160)
    assert all(shows(first, WHITE, 8 + 16 * column, 8 + 16 * row) for row in range(10) for column in range(10))
    assert shows(second, RED, 8, 8)
    used = {
        (column, row)
        for row in range(10)
        for column in range(10)
        if not shows(second, BLACK, 8 + 16 * column, 8 + 16 * row)
    }
    assert used == {(0, 0)}


def test_cells_run_in_rows_from_the_top_left():
    frames = [jpeg(colour) for colour in (RED, GREEN, BLUE, WHITE)]

    (sheet,) = map(opened, write_sheets(frames, 3, 2))

    assert sheet.size == (48, 32)
    assert [shows(sheet, colour, 8 + 16 * column, 8) for column, colour in enumerate((RED, GREEN, BLUE))] == [True] * 3
    assert shows(sheet, WHITE, 8, 24)


def test_every_frame_takes_the_size_of_the_first():
    frames = [jpeg(RED, (32, 16)), jpeg(GREEN, (20, 40)), jpeg(BLUE, (64, 8))]

    (sheet,) = map(opened, write_sheets(frames, 3, 1))

    assert sheet.size == (96, 16)
    assert [shows(sheet, colour, x, y) for colour, x in ((GREEN, 34), (BLUE, 94)) for y in (1, 14)] == [True] * 4


def test_grey_and_cmyk_pictures_are_taken_too():
    frames = [jpeg(WHITE, mode="L"), jpeg(WHITE, mode="CMYK")]

    (sheet,) = map(opened, write_sheets(frames, 2, 1))

    assert shows(sheet, WHITE, 8, 8)
    assert shows(sheet, WHITE, 24, 8)


def test_a_sheet_is_handed_over_before_the_next_one_is_made():
    sheets = write_sheets([jpeg(RED), b"broken"], 1, 1)

    first = next(sheets)

    assert shows(opened(first), RED, 8, 8)
    with pytest.raises(Reject, match="no whole JPEG"):
        next(sheets)


def test_a_lower_quality_makes_a_smaller_sheet():
    noise = BytesIO()
    Image.effect_noise((64, 64), 80).convert("RGB").save(noise, "JPEG", quality=95)

    (fine,) = write_sheets([noise.getvalue()], 1, 1)
    (coarse,) = write_sheets([noise.getvalue()], 1, 1, quality=30)

    assert len(coarse) < len(fine)


def test_no_frames_make_no_sheet():
    assert list(write_sheets([], 10, 10)) == []


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 4), st.integers(1, 4))
def test_there_are_just_as_many_sheets_as_the_cells_need(count: int, columns: int, rows: int):
    sheets = write_sheets([jpeg(RED, (2, 2))] * count, columns, rows)

    assert sum(1 for _ in sheets) == -(-count // (columns * rows))


def test_a_thumbnail_is_cut_out_of_its_cell():
    colours = (RED, GREEN, BLUE, WHITE)
    (sheet,) = write_sheets([jpeg(colour) for colour in colours], 3, 2)

    cells = [opened(thumbnail_at(sheet, index, 3, 2)) for index in range(5)]

    assert {cell.size for cell in cells} == {(16, 16)}
    assert [shows(cell, colour, 8, 8) for cell, colour in zip(cells, (*colours, BLACK), strict=True)] == [True] * 5


@pytest.mark.parametrize(
    ("sheet", "index", "code"),
    [
        (jpeg(RED, (30, 20)), 6, "BAD_SHEET"),
        (jpeg(RED, (30, 20)), -1, "BAD_SHEET"),
        (jpeg(RED, (31, 20)), 0, "BAD_SHEET"),
        (jpeg(RED, (30, 21)), 0, "BAD_SHEET"),
        (b"", 0, "BAD_JPEG"),
        (b"GIF89a not a sheet", 0, "BAD_JPEG"),
        (jpeg(RED, (300, 200))[:-400], 0, "BAD_JPEG"),
    ],
)
def test_a_cell_that_cannot_be_is_refused(sheet: bytes, index: int, code: str):
    with pytest.raises(Reject) as caught:
        thumbnail_at(sheet, index, 3, 2)

    assert caught.value.code == code


def test_a_sheet_larger_than_a_jpeg_can_be_is_refused():
    with pytest.raises(Reject, match="too large") as caught:
        next(write_sheets([jpeg(RED, (700, 2))], 100, 1))

    assert caught.value.code == "BAD_SHEET"


@pytest.mark.parametrize(
    ("setting", "video", "used"), [(320, 1920, 320), (320, 300, 300), (320, 301, 300), (321, 720, 320), (320, 1, 2)]
)
def test_a_width_is_never_more_than_the_videos_and_always_even(setting: int, video: int, used: int):
    assert width_for(setting, video) == used


def test_a_folder_names_width_and_tiles():
    assert folder_name(320, 10, 10) == "320 - 10x10"
    assert folder_name(300, 5, 4) == "300 - 5x4"
