import gc
import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from framewright.chassis.testing.media import read_timecode
from framewright.domain.frames import Rendition
from framewright.extractor.adapters.picture import FilmTags, Look, Renderer
from framewright.extractor.adapters.tonemap import light_of, tonemap
from framewright.extractor.domain.colour import HLG, PQ
from framewright.extractor.domain.request import ExtractionRequest, Tonemap


def picture_of(extraction) -> Image.Image:
    image = Image.open(io.BytesIO(extraction.strips[0].frames[0][1]))
    image.load()
    return image


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"width": 853, "height": 357, "codec": "mpeg4"}, (320, 134)),
        ({"width": 720, "height": 576, "sar": Fraction(64, 45)}, (320, 180)),
        ({"rotation": 90}, (320, 568)),
        ({"rotation": 180}, (320, 180)),
        ({"rotation": 270}, (320, 568)),
        ({"width": 160, "height": 90}, (320, 180)),
    ],
    ids=["odd size", "anamorphic", "rotated 90", "rotated 180", "rotated 270", "smaller than its thumbnail"],
)
def test_the_thumbnail_has_the_shape_that_a_viewer_sees(fields, size, film, pull) -> None:
    extraction = pull(film("shape.mp4", seconds=2, **fields))

    assert picture_of(extraction).size == size == (extraction.strips[0].width, extraction.strips[0].height)
    assert read_timecode(extraction.strips[0].frames[0][1]) == 0


def test_black_and_white_survive_in_full_range(film, pull) -> None:
    picture = picture_of(pull(film("plain.mkv", seconds=2))).convert("L")

    strip = picture.crop((0, 170, 320, 178))
    low, high = strip.getextrema()
    assert low <= 4
    assert high >= 250


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_hdr_is_brought_down_to_what_a_thumbnail_shows(transfer, film, pull) -> None:
    path = film("bright.mkv", seconds=2, codec="libx265", hdr=transfer)

    mapped, clipped = pull(path), pull(path, tonemap=Tonemap.CLIP)

    assert read_timecode(mapped.strips[0].frames[0][1]) == 0
    assert mapped.strips[0].frames[0][1] != clipped.strips[0].frames[0][1]


def test_no_picture_stays_in_memory_until_the_garbage_collector_comes_by(film) -> None:
    renderer = Renderer(Look((160,), 4, Tonemap.HABLE), FilmTags(Fraction(1), PQ, ""), lambda _text: None)
    gc.collect()
    gc.disable()

    try:
        with av.open(str(film("bright.mkv", seconds=2, codec="libx265", hdr="pq"))) as container:
            for frame in container.decode(video=0):
                renderer.render(frame)
        del frame
        kept = [one for one in gc.get_objects() if isinstance(one, av.VideoFrame) and one.width == 320]
    finally:
        gc.enable()

    assert kept == []


def test_a_lower_quality_number_gives_a_finer_picture(film, pull) -> None:
    path = film("plain.mkv", seconds=2)

    sizes = [len(pull(path, quality=quality).strips[0].frames[0][1]) for quality in (1, 4, 10)]

    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("curve", Tonemap)
@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_every_curve_keeps_black_black_and_grows_with_the_light(curve, transfer) -> None:
    ramp = np.repeat(np.linspace(0, 65535, 256).astype(np.uint16), 3).reshape(1, 256, 3)

    shown = tonemap(light_of(ramp, transfer), curve)[0, :, 0].astype(int)

    assert shown[0] == 0
    assert (np.diff(shown) >= 0).all()
    assert shown[-1] >= 250


def test_hable_shows_reference_white_as_ffmpeg_does() -> None:
    # 203 nits in PQ is code 0.5807; hable(2.03)/hable(10) = 0.511 of the light, 0.511^(1/2.4) of the signal.
    grey = np.full((1, 1, 3), round(0.5807 * 65535), np.uint16)

    shown = tonemap(light_of(grey, PQ), Tonemap.HABLE)[0, 0]

    assert abs(int(shown[1]) - 193) <= 1


@pytest.mark.parametrize(
    "fields",
    [
        {"renditions": ()},
        {"renditions": (Rendition(320, 0),)},
        {"renditions": (Rendition(320, 5000), Rendition(321, 5000))},
        {"renditions": (Rendition(0, 5000),)},
        {"quality": 0},
        {"threads": 0},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(fields) -> None:
    with pytest.raises(ValueError, match=r"must be|is 1 to"):
        ExtractionRequest(**{"path": str(Path("/film.mkv")), "renditions": (Rendition(320, 5000),), **fields})


def test_the_stored_width_of_the_film_is_told(film, pull) -> None:
    assert pull(film("narrow.mkv", seconds=2, width=300, height=170)).video_width == 300
