"""The relatives of Sonarr and Radarr: Lidarr, Readarr, Whisparr and Sportarr."""

from framewright.vendors.source import Payload

from .family import FILM, IGNORED, MOVIE, NOTHING, SERIES, UNCHANGED
from .row import Case

NO_VIDEO = "nothing: no video"
FAILED = "nothing: the import failed"


def _music(event_type: str, **fields: object) -> Payload:
    return {"eventType": event_type, "artist": {"name": "A", "path": "/data/music/A"}, **fields}


def _books(event_type: str, **fields: object) -> Payload:
    return {"eventType": event_type, "author": {"name": "A", "path": "/data/books/A"}, **fields}


def _sport(**fields: object) -> Payload:
    return {"eventType": "OnDownload", "eventTitle": "Cup Final", "instanceName": "Sportarr", **fields}


LIDARR = (
    Case(
        "lidarr",
        "Download of music",
        _music("Download", trackFiles=[{"path": "/data/music/A/B/01.flac"}], isUpgrade=False),
        NO_VIDEO,
        IGNORED,
    ),
    Case(
        "lidarr",
        "Download with a music video",
        _music("Download", trackFiles=[{"path": "/data/music/A/B/01.flac"}, {"path": "/data/music/A/clip.mkv"}]),
        "added `/data/music/A/clip.mkv`",
    ),
    Case(
        "lidarr",
        "Rename of music",
        _music("Rename", renamedTrackFiles=[{"path": "/data/music/A/2.flac", "previousPath": "/data/music/A/1.flac"}]),
        NO_VIDEO,
        IGNORED,
    ),
    Case(
        "lidarr",
        "Retag of a music video",
        _music("Retag", trackFile={"path": "/data/music/A/clip.mp4"}),
        "changed `/data/music/A/clip.mp4` (retag)",
    ),
    Case("lidarr", "Retag of music", _music("Retag", trackFile={"path": "/data/music/A/1.flac"}), NO_VIDEO, IGNORED),
    Case(
        "lidarr",
        "ImportFailure",
        _music("ImportFailure", trackFiles=[{"path": "/data/music/A/clip.mkv"}]),
        FAILED,
        IGNORED,
    ),
    Case("lidarr", "AlbumDelete, ArtistDelete", _music("AlbumDelete", deletedFiles=True), NO_VIDEO, IGNORED),
    Case("lidarr", "Grab", _music("Grab"), UNCHANGED, IGNORED),
    Case("lidarr", "Test", _music("Test"), "nothing: a test", "200 test"),
    Case("lidarr", "Health", {"eventType": "Health", "instanceName": "Lidarr"}, NOTHING, IGNORED),
)

READARR = (
    Case("readarr", "Download", _books("Download", bookFiles=[{"path": "/data/books/A/B.epub"}]), NO_VIDEO, IGNORED),
    Case(
        "readarr",
        "Rename",
        _books("Rename", renamedBookFiles=[{"path": "/data/books/A/2.epub", "previousPath": "/data/books/A/1.epub"}]),
        NO_VIDEO,
        IGNORED,
    ),
    Case("readarr", "Retag", _books("Retag", bookFile={"path": "/data/books/A/1.epub"}), NO_VIDEO, IGNORED),
    Case(
        "readarr",
        "BookFileDelete",
        _books("BookFileDelete", bookFile={"path": "/data/books/A/1.epub"}, deleteReason="manual"),
        NO_VIDEO,
        IGNORED,
    ),
    Case("readarr", "BookDelete, AuthorDelete", _books("AuthorDelete", deletedFiles=True), NO_VIDEO, IGNORED),
    Case("readarr", "Test", _books("Test"), "nothing: a test", "200 test"),
)

WHISPARR = (
    Case(
        "whisparr",
        "Download of v2",
        {
            "eventType": "Download",
            "instanceName": "Whisparr",
            "series": SERIES,
            "episodeFile": {"path": "/data/tv/Demo/scene.mp4"},
        },
        "added `/data/tv/Demo/scene.mp4`",
    ),
    Case(
        "whisparr",
        "Download of v3",
        {"eventType": "Download", "movie": {**MOVIE, "itemType": "scene"}, "movieFile": {"path": FILM}},
        f"added `{FILM}`",
    ),
    Case(
        "whisparr",
        "MovieFileDelete of v3",
        {
            "eventType": "MovieFileDelete",
            "instanceName": "Whisparr",
            "movie": {**MOVIE, "itemType": "movie"},
            "movieFile": {"path": FILM},
            "deleteReason": "manual",
        },
        f"deleted `{FILM}` (manual)",
    ),
    Case(
        "whisparr",
        "Test",
        {"eventType": "Test", "instanceName": "Whisparr", "series": {"path": "C:\\testpath"}},
        "nothing: a test",
        "200 test",
    ),
)

SPORTARR = (
    Case(
        "sportarr",
        "OnDownload, flat",
        _sport(filePath="/data/sport/Cup/final.mkv"),
        "added `/data/sport/Cup/final.mkv`",
    ),
    Case(
        "sportarr",
        "Download as Sonarr's",
        {
            "eventType": "Download",
            "instanceName": "Sportarr",
            "series": {"title": "Cup", "path": "/data/sport/Cup"},
            "episodeFile": {"relativePath": "final.mkv"},
            "isUpgrade": True,
        },
        "upgraded `/data/sport/Cup/final.mkv`",
    ),
    Case("sportarr", "Test", {"eventType": "Test", "eventTitle": "Test"}, "nothing: a test", "200 test"),
)
