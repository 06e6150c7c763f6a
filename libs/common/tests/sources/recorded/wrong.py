"""Payloads that a known sender never sends, or sends once a template or a disk has gone wrong."""

from .family import E1, E2, EPISODE_FILE, movie, series
from .row import Case
from .servers import EMBY_FILE, emby, jellyfin, plex

KEPT, QUARANTINED = "kept in quarantine", "202 quarantined"
HALF = r"nothing: path holds control characters: '/tv/\ud83c.mkv'"
LONG = "/data/tv/" + "x" * 5000

WRONG = (
    Case("radarr", "a path that is a list", movie("Download", movieFile={"path": ["/a"]}), KEPT, QUARANTINED),
    Case("radarr", "a movie that is a list", {"eventType": "Download", "movie": []}, KEPT, QUARANTINED),
    Case("radarr", "an event type that is an object", {"eventType": {"a": 1}, "movie": {}}, KEPT, QUARANTINED),
    Case("sonarr", "files that are no list", series("Download", episodeFiles={"path": "/a"}), KEPT, QUARANTINED),
    Case(
        "sonarr",
        "numbers and a title that are words and lists",
        series("Download", episodeFile=EPISODE_FILE, episodes=[{"episodeNumber": "two"}], series={"title": ["x"]}),
        f"added `{E2}`",
    ),
    Case(
        "sonarr",
        "a path that climbs",
        series("Download", episodeFile={"path": "/data/../etc/x.mkv"}),
        KEPT,
        QUARANTINED,
    ),
    Case("sonarr", "a path with NUL", series("Download", episodeFile={"path": "/data/a\0.mkv"}), KEPT, QUARANTINED),
    Case("sonarr", "half a character", series("Download", episodeFile={"path": "/tv/\ud83c.mkv"}), KEPT, QUARANTINED),
    Case("custom", "half a character", {"file_path": "/tv/\ud83c.mkv"}, HALF, "400 unrecognised"),
    Case("sonarr", "a path of 5,000 characters", series("Download", episodeFile={"path": LONG}), KEPT, QUARANTINED),
    Case(
        "sonarr",
        "one path that climbs among good ones",
        series("Download", episodeFiles=[{"path": E1}, {"path": "/data/../x.mkv"}]),
        f"added `{E1}`; left out: path climbs with '..': '/data/../x.mkv'",
    ),
    Case(
        "sonarr",
        "two normal forms of one name",
        series("Download", episodeFiles=[{"path": "/tv/Amélie.mkv"}, {"path": "/tv/Ame\u0301lie.mkv"}]),
        "added `/tv/Amélie.mkv`; added `/tv/Ame\u0301lie.mkv`",
    ),
    Case(
        "sonarr",
        "more paths than an event may name",
        series("Download", episodeFiles=[{"path": f"/tv/{number}.mkv"} for number in range(2001)]),
        KEPT,
        QUARANTINED,
    ),
    Case("plex", "media that is an object", plex("library.new", Media={"Part": 1}), KEPT, QUARANTINED),
    Case(
        "plex",
        "an item id that is a path",
        plex("library.new", ratingKey="../../identity"),
        "nothing: the event names no absolute path",
        "202 ignored_no_path",
    ),
    Case("emby", "an item that is a string", {**emby("library.new"), "Item": "42"}, KEPT, QUARANTINED),
    Case("emby", "a path that climbs", emby("library.deleted", Path="/tv/../x.mkv"), KEPT, QUARANTINED),
    Case("jellyfin", "a notification type that is a number", {"NotificationType": 7}, KEPT, QUARANTINED),
    Case("jellyfin", "a title of 5,000 characters", jellyfin(Name="x" * 5000, Path=EMBY_FILE), f"added `{EMBY_FILE}`"),
    Case("tdarr", "a path that is a number", {"source": "tdarr", "file_path": 5}, KEPT, QUARANTINED),
    Case("atrain", "folders that are no list", {"prefix": "/d", "created": "a", "deleted": []}, KEPT, QUARANTINED),
)
