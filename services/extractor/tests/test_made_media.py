import io
import time

import pytest
from PIL import Image, ImageFilter

from framewright.chassis.testing.media import MediaSpec, checksum, make_video, read_timecode, strip_cells


def test_a_minute_of_film_is_encoded_in_a_few_seconds(tmp_path) -> None:
    started = time.process_time()

    path = make_video(tmp_path / "film.mp4", MediaSpec(seconds=60, width=640, height=360))

    # Generous, since the machine may be shared; usually below 2.5 s.
    assert time.process_time() - started < 8
    assert path.stat().st_size < 10_000_000


@pytest.mark.parametrize("number", [0, 1, 479])
def test_a_frame_number_is_read_back_from_a_thumbnail(number, film, pull) -> None:
    extraction = pull(film("codes.mkv", seconds=20, gop=1), 500)

    numbers = [read_timecode(jpeg) for _, jpeg in extraction.strips[0].frames]

    assert numbers == list(range(0, 480, 12))


@pytest.mark.parametrize("harm", ["grey", "smeared", "torn"])
def test_a_broken_picture_is_told_from_a_whole_one(harm, film, pull) -> None:
    image = Image.open(io.BytesIO(pull(film("codes.mkv", seconds=20, gop=1), 500).strips[0].frames[7][1]))
    harmed = {
        "grey": lambda: Image.new("L", image.size, 128),
        "smeared": lambda: image.filter(ImageFilter.BoxBlur(25)),
        "torn": lambda: _torn(image),
    }[harm]()
    jpeg = io.BytesIO()
    harmed.save(jpeg, "JPEG")

    with pytest.raises(ValueError, match="time code"):
        read_timecode(jpeg.getvalue())


def _torn(image: Image.Image) -> Image.Image:
    torn = image.copy()
    torn.paste(0, (180, 0, 300, image.height))
    return torn


def test_neighbouring_numbers_differ_in_their_check_bits() -> None:
    assert all(checksum(number) != checksum(number + 1) for number in range(2**12))
    assert len(strip_cells(65_535)) == len(strip_cells(0)) == 26
