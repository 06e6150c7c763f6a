"""What the media servers themselves send, in the wrappings they send it in."""

from framewright.vendors.source import Payload

from .family import IGNORED, NO_PATH, NOTHING, PATHLESS
from .row import Case, Wrapping

PLAYBACK = "202 playback"
NO_VIDEO = "nothing: no video"
CD1, CD2 = "/data/movies/Some Movie/cd1.mkv", "/data/movies/Some Movie/cd2.mkv"
EMBY_FILE = "/tv/Demo/Season 01/e2.mkv"
ADDED = {
    "NotificationType": "ItemAdded",
    "ServerId": "s2",
    "ServerName": "den",
    "ItemId": "9f2c",
    "ItemType": "Episode",
}


def plex(event: str, **metadata: object) -> Payload:
    account = {"owner": True, "user": True, "Account": {"id": 1, "title": "me"}}
    return {"event": event, **account, "Server": {"title": "den", "uuid": "abc"}, "Metadata": metadata}


def emby(event: str, **item: object) -> Payload:
    server = {"Id": "s1", "Name": "emby", "Version": "4.8.11"}
    return {"Event": event, "Server": server, "Item": {"Id": "42", "Type": "Episode", "Name": "Two", **item}}


def jellyfin(**fields: object) -> Payload:
    return {**ADDED, "Name": "Two", "SeriesName": "Demo", "Provider_tvdb": "1", **fields}


PLEX = (
    Case(
        "plex",
        "library.new with its files",
        plex(
            "library.new",
            ratingKey="153037",
            type="movie",
            title="Some Movie",
            Media=[{"Part": [{"file": CD1}, {"file": CD2}]}],
        ),
        f"added `{CD1}`; added `{CD2}`",
        wrapping=Wrapping.PAYLOAD,
    ),
    Case(
        "plex",
        "library.new of a film, episode, season or show without its files",
        plex("library.new", librarySectionID=2, type="episode", ratingKey="991", grandparentTitle="Demo"),
        "plex `abc` is asked for item `991` (added)",
        wrapping=Wrapping.PAYLOAD,
    ),
    Case(
        "plex",
        "library.new as bare JSON",
        plex("library.new", type="show", ratingKey=7),
        "plex `abc` is asked for item `7` (added)",
    ),
    Case("plex", "library.new of nothing", plex("library.new", type="movie"), PATHLESS, NO_PATH),
    Case("plex", "library.new of music or photos", plex("library.new", type="track", ratingKey="5"), NO_VIDEO, IGNORED),
    Case(
        "plex",
        "media.play, .pause, .resume, .stop, .scrobble, .rate",
        plex("media.play", ratingKey="991"),
        "somebody watches on plex `abc`",
        PLAYBACK,
        Wrapping.PAYLOAD,
    ),
    Case("plex", "playback.started", plex("playback.started"), "somebody watches on plex `abc`", PLAYBACK),
    Case("plex", "library.on.deck", plex("library.on.deck", ratingKey="991"), NOTHING, IGNORED),
    Case("plex", "admin.database.backup, device.new", {"event": "device.new", "owner": True}, NOTHING, IGNORED),
    Case("plex", "test.ping", {"event": "test.ping", "owner": True}, "nothing: a test", "200 test"),
)

EMBY = (
    Case(
        "emby",
        "library.new",
        emby("library.new", SeriesName="Demo", Path=EMBY_FILE),
        f"added `{EMBY_FILE}`",
        wrapping=Wrapping.DATA,
    ),
    Case(
        "emby",
        "library.new of a season",
        emby("library.new", Type="Season", Path="/tv/Demo/Season 01"),
        "added `/tv/Demo/Season 01`",
    ),
    Case("emby", "library.new without a path", emby("library.new"), "emby `s1` is asked for item `42` (added)"),
    Case(
        "emby", "library.new of music or photos", emby("library.new", Type="Audio", Path="/m/1.flac"), NO_VIDEO, IGNORED
    ),
    Case("emby", "library.deleted", emby("library.deleted", Path=EMBY_FILE), f"deleted `{EMBY_FILE}`"),
    Case(
        "emby",
        "library.deleted without a path",
        emby("library.deleted"),
        "item `42` of emby `s1` is gone, and with it the way to its path",
        IGNORED,
        status="queued",
    ),
    Case(
        "emby",
        "playback.start, .pause, .unpause, .stop",
        emby("playback.start", Path=EMBY_FILE),
        "somebody watches on emby `s1`",
        PLAYBACK,
        Wrapping.TEXT,
    ),
    Case("emby", "item.markplayed", emby("item.markplayed", Path=EMBY_FILE), NOTHING, IGNORED),
    Case(
        "emby",
        "system.notificationtest",
        {"Event": "system.notificationtest", "Title": "Test Notification", "Server": {"Id": "s1"}},
        "nothing: a test",
        "200 test",
        Wrapping.DATA,
    ),
)

JELLYFIN = (
    Case(
        "jellyfin",
        "ItemAdded",
        jellyfin(),
        "jellyfin `s2` is asked for item `9f2c` (added)",
        wrapping=Wrapping.TEXT,
    ),
    Case(
        "jellyfin",
        "ItemAdded, a template with the path",
        jellyfin(ItemPath=EMBY_FILE),
        f"added `{EMBY_FILE}`",
        wrapping=Wrapping.TEXT,
    ),
    Case("jellyfin", "ItemAdded, another template", jellyfin(path="/tv/e2.mkv"), "added `/tv/e2.mkv`"),
    Case("jellyfin", "ItemAdded of music", jellyfin(ItemType="Audio"), NO_VIDEO, IGNORED),
    Case(
        "jellyfin",
        "ItemDeleted",
        jellyfin(NotificationType="ItemDeleted"),
        "item `9f2c` of jellyfin `s2` is gone, and with it the way to its path",
        IGNORED,
        Wrapping.TEXT,
        status="queued",
    ),
    Case(
        "jellyfin",
        "ItemDeleted, a template with the path",
        jellyfin(NotificationType="ItemDeleted", Path=EMBY_FILE),
        f"deleted `{EMBY_FILE}`",
    ),
    Case(
        "jellyfin",
        "PlaybackStart, PlaybackProgress, PlaybackStop",
        jellyfin(NotificationType="PlaybackStart"),
        "somebody watches on jellyfin `s2`",
        PLAYBACK,
        Wrapping.TEXT,
    ),
    Case(
        "jellyfin",
        "TaskCompleted",
        {"NotificationType": "TaskCompleted", "ServerId": "s2", "TaskName": "Scan Media Library"},
        "nothing: a task of the server ended; no file is named",
        IGNORED,
        Wrapping.TEXT,
    ),
    Case("jellyfin", "PendingRestart and others", {"NotificationType": "PendingRestart"}, NOTHING, IGNORED),
)
