"""Whether a server shows what was written: asked of each vendor's simulator over real HTTP, and believed only when it proves it."""

import msgspec
import pytest

from framewright.domain.errors import Retry
from framewright.domain.frames import Rendition
from framewright.domain.publishing import Output, OutputKind, ShowingState, Written
from framewright.vendors.jellyfin.manifest import Row, ShownItem, disagreement, proof
from framewright.vendors.jellyfin.simulator import LibrarySettings
from framewright.vendors.simulation.instruments import Fault, FaultKind

ON = {"Films": LibrarySettings(True, True, True)}
DAILY = {"Films": LibrarySettings(True, False, True)}
OPTIONS = {"plex": {}, "emby": {}, "jellyfin": {"libraries": ON}}
SPOKEN_TO = list(OPTIONS)
WRITTEN = (Written(10_000, 320, 6, 0),)
TILES = (Written(10_000, 320, 6, 1),)


@pytest.fixture
def publish(bif, sheet):
    """Write what the vendor's server wants and answer what was asked for and where it lies."""

    async def write(desk, name, *, count=6, tell=True):
        target = desk.target(name)
        located = await desk.server.outputs(target)
        (output,) = located.outputs
        if output.kind is OutputKind.BIF:
            desk.put(output.path, bif(count))
        else:
            for number in range(-(-count // 100)):
                sheet(desk.media.parent / output.path / f"{number}.jpg")
        if tell:
            await desk.server.refresh(target, located)
        return target, located

    return write


def written_for(vendor, count=6):
    return (Written(10_000, 320, count, -(-count // 100) if vendor == "jellyfin" else 0),)


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_what_was_written_and_told_is_shown_and_proven(bench, film, publish, vendor):
    async with bench(vendor, **OPTIONS[vendor]) as desk:
        target, located = await publish(desk, film)

        shown = await desk.server.showing(target, located, written_for(vendor))

        assert shown.state is ShowingState.SHOWN
        assert "read back as" in shown.reason


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_what_was_written_and_not_told_is_not_shown_yet_and_a_reminder_helps(bench, film, publish, vendor):
    async with bench(vendor, **OPTIONS[vendor]) as desk:
        desk.state.settle() if vendor != "plex" else None
        target, located = await publish(desk, film, tell=False)

        before = await desk.server.showing(target, located, written_for(vendor))
        call = await desk.server.remind(target, located)
        after = await desk.server.showing(target, located, written_for(vendor))

        assert (before.state, after.state) == (ShowingState.NOT_YET, ShowingState.SHOWN)
        assert call.split()[0] in {"PUT", "POST"}
        assert before.reason


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_to_ask_changes_nothing(bench, film, publish, vendor):
    async with bench(vendor, **OPTIONS[vendor]) as desk:
        target, located = await publish(desk, film, tell=False)
        desk.state.instruments.calls.clear()

        await desk.server.showing(target, located, written_for(vendor))

        assert {call.method for call in desk.state.instruments.calls} == {"GET"}


@pytest.mark.parametrize("vendor", ["plex", "emby"])
async def test_an_output_that_is_gone_cannot_be_proven(bench, film, publish, vendor):
    async with bench(vendor) as desk:
        target, located = await publish(desk, film)
        await desk.server.showing(target, located, WRITTEN)
        (desk.media.parent / located.outputs[0].path).unlink()

        with pytest.raises(Retry) as again:
            await desk.server.showing(target, located, WRITTEN)

        assert again.value.code == "OUTPUT_UNREADABLE"


async def test_a_folder_cannot_be_asked(bench, film):
    async with bench("folder") as desk:
        located = await desk.server.outputs(desk.target(film))

        shown = await desk.server.showing(desk.target(film), located, WRITTEN)

        assert shown.state is ShowingState.CANNOT_BE_ASKED
        assert await desk.server.remind(desk.target(film), located) == ""


async def test_plex_without_the_thumbnails_of_the_file_is_not_believed(bench, film, publish, bif):
    async with bench("plex") as desk:
        target, located = await publish(desk, film)
        await desk.server.showing(target, located, WRITTEN)
        desk.put(located.outputs[0].path, bif(7))

        stale = await desk.server.showing(target, located, WRITTEN)
        desk.state.restart()
        fresh = await desk.server.showing(target, located, WRITTEN)

        assert (stale.state, fresh.state) == (ShowingState.NOT_YET, ShowingState.SHOWN)
        assert "until it is restarted" in stale.reason


async def test_a_flag_without_a_thumbnail_is_no_proof(bench, film, publish):
    async with bench("plex") as desk:
        target, located = await publish(desk, film)
        desk.state.instruments.inject(Fault(FaultKind.STATUS, path="/library/parts/*", status=404))

        shown = await desk.server.showing(target, located, WRITTEN)

        assert shown.state is ShowingState.NOT_YET
        assert "no thumbnail at 0:00:00" in shown.reason


async def test_another_sidecar_of_the_width_is_named_as_the_cause(bench, film, publish, bif):
    async with bench("emby") as desk:
        desk.put(str((desk.media / film).with_name("Film (2001)-320-5.bif")), bif(12, 5000))
        target, located = await publish(desk, film)

        shown = await desk.server.showing(target, located, WRITTEN)

        assert shown.state is ShowingState.MISALIGNED
        assert "another Film (2001)-320-*.bif beside the video" in shown.reason


async def test_where_only_the_daily_task_adopts_nobody_is_reminded(bench, film, publish):
    async with bench("jellyfin", libraries=DAILY) as desk:
        target, located = await publish(desk, film)

        shown = await desk.server.showing(target, located, TILES)

        assert shown.state is ShowingState.NOT_YET
        assert "daily task" in shown.reason
        assert await desk.server.remind(target, located) == ""


async def test_tiles_of_another_place_are_misaligned(bench, film, publish):
    async with bench("jellyfin", libraries=ON) as desk:
        target, located = await publish(desk, film)
        other = Fault(FaultKind.MALFORMED, path="*/0.jpg", body="its own", content_type="image/jpeg")
        desk.state.instruments.inject(other)

        shown = await desk.server.showing(target, located, TILES)

        assert shown.state is ShowingState.MISALIGNED
        assert "SaveTrickplayWithMedia" in shown.reason


async def test_a_server_that_cannot_see_the_folder_is_asked_about_it(bench, film, publish):
    async with bench("jellyfin", libraries=ON) as desk:
        target, located = await publish(desk, film)
        desk.state.instruments.inject(Fault(FaultKind.STATUS, path="*/0.jpg", status=404))

        shown = await desk.server.showing(target, located, TILES)

        assert shown.state is ShowingState.NOT_YET
        assert "does it see the folder" in shown.reason


async def test_the_plugin_is_used_where_it_answers_and_missed_nowhere(bench, film, publish):
    async with bench("jellyfin", libraries=DAILY, bridged=True) as desk:
        target, located = await publish(desk, film)

        (call,) = desk.asked("POST", "/MediaPreviewBridge/Trickplay/*")
        shown = await desk.server.showing(target, located, TILES)

        assert call.query == {"width": "320", "intervalMs": "10000", "saveWithMedia": "true"}
        assert shown.state is ShowingState.SHOWN


@pytest.mark.parametrize("status", [401, 500])
async def test_a_plugin_that_does_not_work_is_no_plugin(bench, film, publish, status):
    async with bench("jellyfin", libraries=ON, bridged=True) as desk:
        desk.state.instruments.inject(Fault(FaultKind.STATUS, path="/MediaPreviewBridge/*", status=status))

        target, located = await publish(desk, film)

        assert (await desk.server.showing(target, located, TILES)).state is ShowingState.SHOWN


@pytest.mark.parametrize(
    ("version", "beside", "kept"),
    [("10.10.7", True, False), ("10.11.11", False, False), ("12.0.0", True, True), ("12.0.0", False, False)],
)
async def test_what_the_server_would_delete_is_said_beforehand(bench, film, version, beside, kept):
    off = {"Films": LibrarySettings(False, True, beside)}
    async with bench("jellyfin", version=version, libraries=off) as desk:
        located = await desk.server.outputs(desk.target(film))

        hindrance = await desk.server.hindrance(desk.target(film), located)

        assert (hindrance is None) is kept
        assert kept or (hindrance.code, "turn it on" in hindrance.reason) == ("SERVER_DELETES", True)


@pytest.mark.parametrize(("stored", "folder"), [(0, "320"), (301, "300"), (320, "320"), (1920, "320")])
async def test_a_width_folder_is_never_wider_than_the_film(bench, film, stored, folder):
    async with bench("jellyfin", libraries=ON) as desk:
        target = desk.target(film)
        located = await desk.server.outputs(
            type(target)(target.local_path, target.remote_paths, target.rendition, "", stored)
        )

        assert located.outputs[0].path.endswith(f"/{folder} - 10x10")


OUTPUT = Output(OutputKind.TRICKPLAY, "/m/Film.trickplay/320 - 10x10", "/m", Rendition(320, 10_000))


@pytest.mark.parametrize(
    ("row", "sheets", "major", "said"),
    [
        (Row(320, 10, 10, 101, 10_000), 2, 12, ""),
        (Row(320, 10, 10, 102, 10_000), 2, 12, ""),
        (Row(320, 10, 10, 1, 10_000), 1, 10, ""),
        (Row(320, 10, 10, 2, 10_000), 2, 10, "counts sheets"),
        (Row(320, 10, 10, 90, 10_000), 2, 12, "remove the tiles"),
        (Row(320, 10, 10, 101, 5_000), 2, 10, "every 5 s, they are 10 s apart"),
        (Row(320, 10, 10, 101, 5_000), 2, 12, "remove the folder /m/Film.trickplay"),
        (Row(320, 5, 5, 101, 10_000), 5, 10, "for 5x5 thumbnails, it holds 10x10"),
    ],
)
def test_a_manifest_is_compared_with_what_was_written(row, sheets, major, said):
    found = disagreement(row, OUTPUT, Written(10_000, 320, 101, sheets), major)

    assert said in found
    assert bool(found) == bool(said)


def test_a_wrong_count_that_hides_nothing_is_told_with_the_proof():
    said = proof(Row(320, 10, 10, 1, 10_000), Written(10_000, 320, 47, 1), "sheet 0 was")

    assert "47 thumbnails every 10 s: sheet 0 was read back" in said
    assert said.endswith("it counts 1, which hides none of them")


def test_each_version_of_an_item_has_tiles_and_a_width_of_its_own():
    first, second = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "ffffffff-4e5f-6071-8293-a4b5c6d7e8f9"
    versions = [(first, 300), (second.replace("-", "").upper(), 3840)]
    document = {
        "Id": first,
        "Trickplay": {first: {"300": {"Width": 300}}, second: {"320": {"Width": 320}}},
        "MediaSources": [
            {"Id": key, "MediaStreams": [{"Type": "Audio"}, {"Type": "Video", "Width": width}]}
            for key, width in versions
        ],
    }
    item = msgspec.convert(document, ShownItem)

    assert [list(item.rows(key)) for key in (first, second, "unknown")] == [["300"], ["320"], []]
    assert [item.video_width(key) for key in (first, second, "unknown")] == [300, 3840, 0]
