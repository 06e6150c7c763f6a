"""Libraries as Metarr leaves them, and Plex as the one who asks about them."""

import httpx
import pytest

from .plex_as_client import PlexClient

JPEG = b"\xff\xd8\xff\xe0" + b"a picture" * 9
PNG = b"\x89PNG\r\n\x1a\n" + b"a logo"

FILM = """<movie><title>The Film</title><sorttitle>Film, The</sorttitle><year>2024</year><premiered>2024-03-01</premiered>
<plot>It happens.</plot><mpaa>PG-13</mpaa><runtime>95</runtime><genre>Drama</genre><director>D. One</director>
<actor><name>A. Two</name><role>Herself</role></actor><uniqueid type="tmdb">42</uniqueid><set>The Films</set></movie>"""
SHOW = """<tvshow><title>The Show</title><premiered>2020-01-05</premiered><plot>All of it.</plot>
<namedseason number="2">The Return</namedseason></tvshow>"""


def episode(season: int, number: int, more: str = "") -> str:
    return (
        f"<episodedetails><title>Part {number}</title><season>{season}</season><episode>{number}</episode>"
        f"<aired>202{season}-01-0{number}</aired>{more}</episodedetails>"
    )


@pytest.fixture
def media(tmp_path):
    """A library of films and one of shows, as Metarr leaves them; `write` adds to it."""

    def write(path: str, content: str | bytes = b"") -> None:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    write("films/The Film (2024)/The Film (2024).mkv")
    write("films/The Film (2024)/The Film (2024).nfo", FILM)
    for name, content in {"poster.jpg": JPEG, "fanart.jpg": JPEG, "clearlogo.png": PNG, "banner.jpg": JPEG}.items():
        write(f"films/The Film (2024)/{name}", content)
    write("shows/The Show/tvshow.nfo", SHOW)
    write("shows/The Show/season01-poster.jpg", JPEG)
    write("shows/The Show/Season 1/The Show S01E01-E02.mkv")
    write("shows/The Show/Season 1/The Show S01E01-E02.nfo", episode(1, 1) + episode(1, 2) + "https://example.org/x")
    write("shows/The Show/Season 1/The Show S01E03.mkv")
    write("shows/The Show/Season 1/The Show S01E03.nfo", episode(1, 3, "<plot>The third.</plot>"))
    write("shows/The Show/Season 1/The Show S01E03-thumb.jpg", JPEG)
    write("shows/The Show/Season 2/The Show S02E01.mkv")
    write("shows/The Show/Season 2/The Show S02E01.nfo", episode(2, 1))
    write("shows/The Show/Season 2/season.nfo", "<season><plot>They return.</plot></season>")
    return write


@pytest.fixture
def configured(ui, media, tmp_path):
    """A Plex server that calls our folders otherwise; it is never asked anything."""

    async def post(**changes):
        body = {
            "id": "den",
            "type": "plex",
            "url": "http://127.0.0.1:1",
            "server_identity": "x",
            "auth": {"token": "t"},
            "libraries": [
                {"id": "1", "name": "Films", "kind": "movie", "remote_paths": ["/data/Movies"]},
                {"id": "2", "name": "Shows", "kind": "show", "remote_paths": ["/data/TV Shows"]},
            ],
            "path_mappings": [
                {"remote_prefix": "/data/Movies", "local_prefix": f"{tmp_path}/films"},
                {"remote_prefix": "/data/TV Shows", "local_prefix": f"{tmp_path}/shows"},
            ],
        }
        answered = await ui.http.post("/api/servers", json={**body, **changes})
        assert answered.status_code == 201, answered.text

    return post


@pytest.fixture
async def stranger(ui):
    """Plex has no token of ours."""
    async with httpx.AsyncClient(timeout=10) as http:
        yield http


@pytest.fixture
async def plex(ui, configured, stranger):
    """Both providers, added by the addresses that an operator was shown."""
    await configured()
    shown = await ui.json("/api/plex/provider")
    films, shows = [await PlexClient.added(stranger, one["url"]) for one in shown["providers"]]
    return films, shows
