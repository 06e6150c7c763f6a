"""Reading beside media: fresh enough, bounded, and never further than the libraries and the media root."""

import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.sealing import load_sealer
from framewright.contracts.catalogue import CONFIG
from framewright.domain.errors import Retry
from framewright.ui.adapters.provider_door import SealedProviderDoor
from framewright.ui.adapters.sidecar_files import SidecarFiles

from .conftest import episode

pytestmark = pytest.mark.integration


@pytest.fixture
def files(tmp_path, media):
    """The library of shows, looked at anew every time."""
    root = str(tmp_path / "shows")
    return SidecarFiles(lambda path: (root,) if path.startswith(root) else (), str(tmp_path), fresh=0)


async def test_a_survey_sees_what_changed_came_and_went(files, media, tmp_path):
    show = f"{tmp_path}/shows/The Show"
    before = await files.survey(show)
    media("shows/The Show/Season 3/The Show S03E01.nfo", episode(3, 1))
    media("shows/The Show/Season 1/The Show S01E03.nfo", episode(1, 3) + episode(1, 4))
    (tmp_path / "shows/The Show/Season 2/The Show S02E01.nfo").unlink()

    after = await files.survey(show)

    assert sorted(before.episodes) == [(1, 1), (1, 2), (1, 3), (2, 1)]
    assert sorted(after.episodes) == [(1, 1), (1, 2), (1, 3), (1, 4), (3, 1)]


async def test_a_show_inside_another_is_no_part_of_it(files, media, tmp_path):
    media("shows/The Show/Extras/tvshow.nfo", "<tvshow><title>Extras</title></tvshow>")
    media("shows/The Show/Extras/Extras S09E01.nfo", episode(9, 1))
    media("shows/The Show/.hidden/The Show S08E01.nfo", episode(8, 1))

    found = await files.survey(f"{tmp_path}/shows/The Show")

    assert found.numbers == [1, 2]


async def test_linked_folders_are_not_walked(files, media, tmp_path):
    media("outside/The Show S07E01.nfo", episode(7, 1))
    (tmp_path / "shows/The Show/Season 7").symlink_to(tmp_path / "outside")

    found = await files.survey(f"{tmp_path}/shows/The Show")

    assert found.numbers == [1, 2]
    assert await files.names(f"{tmp_path}/shows/The Show/Season 7") == frozenset()


async def test_a_library_outside_the_media_root_is_not_read(media, tmp_path):
    files = SidecarFiles(lambda _: (str(tmp_path / "shows"),), str(tmp_path / "films"))
    path = f"{tmp_path}/shows/The Show"

    assert await files.names(path) == frozenset()
    assert await files.nfo(f"{path}/tvshow.nfo") == ()
    assert not await files.holds(f"{path}/tvshow.nfo")


async def test_media_may_be_a_link_to_anywhere(files, media, tmp_path):
    media("elsewhere/film.mkv")
    link = tmp_path / "shows/The Show/Season 2/The Show S02E02.mkv"
    link.symlink_to(tmp_path / "elsewhere/film.mkv")

    assert await files.holds(str(link))
    assert not await files.holds(f"{tmp_path}/shows/The Show/Season 2")


async def test_the_address_holds_while_the_bus_is_away(bus, broker, tmp_path):
    sealer = load_sealer("", str(tmp_path / "config"))
    door = SealedProviderDoor(Bucket(bus, CONFIG.name), sealer)
    stranger = SealedProviderDoor(Bucket(bus, CONFIG.name), sealer)
    secret = await door.secret()
    broker.kill()
    door._until = 0

    assert await door.admits(secret)
    with pytest.raises(Retry):
        await stranger.secret()
