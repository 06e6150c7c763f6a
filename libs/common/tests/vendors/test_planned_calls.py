"""What is foretold is what happens: the planned calls are compared with those that the simulators receive."""

from dataclasses import replace

import msgspec
import pytest

from framewright import vendors
from framewright.contracts.publish import ChangedPath
from framewright.contracts.server import Server
from framewright.domain.frames import Rendition
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import Library
from framewright.domain.planning import PlannedCall
from framewright.domain.publishing import PublishTarget
from framewright.vendors import ScanWish, planned_calls
from framewright.vendors.jellyfin.simulator import LibrarySettings
from framewright.vendors.simulation.disk import Shelf

LIBRARIES = (Library("1", "Films", "movie", ("/data/films",)), Library("2", "Series", "show", ("/data/tv",)))
BESIDE = {"Films": LibrarySettings(save_trickplay_with_media=True)}
TARGET = PublishTarget("/mnt/films/A & B/A + B.mkv", ("/data/films/A & B/A + B.mkv",), Rendition(320, 10_000), "1")


def as_sent(recorded, item_id: str) -> tuple[str, str, dict[str, str], object]:
    body = msgspec.json.decode(recorded.body) if recorded.body else None
    return recorded.method, recorded.path.replace(item_id, "<item id>"), dict(recorded.query), body


def as_planned(call: PlannedCall) -> tuple[str, str, dict[str, str], object]:
    return call.method, call.path, dict(call.query), msgspec.json.decode(call.body) if call.body else None


@pytest.mark.integration
@pytest.mark.parametrize(("vendor", "calls"), [("emby", 2), ("jellyfin", 2)])
async def test_emby_and_jellyfin_receive_what_was_foretold(bench, film, vendor, calls) -> None:
    async with bench(vendor) as desk:
        target = desk.target(film)
        located = await desk.server.outputs(target)

        await desk.server.refresh(target, located)

        (item_id,) = [video.id for video in desk.state.catalogue.videos() if video.file.remote.endswith(film)]
        posted = [as_sent(call, item_id) for call in desk.asked("POST", "*")]
        assert posted == [as_planned(call) for call in planned_calls(desk.configured(), target)[:calls]]


@pytest.mark.integration
async def test_jellyfins_plugin_receives_what_was_foretold(bench, film) -> None:
    async with bench("jellyfin", bridged=True, libraries=BESIDE) as desk:
        target = desk.target(film)

        await desk.server.refresh(target, await desk.server.outputs(target))

        (item_id,) = [video.id for video in desk.state.catalogue.videos() if video.file.remote.endswith(film)]
        (sent,) = desk.asked("POST", "/MediaPreviewBridge/Trickplay/*")
        planned = planned_calls(desk.configured(), target)[2]
        assert (sent.path.replace(item_id, "<item id>"), dict(sent.query)) == (planned.path, dict(planned.query))


@pytest.mark.integration
async def test_plex_receives_the_scan_that_was_foretold(bench, film) -> None:
    async with bench("plex", index_delay=60) as desk:
        name = "films/New & old + 1 (2002)/New.mkv"
        desk.add(name)
        target = desk.target(name, library_id="1")

        configured = desk.configured(libraries=LIBRARIES)
        scanner = vendors.scanner(configured, desk.http)
        (step,) = await scanner.steps(ScanWish((ChangedPath(target.remote_paths[0], ChangeKind.ADDED),), ("1",)))
        await scanner.tell(step)

        (sent,) = desk.asked("GET", "/library/sections/*/refresh")
        scan, _ = planned_calls(configured, target)
        assert (sent.method, sent.path, dict(sent.query)) == (scan.method, scan.path, dict(scan.query))


@pytest.mark.integration
async def test_plex_receives_a_scan_in_every_section_that_holds_the_file(bench) -> None:
    shared = (Library("1", "Films", "movie", ("/data/films",)), Library("2", "Best", "movie", ("/data/films/best",)))
    path = "/data/films/best/New (2002)/New.mkv"
    target = PublishTarget("/mnt/New.mkv", (path,), Rendition(320, 10_000), "1", library_ids=("1", "2"))
    async with bench("plex") as desk:
        desk.state.shelves = [Shelf(one.name, "movie", one.remote_paths[0], str(desk.media)) for one in shared]
        configured = desk.configured(libraries=shared)
        scanner = vendors.scanner(configured, desk.http)
        for step in await scanner.steps(ScanWish((ChangedPath(path, ChangeKind.ADDED),), ("1", "2"))):
            await scanner.tell(step)

        sent = [(call.path, dict(call.query)) for call in desk.asked("GET", "/library/sections/*/refresh")]
        *scans, _ = planned_calls(configured, target)
        assert sent == [(scan.path, dict(scan.query)) for scan in scans]
        assert len(sent) == 2


@pytest.mark.integration
async def test_plex_receives_the_analysis_that_was_foretold(bench, film) -> None:
    async with bench("plex") as desk:
        target = desk.target(film)
        located = await desk.server.outputs(target)

        await desk.server.refresh(target, located)

        (sent,) = desk.asked("PUT", "*")
        _, analysis = planned_calls(desk.configured(), target)
        assert as_sent(sent, located.item_id) == as_planned(analysis)


def test_a_line_can_be_read_and_is_encoded_as_it_is_sent() -> None:
    scan, _ = planned_calls(Server(id="p", type="plex", libraries=LIBRARIES), TARGET)

    assert scan.line == "GET /library/sections/1/refresh?path=%2Fdata%2Ffilms%2FA%20%26%20B"


@pytest.mark.parametrize(
    ("remote", "library", "reason"),
    [
        ("/elsewhere/x/A.mkv", "1", "no location of the section holds the file"),
        ("/elsewhere/x/A.mkv", "", "no section of the server holds the file"),
    ],
)
def test_a_scan_that_is_not_asked_for_says_why(remote: str, library: str, reason: str) -> None:
    target = replace(TARGET, remote_paths=(remote,), library_id=library)

    scan, _ = planned_calls(Server(id="p", type="plex", libraries=LIBRARIES), target)

    assert (scan.method, scan.line) == ("", "")
    assert reason in scan.when


def test_a_file_in_the_root_of_its_library_has_the_whole_of_it_scanned_now_and_then() -> None:
    target = replace(TARGET, remote_paths=("/data/films/Flat.mkv",))

    scan, _ = planned_calls(Server(id="p", type="plex", libraries=LIBRARIES), target)

    assert scan.line == "GET /library/sections/1/refresh?path=%2Fdata%2Ffilms"
    assert "only now and then" in scan.when


def test_the_folder_server_is_told_nothing() -> None:
    (nothing,) = planned_calls(Server(id="f", type="folder"), TARGET)

    assert nothing.line == ""
    assert "nobody" in nothing.when
