"""Walking folders for a scan: in order, page by page, from where it stopped."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from framewright.contracts.scans import SortBy
from framewright.domain.errors import Retry
from framewright.ingest.adapters.folders import Walk, folder_page, videos_under


@pytest.fixture
def media(tmp_path):
    names = ["a/One.mkv", "a/Two.MP4", "b/deep/er/Three.avi", "Loose.webm"]
    others = ["a/.Hidden.mkv", ".trash/Gone.mkv", "a/One.srt", "a/poster.jpg", "README", "a/One.previews/sprite-0.jpg"]
    for name in (*names, *others):
        path = tmp_path / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "media"


def test_videos_come_in_order_without_hidden_and_other_files(media):
    found = [os.path.relpath(path, media) for path in videos_under(str(media))]

    assert found == ["Loose.webm", "a/One.mkv", "a/Two.MP4", "b/deep/er/Three.avi"]


def test_a_folder_link_is_not_walked_and_a_file_link_is_found(media):
    (media / "b" / "up").symlink_to(media)
    (media / "b" / "Linked.mkv").symlink_to(media / "a" / "One.mkv")

    found = [os.path.relpath(path, media / "b") for path in videos_under(str(media / "b"))]

    assert found == ["Linked.mkv", "deep/er/Three.avi"]


def test_a_folder_that_is_named_like_a_video_is_a_folder(media):
    (media / "Film.mkv").mkdir()
    (media / "Film.mkv" / "inner.mkv").touch()

    found = [os.path.relpath(path, media) for path in videos_under(str(media))]

    assert "Film.mkv" not in found
    assert "Film.mkv/inner.mkv" in found


def test_a_name_that_no_message_can_carry_is_left_out(media):
    (media / os.fsdecode(b"bad\xff.mkv")).touch()

    found = list(videos_under(str(media)))

    assert len(found) == 4


@pytest.mark.parametrize("size", [1, 2, 3, 4, 50])
def test_pages_of_any_size_give_every_video_once_and_in_order(media, size):
    walk, cursor, found = Walk(str(media), size), "", []

    while True:
        page = folder_page(walk, cursor)
        found += page.paths
        cursor = page.cursor
        if not cursor:
            break

    assert found == list(videos_under(str(media)))


def test_the_walk_goes_on_behind_a_file_that_is_gone(media):
    page = folder_page(Walk(str(media), 2), "")
    (media / "a" / "One.mkv").unlink()

    rest = folder_page(Walk(str(media), 9), page.cursor)

    assert [os.path.relpath(path, media) for path in rest.paths] == ["a/Two.MP4", "b/deep/er/Three.avi"]
    assert not rest.cursor


def test_a_folder_that_vanished_between_two_pages_hides_nothing_behind_it(media):
    cursor = f"{media}/a/gone/Film.mkv"

    rest = folder_page(Walk(str(media), 9), cursor)

    assert [os.path.relpath(path, media) for path in rest.paths] == ["b/deep/er/Three.avi"]


def test_only_what_came_lately_is_given_and_the_walk_goes_on_all_the_same(media):
    since = datetime.now(UTC) + timedelta(hours=1)

    page = folder_page(Walk(str(media), 2, since), "")

    assert not page.paths
    assert page.cursor.endswith("a/One.mkv")


def test_the_newest_of_a_page_comes_first(media):
    for age, name in enumerate(["a/One.mkv", "Loose.webm", "b/deep/er/Three.avi", "a/Two.MP4"]):
        os.utime(media / name, (1_700_000_000 - age, 1_700_000_000 - age))

    page = folder_page(Walk(str(media), 9, sort_by=SortBy.NEWEST), "")

    assert [Path(path).name for path in page.paths] == ["One.mkv", "Loose.webm", "Three.avi", "Two.MP4"]


def test_a_folder_that_cannot_be_read_is_for_later(media):
    with pytest.raises(Retry) as caught:
        folder_page(Walk(str(media / "nowhere"), 5), "")

    assert caught.value.code == "UNREADABLE"
