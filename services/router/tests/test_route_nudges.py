"""The quiet time of a change is used: its owners are told to look, once for a folder however much happens in it."""

from datetime import timedelta

import msgspec
import pytest

from framewright.chassis.bus import sweep
from framewright.contracts.base import decode
from framewright.contracts.publish import RefreshWantedV1
from framewright.contracts.settings import Refresh
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import Library, PathMapping

pytestmark = pytest.mark.integration

ROW = "/data"


@pytest.fixture
def plex(desk):
    row = PathMapping(ROW, str(desk.media))
    return desk.server("s1", ROW, type="plex", url="http://plex", path_mappings=(row,))


@pytest.fixture
def waiting(bus):
    async def read():
        return [decode(RefreshWantedV1, one.data) async for one in sweep(bus, "PUBLISH", "wait.refresh.>")]

    return read


async def test_changes_of_one_folder_are_one_wish_in_the_servers_spelling(desk, plex, waiting):
    for number in range(3):
        await desk.nudge(desk.media / f"Show/e{number}.mkv")
    await desk.nudge(desk.media / "Other/e1.mkv", ChangeKind.UPGRADED)

    by_folder = {len(one.changed): one for one in await waiting()}
    assert [one.path for one in by_folder[3].changed] == [f"/data/Show/e{number}.mkv" for number in range(3)]
    assert [(one.path, one.cause) for one in by_folder[1].changed] == [("/data/Other/e1.mkv", ChangeKind.UPGRADED)]
    assert by_folder[3].library_ids == ("1",)


async def test_a_folder_is_looked_at_itself(desk, plex, waiting):
    (desk.media / "Show").mkdir()

    await desk.nudge(desk.media / "Show")

    (wanted,) = await waiting()
    assert [one.path for one in wanted.changed] == ["/data/Show"]


async def test_nobody_is_asked_who_cannot_look_or_does_not_own(desk, plex, waiting):
    desk.server("files")
    desk.server("other", "/elsewhere", type="plex", url="http://other")

    for path in (desk.media / "film.mkv", "/nobody/film.mkv", "/media/../film.mkv"):
        await desk.nudge(path)
    await desk.nudge(desk.media / "gone/film.mkv", ChangeKind.DELETED)

    assert [one.server_id for one in await waiting()] == ["s1"]


async def test_two_libraries_with_folders_of_their_own_are_both_told(desk, waiting):
    rows = tuple(PathMapping(f"/vol{number}", str(desk.media)) for number in (1, 2, 3))
    libraries = tuple(Library(str(number), "", "movie", (f"/vol{number}",)) for number in (1, 2))
    desk.server("s1", type="plex", url="http://plex", path_mappings=rows, libraries=libraries)

    await desk.nudge(desk.media / "film.mkv")

    assert sorted(one.changed[0].path for one in await waiting()) == ["/vol1/film.mkv", "/vol2/film.mkv"]


async def test_the_first_of_a_stream_of_changes_does_not_wait_for_the_last(desk, plex, bus):
    desk.settings = msgspec.structs.replace(desk.settings, refresh=Refresh(quiet_seconds=100, longest_wait_seconds=150))
    headers = []
    for number in range(2):
        (wish,) = await desk.nudge(desk.media / f"Show/e{number}.mkv")
        later = wish.merge(None)
        headers.append(later.due)
    old = msgspec.structs.replace(wish.message, first_at=later.due - timedelta(seconds=200))

    assert headers[0] < headers[1]
    assert wish.merge(old).due == old.first_at + timedelta(seconds=150)
    assert len(wish.merge(old).message.changed) == 1
