"""Programs that change files, programs that watch, and whatever people write themselves."""

from .family import IGNORED, NO_PATH, NOTHING, PATHLESS
from .row import Case

TEST, REFUSED = "nothing: a test", "400 unrecognised"
WANTED = "nothing: Payload must include 'file_path' (string) or 'file_paths' (array of strings)"
PASS = "/{SERVER_PASS}"
TRIGGER = "/triggers/manual?dir=…&dir=…"
DRIVE = "/triggers/a-train/{drive}"
ABC = {"server_id": "abc"}

TRANSCODERS = (
    Case("tdarr", "Send Web Request", {"file_path": "/media/x.mkv"}, "changed `/media/x.mkv`", taken_for="custom"),
    Case("tdarr", "a blank template", {"source": "tdarr", "file_path": ""}, PATHLESS, NO_PATH),
    Case("fileflows", "Web Request", {"path": "/media/x.mkv"}, "changed `/media/x.mkv`", taken_for="custom"),
    Case("fileflows", "an unfilled template", {"source": "fileflows", "path": "{file.FullName}"}, PATHLESS, NO_PATH),
    Case(
        "unmanic",
        "a finished task",
        {
            "destination_files": ["/media/x.mkv"],
            "task_processing_success": True,
            "file_move_processes_success": True,
        },
        "changed `/media/x.mkv`",
    ),
    Case(
        "unmanic",
        "a failed task",
        {"destination_files": ["/media/x.mkv"], "task_processing_success": False},
        "nothing: the task failed; its files are as they were",
        IGNORED,
    ),
)

WATCHERS = (
    Case(
        "bazarr",
        "a subtitle beside a video",
        {"source": "bazarr", "path": "/tv/Demo/e2.mkv"},
        "changed `/tv/Demo/e2.mkv` (sidecar)",
    ),
    Case("bazarr", "a subtitle", {"path": "/tv/Demo/e2.en.srt"}, "changed `/tv/Demo` (sidecar)", taken_for="custom"),
    Case(
        "bazarr",
        "`?path=` with a folder",
        {"dirs": ["/tv/Demo"]},
        "changed `/tv/Demo` (sidecar)",
        taken_for="autoscan",
        entry="/triggers/bazarr?path=…",
    ),
    Case(
        "tautulli",
        "created",
        {"action": "created", "file": "/tv/Demo/e2.mkv", "rating_key": "991", "section_id": "2"},
        "added `/tv/Demo/e2.mkv`",
    ),
    Case(
        "tautulli",
        "created, grouped",
        {"action": "created", "file": "", "rating_key": "990", **ABC},
        "plex `abc` is asked for item `990` (added)",
    ),
    Case(
        "tautulli",
        "play, pause, resume, stop, watched, …",
        {"action": "play", "file": "/tv/e2.mkv", "rating_key": "991", **ABC},
        "somebody watches on plex `abc`",
        "202 playback",
    ),
    Case("tautulli", "other actions", {"action": "pmsupdate", "rating_key": ""}, NOTHING, IGNORED),
    Case("tautulli", "the test, all blank", {"action": "", "file": "", "rating_key": ""}, TEST, "200 test"),
    Case(
        "overseerr",
        "MEDIA_AVAILABLE, a film",
        {"notification_type": "MEDIA_AVAILABLE", "subject": "Demo", "media": {"media_type": "movie", "tmdbId": 9}},
        "every server is asked for `tmdb 9` (added)",
    ),
    Case(
        "overseerr",
        "MEDIA_AVAILABLE, a series",
        {
            "notification_type": "MEDIA_AVAILABLE",
            "subject": "Demo",
            "media": {"media_type": "tv", "tmdbId": "1", "tvdbId": "2"},
        },
        "every server is asked for `tvdb 2` (added)",
    ),
    Case(
        "overseerr",
        "MEDIA_AVAILABLE without ids",
        {"notification_type": "MEDIA_AVAILABLE", "media": {"tmdbId": "", "tvdbId": None}},
        "nothing: the event names neither a path nor an id of a catalogue",
        NO_PATH,
    ),
    Case(
        "overseerr",
        "MEDIA_PENDING, MEDIA_APPROVED, MEDIA_AUTO_APPROVED, …",
        {"notification_type": "MEDIA_APPROVED", "media": {"media_type": "tv", "tmdbId": "1"}},
        NOTHING,
        IGNORED,
    ),
    Case("overseerr", "TEST_NOTIFICATION", {"notification_type": "TEST_NOTIFICATION", "media": None}, TEST, "200 test"),
)

SCRIPTS = (
    Case(
        "custom", "one file", {"file_path": "/media/Movie (2024)/Movie.mkv"}, "changed `/media/Movie (2024)/Movie.mkv`"
    ),
    Case(
        "custom",
        "several files with a title",
        {"file_paths": ["/media/e1.mkv", "/media/e2.mkv"], "title": "Optional display label"},
        "changed `/media/e1.mkv`; changed `/media/e2.mkv`",
    ),
    Case(
        "custom",
        "both fields",
        {"file_path": "/a.mkv", "file_paths": ["/b.mkv", "/a.mkv"]},
        "changed `/a.mkv`; changed `/b.mkv`",
    ),
    Case("custom", "a folder", {"file_path": "/media/tv/Demo"}, "changed `/media/tv/Demo`"),
    Case("custom", "a template", {"path": "/media/flow.mkv"}, "changed `/media/flow.mkv`"),
    Case(
        "custom", "a null beside the path", {"file_path": "/a.mkv", "file_paths": None, "title": {}}, "changed `/a.mkv`"
    ),
    Case(
        "custom",
        "a template that wants new previews",
        {"path": "/media/flow.mkv", "regenerate": True},
        "changed `/media/flow.mkv`; made anew even if fresh",
    ),
    Case("custom", "Test", {"eventType": "Test"}, TEST, "200 test"),
    Case("custom", "no path", {"title": "x"}, WANTED, REFUSED, taken_for="nobody"),
    Case("custom", "paths that are no list", {"file_paths": "/a.mkv"}, WANTED, REFUSED),
    Case("custom", "a list with a number in it", {"file_paths": ["/a.mkv", 7]}, WANTED, REFUSED),
    Case("custom", "an empty path", {"file_path": ""}, WANTED, REFUSED),
    Case("custom", "a relative path", {"file_path": "a.mkv"}, "nothing: paths must be absolute: 'a.mkv'", REFUSED),
    Case(
        "custom",
        "a path that climbs",
        {"file_path": "/media/../etc/passwd"},
        "nothing: path climbs with '..': '/media/../etc/passwd'",
        REFUSED,
    ),
    Case("autoscan", "Manual", {"eventType": "Manual", "filepath": "/anime/"}, "changed `/anime/`", entry=PASS),
    Case("autoscan", "Test", {"eventType": "Test", "filepath": ""}, TEST, "200 test", entry=PASS),
    Case(
        "autoscan",
        "Manual without a path",
        {"eventType": "Manual", "filepath": None},
        "nothing: Payload must include 'filepath' (string)",
        REFUSED,
        entry=PASS,
    ),
    Case("autoscan", "folders of the successor", {"dirs": ["/a", "/b"]}, "changed `/a`; changed `/b`", entry=TRIGGER),
    Case(
        "atrain",
        "created and deleted folders",
        {"prefix": "/mnt/drive", "created": ["a/b"], "deleted": ["a/c"]},
        "added `/mnt/drive/a/b`; deleted `/mnt/drive/a/c`",
        entry=DRIVE,
    ),
    Case(
        "atrain",
        "a drive of which nobody knows where it lies",
        {"created": ["a/b"], "deleted": []},
        "nothing: it is not configured where the drive lies",
        NO_PATH,
    ),
)
