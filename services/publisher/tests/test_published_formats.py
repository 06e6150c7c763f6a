"""What each server finds on its disk is what was extracted, in its own format, and it shows it."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from framewright.domain.frames import Rendition
from framewright.domain.outcome import Outcome
from framewright.formats.bif import read_bif
from framewright.formats.trickplay import thumbnail_at
from framewright.formats.webvtt import read_vtt
from framewright.vendors.jellyfin.simulator import LibrarySettings, TrickplaySettings

pytestmark = pytest.mark.integration

BESIDE = {"Films": LibrarySettings(True, True, True)}
APART = {"Films": LibrarySettings(True, True, False)}


def colour(jpeg):
    """The mean colour of a picture."""
    with Image.open(BytesIO(jpeg)) as image:
        return image.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))


def alike(one, other):
    """Whether two pictures show the same, as far as a second JPEG encoding allows."""
    return max(abs(a - b) for a, b in zip(colour(one), colour(other), strict=True)) <= 6


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def bif_at(path):
    return read_bif(Path(path).read_bytes())


def cues_in(folder):
    return read_vtt(Path(folder, "thumbnails.vtt").read_text())


def tiles_in(folder, columns, rows):
    """Every cell of every sheet of a width folder, in order."""
    sheets = sorted(Path(folder).iterdir(), key=lambda path: int(path.stem))
    return [thumbnail_at(sheet.read_bytes(), cell, columns, rows) for sheet in sheets for cell in range(columns * rows)]


async def test_plex_finds_every_frame_in_its_bundle_and_adopts_it(desk):
    async with desk.simulated("plex") as server:
        request = desk.request(server)
        frames = await desk.put_frames(request)

        fact = await desk.handle(request)

        (path,) = fact.outputs
        bif = bif_at(path)
        (part,) = desk.state._parts.values()
        assert path.startswith(f"{desk.data}/Media/localhost/{part.hash[0]}/{part.hash[1:]}.bundle/")
        assert (bif.interval_ms, bif.frames) == (5000, tuple(frames))
        assert (fact.outcome, part.adopted) == (Outcome.ADOPTED, True)


async def test_emby_finds_every_frame_beside_the_video_and_shows_it(desk):
    async with desk.simulated("emby") as server:
        request = desk.request(server)
        frames = await desk.put_frames(request)

        (path,) = (await desk.handle(request)).outputs

        (sidecar,) = (one for shown in desk.state.sidecars.values() for one in shown.values())
        assert path == str(desk.place / "Film [2001]-320-5.bif")
        assert bif_at(path).frames == tuple(frames)
        assert (sidecar.width, sidecar.times_ms) == (320, tuple(range(0, 60_000, 5000)))


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
@pytest.mark.parametrize("place", [BESIDE, APART])
async def test_jellyfin_finds_tiles_of_its_own_layout_where_it_keeps_them(desk, version, place):
    options = TrickplaySettings(interval=5000, tile_width=3, tile_height=2)
    async with desk.simulated("jellyfin", version=version, libraries=place, trickplay=options) as server:
        desk.state.settle()
        desk.state.extractions.clear()
        request = desk.request(server)
        frames = await desk.put_frames(request)

        (folder,) = (await desk.handle(request)).outputs

        cells = tiles_in(folder, 3, 2)
        (row,) = (row for rows in desk.state.rows.values() for row in rows.values())
        assert names(folder) == ["0.jpg", "1.jpg"]
        assert all(alike(cell, frame) for cell, frame in zip(cells, frames, strict=True))
        assert (row.width, row.interval, row.tile_width, row.tile_height) == (320, 5000, 3, 2)
        assert (desk.state.failures, desk.state.extractions) == ([], [])


async def test_jellyfins_coarser_interval_is_served_by_finer_frames(desk):
    async with desk.simulated("jellyfin", libraries=BESIDE, trickplay=TrickplaySettings(interval=10_000)) as server:
        request = desk.request(server)
        frames = await desk.put_frames(request)

        (folder,) = (await desk.handle(request)).outputs

        cells = tiles_in(folder, 10, 10)
        assert all(alike(cell, frame) for cell, frame in zip(cells[:6], frames[::2], strict=True))
        assert all(colour(cell) < (10, 10, 10) for cell in cells[6:])


async def test_a_film_narrower_than_the_setting_gets_tiles_of_its_own_width(desk):
    options = TrickplaySettings(interval=5000)
    async with desk.simulated("jellyfin", libraries=BESIDE, trickplay=options, video_width=301) as server:
        request = desk.request(server)
        frames = await desk.put_frames(request, width=320, video_width=301)

        fact = await desk.handle(request)

        (folder,) = fact.outputs
        cells = tiles_in(folder, 10, 10)
        assert Path(folder).name == "300 - 10x10"
        assert {Image.open(BytesIO(cell)).width for cell in cells} == {300}
        assert all(alike(cell, frame) for cell, frame in zip(cells, frames, strict=False))
        assert fact.outcome is Outcome.ADOPTED
        assert (await desk.record(request)).video_width == 301


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
async def test_other_widths_that_jellyfin_made_itself_stay(desk, version):
    options = TrickplaySettings(interval=5000, width_resolutions=[640])
    own = desk.place / "Film [2001].trickplay" / "640 - 10x10"
    own.mkdir(parents=True)
    Image.new("RGB", (640, 360)).save(own / "0.jpg")
    async with desk.simulated("jellyfin", version=version, libraries=BESIDE, trickplay=options) as server:
        desk.state.settle()
        desk.state.trickplay.width_resolutions = [320]
        request = desk.request(server)
        await desk.put_frames(request)

        await desk.handle(request)

        (rows,) = desk.state.rows.values()
        assert sorted(rows) == [320, 640]
        assert names(own.parent) == ["320 - 10x10", "640 - 10x10"]
        assert names(own) == ["0.jpg"]


async def test_a_web_player_finds_each_frame_where_the_cues_say(desk):
    request = desk.request(desk.server())
    frames = await desk.put_frames(request, 130)

    (folder,) = (await desk.handle(request)).outputs

    cues = cues_in(folder)
    sheets = {name: Image.open(Path(folder, name)) for name in ("sprite-0.jpg", "sprite-1.jpg")}
    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [(n * 5000, n * 5000 + 5000) for n in range(130)]
    for cue, frame in zip(cues, frames, strict=True):
        buffer = BytesIO()
        box = (cue.x, cue.y, cue.x + cue.width, cue.y + cue.height)
        sheets[cue.sheet].crop(box).save(buffer, "JPEG", quality=95)
        assert alike(buffer.getvalue(), frame), cue
    for sheet in sheets.values():
        sheet.close()


async def test_a_mirrored_folder_gets_every_format_of_the_server(desk):
    output = {"save_with_media": False, "folder": str(desk.data / "previews"), "formats": ("bif", "trickplay")}
    (desk.data / "previews").mkdir()
    request = desk.request(desk.server(output=output), rendition=Rendition(320, 5000))
    frames = await desk.put_frames(request)

    web, bif, tiles = (await desk.handle(request)).outputs

    place = desk.data / "previews" / desk.place.name
    assert [Path(path).relative_to(place).parts[0] for path in (web, bif, tiles)] == [
        "Film [2001].previews",
        "Film [2001]-320-5.bif",
        "Film [2001].trickplay",
    ]
    assert bif_at(bif).frames == tuple(frames)
    assert alike(tiles_in(tiles, 10, 10)[11], frames[11])
    assert len(cues_in(web)) == 12
    assert names(desk.place) == ["Film [2001].mkv"]
