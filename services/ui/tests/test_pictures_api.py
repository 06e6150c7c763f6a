"""Frames and strips of a job's files."""

import io

import pytest
from PIL import Image

from framewright.domain.media import media_id

pytestmark = pytest.mark.integration


@pytest.fixture
async def file_url(ui, tell, facts):
    await tell(facts.created(), facts.extracted())
    await ui.until("/api/jobs/job1/files", lambda page: page["files"] and page["files"][0]["pack"])
    return f"/api/jobs/job1/files/{media_id(facts.film)}"


async def test_a_frame_is_the_picture_of_its_slot(ui, file_url, put_pack):
    frames = await put_pack()

    answer = await ui.http.get(f"{file_url}/frame?slot=3")
    coarse = await ui.http.get(f"{file_url}/frame?slot=2&interval=10000")

    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content == frames[3]
    assert coarse.content == frames[4]


async def test_a_sheet_shows_ten_pictures_from_dark_to_bright(ui, file_url, put_pack):
    await put_pack()

    answer = await ui.http.get(f"{file_url}/sheet")

    sheet = Image.open(io.BytesIO(answer.content)).convert("L")
    assert sheet.size == (320, 18)
    shades = [sheet.getpixel((32 * cell + 16, 9)) for cell in range(10)]
    assert shades == sorted(shades)
    assert shades[-1] - shades[0] > 150


async def test_evicted_frames_are_not_found(ui, file_url):
    for name in ("frame", "sheet"):
        answer = await ui.http.get(f"{file_url}/{name}")

        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_slot_after_the_end_is_not_found_and_an_odd_interval_is_refused(ui, file_url, put_pack):
    await put_pack()

    late = await ui.http.get(f"{file_url}/frame?slot=99")
    odd = await ui.http.get(f"{file_url}/frame?interval=7001")

    assert late.status_code == 404
    assert (odd.status_code, odd.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_a_part_that_is_gone_makes_the_whole_pack_gone(ui, file_url, put_pack, bus):
    await put_pack()
    await bus.purge("FRAMES", "frames.v1.pack1.p0")

    assert (await ui.http.get(f"{file_url}/sheet")).status_code == 404


async def test_frames_may_lie_in_a_folder(start_ui, tell, facts, put_pack, tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    frames = await put_pack(folder=folder)
    await tell(facts.created(), facts.extracted())

    async with start_ui(frames_dir=str(folder)) as ui:
        await ui.until("/api/jobs/job1/files", lambda page: page["files"] and page["files"][0]["pack"])
        answer = await ui.http.get(f"/api/jobs/job1/files/{media_id(facts.film)}/frame?slot=3")

    assert answer.content == frames[3]
