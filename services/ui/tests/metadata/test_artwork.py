"""Pictures of the metadata provider: real files, opaque names, sent only when they changed."""

import os

import pytest

from .conftest import JPEG, PNG

pytestmark = pytest.mark.integration

FILE = "The Film (2024)/The Film (2024).mkv"


@pytest.fixture
def pictures(plex, stranger):
    """The answers for every picture of the film, by its kind."""
    films, _ = plex

    async def fetched(file: str = FILE):
        (film,) = await films.match(1, file)
        listed = (await films.get(film["ratingKey"], "/images")).json()["MediaContainer"]["Image"]
        return {one["type"]: await stranger.get(one["url"]) for one in listed}

    return fetched


async def test_pictures_are_sent_as_what_they_are(pictures):
    found = await pictures()

    assert {kind: (one.status_code, one.headers["content-type"]) for kind, one in found.items()} == {
        "coverPoster": (200, "image/jpeg"),
        "background": (200, "image/jpeg"),
        "clearLogo": (200, "image/png"),
    }
    assert (found["coverPoster"].content, found["clearLogo"].content) == (JPEG, PNG)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "{etag}"}, 304),
        ({"If-None-Match": '"other", W/{etag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": "{changed}"}, 200),
        ({"If-Modified-Since": "{changed}"}, 304),
        ({"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "some day"}, 200),
    ],
)
async def test_a_picture_that_is_there_already_is_not_sent_again(pictures, stranger, headers, status):
    first = (await pictures())["coverPoster"]
    known = {"etag": first.headers["etag"], "changed": first.headers["last-modified"]}

    again = await stranger.get(
        first.request.url, headers={name: value.format(**known) for name, value in headers.items()}
    )

    assert (again.status_code, again.content) == (status, first.content if status == 200 else b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_a_picture_that_changed_has_another_address_and_is_sent_under_the_old_one_too(pictures, media, stranger):
    before = (await pictures())["coverPoster"]
    media("films/The Film (2024)/poster.jpg", JPEG + b"more")

    after = (await pictures())["coverPoster"]
    old = await stranger.get(before.request.url, headers={"If-None-Match": before.headers["etag"]})

    assert after.request.url != before.request.url
    assert (old.status_code, old.content) == (200, JPEG + b"more")


async def test_what_is_no_picture_is_not_offered(pictures, media, tmp_path):
    where = tmp_path / "films/The Film (2024)"
    media("films/The Film (2024)/poster.jpg", "<script>")
    media("outside/fanart.jpg", JPEG)
    (where / "fanart.jpg").unlink()
    (where / "fanart.jpg").symlink_to(tmp_path / "outside/fanart.jpg")
    (where / "clearlogo.png").unlink()
    os.mkfifo(where / "clearlogo.png")

    assert await pictures() == {}


async def test_a_picture_that_is_too_large_is_not_offered(pictures, tmp_path):
    with (tmp_path / "films/The Film (2024)/fanart.jpg").open("r+b") as file:
        file.truncate(20 * 2**20 + 1)

    assert "background" not in await pictures()


async def test_a_picture_that_is_gone_is_not_found(pictures, stranger, tmp_path):
    picture = (await pictures())["coverPoster"]
    (tmp_path / "films/The Film (2024)/poster.jpg").unlink()

    assert (await stranger.get(picture.request.url)).status_code == 404


async def test_pictures_of_neighbours_are_not_mixed_up(pictures, media):
    for name in ("One (2001)", "Two (2002)"):
        media(f"films/Box/{name}.mkv")
        media(f"films/Box/{name}.nfo", f"<movie><title>{name}</title></movie>")
    media("films/Box/Two (2002)-poster.png", PNG)
    media("films/Box/poster.jpg", JPEG)

    found = await pictures("Box/One (2001).mkv"), await pictures("Box/Two (2002).mkv")

    assert [{kind: one.content for kind, one in each.items()} for each in found] == [{}, {"coverPoster": PNG}]
