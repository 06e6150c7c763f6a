"""Jellyfin never changes the row of tiles by itself: good ones are not replaced by what their row does not fit."""

import shutil

import pytest

from framewright.domain.errors import Retry
from framewright.domain.outcome import Outcome
from framewright.domain.publishing import PublishTarget
from framewright.vendors.jellyfin.simulator import LibrarySettings, TrickplaySettings

pytestmark = pytest.mark.integration

BESIDE = {"Films": LibrarySettings(True, True, True)}
APART = {"Films": LibrarySettings(True, True, False)}
CHANGES = [{"interval": 10_000}, {"tile_width": 5}, {"tile_height": 5}]


@pytest.fixture
def shown(desk):
    """`async with shown() as server`: a Jellyfin that shows the film's tiles, every 5 s in sheets of 10x10."""

    def run(version="10.11.11", place=BESIDE, **options):
        trickplay = TrickplaySettings(interval=5000)
        return desk.simulated("jellyfin", version=version, libraries=place, trickplay=trickplay, **options)

    return run


async def publish(desk, server, **changes):
    request = desk.request(server, **changes)
    await desk.put_frames(request, shade=200 if changes else 80)
    return request


def change(desk, server, **options):
    """Set the server otherwise, as if its options had been read long ago."""
    for name, value in options.items():
        setattr(desk.state.trickplay, name, value)
    desk.publisher.connection(server)._wishes = None


def tiles(desk):
    """Every sheet, wherever the server keeps it."""
    found = [path for root in (desk.place, desk.data) for path in root.rglob("*.jpg")]
    return {path: (path.stat().st_ino, path.read_bytes()) for path in found}


@pytest.mark.parametrize("place", [BESIDE, APART])
@pytest.mark.parametrize("options", CHANGES)
@pytest.mark.parametrize("version", ["10.10.7", "10.11.11", "12.0.0"])
async def test_tiles_that_a_row_shows_rightly_stay_when_the_server_is_set_otherwise(
    desk, shown, later, version, options, place
):
    async with shown(version, place) as server:
        request = await publish(desk, server)
        assert (await desk.handle(request)).outcome is Outcome.ADOPTED
        before = tiles(desk)
        change(desk, server, **options)

        with pytest.raises(Retry) as waiting:
            await desk.handle(later(request, 60))

        (row,) = (row for rows in desk.state.rows.values() for row in rows.values())
        assert waiting.value.code == "SERVER_KEEPS_ROW"
        assert "shows the previews 320 pixels wide every 5 s in sheets of 10x10" in waiting.value.reason
        assert ("remove the folder" if version == "12.0.0" else "install Media Preview Bridge") in waiting.value.reason
        assert tiles(desk) == before
        assert (row.interval, row.tile_width, row.tile_height) == (5000, 10, 10)


async def test_pictures_asked_for_anew_replace_tiles_whose_row_fits_them(desk, shown, later):
    async with shown() as server:
        request = await publish(desk, server)
        await desk.handle(request)
        before = tiles(desk)

        fact = await desk.handle(later(await publish(desk, server, regenerate=True), 60))

        assert fact.outcome is Outcome.ADOPTED
        assert [data for _, data in tiles(desk).values()] != [data for _, data in before.values()]


async def test_with_the_plugin_the_new_tiles_are_written_and_shown(desk, shown, later):
    async with shown(bridged=True) as server:
        request = await publish(desk, server)
        await desk.handle(request)
        change(desk, server, interval=10_000)

        fact = await desk.handle(later(request, 60))

        assert fact.outcome is Outcome.ADOPTED
        assert "6 thumbnails every 10 s" in fact.reason


@pytest.mark.parametrize("options", CHANGES)
async def test_from_12_on_it_is_enough_to_remove_the_tiles_and_to_refresh_the_item(desk, shown, later, options):
    async with shown("12.0.0") as server:
        request = await publish(desk, server)
        await desk.handle(request)
        change(desk, server, **options)
        with pytest.raises(Retry) as waiting:
            await desk.handle(later(request, 60))
        named = waiting.value.reason.partition("remove the folder ")[2].partition(", refresh")[0]
        shutil.rmtree(named)
        for video in desk.state.catalogue.videos():
            desk.state.refresh(video)

        fact = await desk.handle(later(request, 60))

        assert fact.outcome is Outcome.ADOPTED


async def test_once_the_row_is_gone_the_new_tiles_are_written_and_shown(desk, shown, later):
    async with shown() as server:
        request = await publish(desk, server)
        await desk.handle(request)
        change(desk, server, interval=10_000)
        with pytest.raises(Retry):
            await desk.handle(later(request, 60))
        for video in desk.state.catalogue.videos():
            desk.state.tiles(video).forget()  # as "replace trickplay images" does

        fact = await desk.handle(later(request, 60))

        assert fact.outcome is Outcome.ADOPTED


async def test_a_film_that_has_no_tiles_yet_costs_no_question_about_its_row(desk, shown):
    async with shown() as server:
        request = await publish(desk, server)
        connection = desk.publisher.connection(server)
        target = PublishTarget(request.path, request.target.remote_paths, request.target.rendition)

        hindrance = await connection.hindrance(target, await connection.outputs(target))

        assert hindrance is None
        assert desk.asked("GET", "/Items*") == []
