"""A Jellyfin server of several widths: shown when all are, registered one by one, and rows that hold good tiles in place."""

import pytest

from framewright.domain.publishing import Showing, ShowingState, Written
from framewright.vendors.jellyfin import adopting
from framewright.vendors.jellyfin.simulator import LibrarySettings, TrickplaySettings

ON = {"Films": LibrarySettings(True, True, True)}
DAILY = {"Films": LibrarySettings(True, False, True)}


async def test_all_widths_are_shown_only_when_each_of_them_is(bench, film, sheet):
    options = TrickplaySettings(width_resolutions=[320, 640])
    async with bench("jellyfin", libraries=ON, trickplay=options) as desk:
        desk.state.settle()
        target = desk.target(film)
        located = await desk.server.outputs(target)
        written = tuple(Written(10_000, output.rendition.width, 6, 1) for output in located.outputs)
        found = []
        for output in located.outputs:
            sheet(desk.media.parent / output.path / "0.jpg")
            await desk.server.refresh(target, located)
            found.append(await desk.server.showing(target, located, written))

        assert [one.state for one in found] == [ShowingState.NOT_YET, ShowingState.SHOWN]
        assert all(f"{width} pixels wide" in found[1].reason for width in (320, 640))


@pytest.mark.parametrize(
    ("states", "together"),
    [
        (("shown", "shown"), ("shown", "a; b")),
        (("shown", "not_yet"), ("not_yet", "b")),
        (("misaligned", "not_yet"), ("misaligned", "a")),
    ],
)
def test_what_time_does_not_mend_at_one_width_is_the_answer_about_all(states, together):
    found = [Showing(ShowingState(state), reason) for state, reason in zip(states, "ab", strict=True)]

    assert adopting.together(found) == Showing(ShowingState(together[0]), together[1])


async def test_the_plugin_registers_every_width(bench, film, sheet):
    options = TrickplaySettings(width_resolutions=[320, 640])
    async with bench("jellyfin", libraries=DAILY, trickplay=options, bridged=True) as desk:
        target = desk.target(film)
        located = await desk.server.outputs(target)
        for output in located.outputs:
            sheet(desk.media.parent / output.path / "0.jpg")

        told = await desk.server.refresh(target, located)

        calls = desk.asked("POST", "/MediaPreviewBridge/Trickplay/*")
        assert [call.query["width"] for call in calls] == ["320", "640"]
        assert told.count("/MediaPreviewBridge/Trickplay/") == 2


async def test_the_row_of_an_old_film_is_found_however_it_is_called_there(bench, sheet):
    async with bench("jellyfin", libraries=ON) as desk:
        name = "films/Das Boot/x.1.mkv"
        desk.add(name)
        sheet(desk.media / "films/Das Boot/x.1.trickplay/320 - 10x10/0.jpg")
        desk.state.catalogue.scan()
        desk.state.settle()
        for number in range(210):
            desk.add(f"films/Newer {number}/Newer {number}.mkv")
        desk.state.catalogue.scan()
        desk.state.trickplay.interval = 5000
        target = desk.target(name)

        hindrance = await desk.server.hindrance(target, await desk.server.outputs(target))

        assert (hindrance.code, "every 10 s" in hindrance.reason) == ("SERVER_KEEPS_ROW", True)
