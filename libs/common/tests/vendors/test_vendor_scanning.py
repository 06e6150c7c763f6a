"""Servers are made to look, over real HTTP: what they are told, whether they are at rest, what they know, and their trash."""

import msgspec
import pytest

from framewright import vendors
from framewright.contracts.publish import ChangedPath
from framewright.domain.outcome import ChangeKind
from framewright.vendors import ROOT, ScanStep, ScanWish

SPOKEN_TO = ["plex", "emby", "jellyfin"]
NEW = "films/New + old & 9-1-1 (2020)/Neü.mkv"


def scanner(desk):
    return vendors.scanner(desk.configured(), desk.http)


def wish(name: str, cause: ChangeKind = ChangeKind.ADDED, **changes) -> ScanWish:
    return ScanWish((ChangedPath(f"/data/{name}", cause),), **changes)


async def told(way, wished: ScanWish) -> list[str]:
    return [await way.tell(step) for step in await way.steps(wished)]


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_a_server_knows_a_new_file_once_it_was_told_and_has_looked(bench, vendor):
    async with bench(vendor, index_delay=9.0) as desk:
        desk.add(NEW)
        way = scanner(desk)

        await told(way, wish(NEW))

        assert not await way.knows(f"/data/{NEW}", ())
        desk.clock.now += 10
        assert await way.knows(f"/data/{NEW}", ())
        assert desk.asked("*", "/Library/Refresh") == []


@pytest.mark.parametrize("vendor", SPOKEN_TO)
async def test_a_whole_library_is_looked_at_without_replacing_anything(bench, vendor):
    async with bench(vendor) as desk:
        desk.add(NEW)
        library = (await desk.server.libraries())[0]
        way = scanner(desk)

        await told(way, wish(NEW, library_ids=(library.id,), level=ROOT))

        assert await way.knows(f"/data/{NEW}", (library.id,))
        (sent,) = [call for call in desk.state.instruments.calls if "efresh" in call.path]
        assert (
            "true" not in {name: value for name, value in sent.query.items() if name.startswith("eplace", 1)}.values()
        )
        assert "Full" not in str(sent.query)


def test_a_folder_has_nobody_who_could_look(bench):
    assert {kind for kind, vendor in vendors.VENDORS.items() if vendor.telling} == vendors.VENDORS.keys() - {"folder"}


async def test_plex_is_at_work_until_scan_and_metadata_are_done_and_only_in_that_section(bench):
    async with bench("plex", metadata_delay=5.0) as desk:
        way = scanner(desk)
        await way.tell(ScanStep("1", "/data/films/A"))

        states = [(await way.is_busy("1"), await way.is_busy("2"))]
        for seconds in (1, 5):
            desk.clock.now += seconds
            states.append((await way.is_busy("1"), await way.is_busy("2")))

        assert states == [(True, False), (True, False), (False, False)]


async def test_a_plex_that_wants_post_is_asked_so_from_then_on(bench):
    async with bench("plex", scan_methods=frozenset({"POST"})) as desk:
        way = scanner(desk)
        for _ in range(2):
            await told(way, wish(NEW))

        methods = [call.method for call in desk.asked("*", "/library/sections/1/refresh")]
        assert methods == ["GET", "POST", "POST"]


@pytest.mark.parametrize(("vendor", "path"), [("emby", "/Items/*/Refresh"), ("jellyfin", "/Items/*/Refresh")])
async def test_an_item_that_merely_changed_is_refreshed_and_nothing_is_reported(bench, film, vendor, path):
    async with bench(vendor) as desk:
        await told(scanner(desk), wish(film, ChangeKind.CHANGED))

        assert len(desk.asked("POST", path)) == 1
        assert desk.asked("POST", "/Library/Media/Updated") == []


@pytest.mark.parametrize("vendor", ["emby", "jellyfin"])
async def test_a_rename_is_one_report_with_the_old_path_first(bench, vendor):
    async with bench(vendor) as desk:
        renamed = ChangedPath("/data/films/B/b.mkv", ChangeKind.RENAMED, "/data/films/A/a.mkv")

        await told(scanner(desk), ScanWish((renamed,)))

        (sent,) = desk.asked("POST", "/Library/Media/Updated")
        words = [(one["Path"], one["UpdateType"]) for one in msgspec.json.decode(sent.body)["Updates"]]
        assert words == [("/data/films/A/a.mkv", "Deleted"), ("/data/films/B/b.mkv", "Created")]


async def with_missing(desk, missing: int, there: int):
    """So many films more, of which some are gone when the section is scanned next."""
    paths = [desk.add(f"films/F{number}/F{number}.mkv") for number in range(missing + there)]
    desk.state.scan("1", "")
    for item in desk.state.items():
        assert item.file is None or desk.state.part(item.file).hash  # as Plex has read every file it lists
    for path in paths[:missing]:
        path.unlink()
    desk.state.scan("1", "")


async def test_trash_is_emptied_when_little_is_missing_and_plex_sees_its_files(bench):
    async with bench("plex") as desk:
        await with_missing(desk, 2, 60)

        said = await scanner(desk).empty_trash("1")

        assert said == "PUT /library/sections/1/emptyTrash"
        assert desk.state.missing("1") == []


@pytest.mark.parametrize(
    ("missing", "there", "reason"),
    [(0, 3, "nothing is missing"), (4, 60, "4 of 61 items"), (11, 300, "11 of 301 items")],
)
async def test_trash_is_left_alone_when_there_is_none_or_too_much(bench, missing, there, reason):
    async with bench("plex") as desk:
        await with_missing(desk, missing, there)

        said = await scanner(desk).empty_trash("1")

        assert reason in said
        assert desk.asked("PUT", "*") == []


async def test_trash_is_left_alone_while_plex_sees_none_of_its_files(bench):
    async with bench("plex") as desk:
        await with_missing(desk, 1, 60)
        (desk.media / "films").rename(desk.media / "unmounted")

        said = await scanner(desk).empty_trash("1")

        assert "a disk that is away" in said
        assert len(desk.state.missing("1")) == 1
