"""What each vendor is told about which change, as pure plans: the strategy matrix, case by case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.contracts.publish import ChangedPath
from framewright.domain.media import is_under, segments
from framewright.domain.outcome import ChangeKind
from framewright.vendors import ABOVE, ROOT, ScanStep, ScanWish
from framewright.vendors.mediabrowser.scanning import planned_reports
from framewright.vendors.plex.client import Section
from framewright.vendors.plex.scan_plan import planned_scans

ADDED, DELETED, RENAMED = ChangeKind.ADDED, ChangeKind.DELETED, ChangeKind.RENAMED
FILMS = Section("1", "movie", "Films", ("/data/films",))
SERIES = Section("2", "show", "Series", ("/data/tv/", "/data/tv2"))
EVERYTHING = Section("3", "movie", "Everything", ("/data",))
MUSIC = Section("4", "artist", "Music", ("/data",))
WINDOWS = Section("5", "show", "Windows", ("C:\\TV", "\\\\nas\\tv"))


def scans(wish: ScanWish, *sections: Section) -> list[tuple[str, str, bool]]:
    return [(step.library_id, step.folder, step.is_root) for step in planned_scans(wish, sections)]


def added(*paths: str) -> tuple[ChangedPath, ...]:
    return tuple(ChangedPath(path, ADDED) for path in paths)


@pytest.mark.parametrize(
    ("path", "scan"),
    [
        ("/data/films/A & B (2001)/a.mkv", ("1", "/data/films/A & B (2001)", False)),
        ("/data/films/a.mkv", ("1", "/data/films", True)),
        ("/data/films/A/", ("1", "/data/films/A", False)),
        ("/data/tv/Show/Season 1/e.mkv", ("2", "/data/tv/Show/Season 1", False)),
        ("/data/tv2/Show/e.mkv", ("2", "/data/tv2/Show", False)),
        ("c:/tv/Show/S01/e.mkv", ("5", "C:\\TV\\Show\\S01", False)),
        ("\\\\NAS\\tv\\Show\\e.mkv", ("5", "\\\\nas\\tv\\Show", False)),
        ("\\\\NAS\\tv\\e.mkv", ("5", "\\\\nas\\tv", True)),
    ],
)
def test_plex_scans_the_folder_of_a_file_in_the_locations_own_spelling(path: str, scan: tuple[str, str, bool]) -> None:
    assert scans(ScanWish(added(path)), FILMS, SERIES, WINDOWS) == [scan]


def test_plex_scans_every_section_that_holds_the_file_and_none_without_video() -> None:
    wish = ScanWish(added("/data/films/A/a.mkv"))

    assert scans(wish, FILMS, EVERYTHING, MUSIC) == [("1", "/data/films/A", False), ("3", "/data/films/A", False)]


def test_plex_scans_only_the_sections_that_ownership_named() -> None:
    wish = ScanWish(added("/data/films/A/a.mkv"), library_ids=("3",))

    assert scans(wish, FILMS, EVERYTHING) == [("3", "/data/films/A", False)]


def test_plex_scans_a_season_once_however_many_episodes_came() -> None:
    wish = ScanWish(added(*(f"/data/tv/Show/S01/e{number}.mkv" for number in range(24)), "/data/tv/Show/S01/x/y.mkv"))

    assert scans(wish, SERIES) == [("2", "/data/tv/Show/S01", False)]


def test_plex_scans_the_nearest_folder_that_is_left_of_what_is_gone() -> None:
    wish = ScanWish(
        (ChangedPath("/data/tv/Show/S01/e.mkv", DELETED),), folders={"/data/tv/Show/S01/e.mkv": "/data/tv/Show"}
    )

    assert scans(wish, SERIES) == [("2", "/data/tv/Show", False)]


def test_plex_scans_both_folders_of_a_rename() -> None:
    wish = ScanWish((ChangedPath("/data/films/New/n.mkv", RENAMED, "/data/films/Old/o.mkv"),))

    assert scans(wish, FILMS) == [("1", "/data/films/New", False), ("1", "/data/films/Old", False)]


@pytest.mark.parametrize(
    ("level", "scan"),
    [(ABOVE, ("2", "/data/tv/Show", False)), (ROOT, ("2", "/data/tv", True))],
)
def test_plex_climbs_from_season_to_show_to_location(level: int, scan: tuple[str, str, bool]) -> None:
    assert scans(ScanWish(added("/data/tv/Show/S01/e.mkv"), level=level), SERIES) == [scan]


@given(
    path=st.text("ab/.\\: é+&", min_size=1, max_size=30).map(lambda text: "/" + text),
    chosen=st.text("ab/. ", max_size=20),
    level=st.integers(0, 2),
)
def test_plex_is_never_sent_an_empty_path_nor_above_a_location(path: str, chosen: str, level: int) -> None:
    wish = ScanWish(added(path), folders={path: f"/{chosen}"}, level=level)
    locations = ("/a", "/a/b", "/b/")

    for step in planned_scans(wish, [Section("1", "movie", "Films", locations)]):
        assert step.folder
        assert any(is_under(step.folder, location) for location in locations)
        is_location = any(segments(step.folder) == segments(location) for location in locations)
        assert step.is_root or not is_location or segments(step.folder) == segments("/a/b")


def test_a_library_with_ten_roots_is_scanned_in_the_one_that_holds_the_file() -> None:
    many = Section("7", "movie", "Many", tuple(f"/disk{number}/films" for number in range(10)))

    assert scans(ScanWish(added("/disk7/films/A/a.mkv")), many) == [("7", "/disk7/films/A", False)]
    assert scans(ScanWish(added("/disk1/films2/A/a.mkv")), many) == []


def test_emby_and_jellyfin_get_one_report_of_leaf_files_with_honest_words() -> None:
    changed = (
        *added("/m/a.mkv"),
        ChangedPath("/m/b.mkv", RENAMED, "/m/old.mkv"),
        ChangedPath("/m/c.mkv", DELETED),
        ChangedPath("/m/d.mkv", ChangeKind.UPGRADED),
    )

    (step,) = planned_reports(ScanWish(changed), {})

    assert step.updates == (
        ("/m/a.mkv", "Created"),
        ("/m/old.mkv", "Deleted"),
        ("/m/b.mkv", "Created"),
        ("/m/c.mkv", "Deleted"),
        ("/m/d.mkv", "Modified"),
    )


def test_emby_and_jellyfin_refresh_an_item_that_merely_changed() -> None:
    wish = ScanWish((ChangedPath("/m/a.mkv", ChangeKind.CHANGED), ChangedPath("/m/b.mkv", ChangeKind.CHANGED)))

    report, refresh = planned_reports(wish, {"/m/a.mkv": "id-a"})

    assert report.updates == (("/m/b.mkv", "Modified"),)
    assert refresh == ScanStep(item_id="id-a", path="/m/a.mkv")


def test_the_top_of_the_ladder_is_the_librarys_own_item() -> None:
    wish = ScanWish(added("/m/a.mkv"), library_ids=("lib",), level=ROOT)

    assert planned_reports(wish, {}) == (ScanStep(library_id="lib", item_id="lib", is_root=True),)
