"""Sonarr and Radarr: every event type in the shapes that their versions send."""

from framewright.vendors.source import Payload

from .row import Case

SERIES = {"id": 7, "title": "Demo", "path": "/data/tv/Demo", "tvdbId": 1, "tags": ["hd"]}
EPISODES = [{"seasonNumber": 1, "episodeNumber": 2, "title": "Two"}]
E1, E2 = "/data/tv/Demo/Season 01/Demo S01E01.mkv", "/data/tv/Demo/Season 01/Demo S01E02.mkv"
OLD = "/data/tv/Demo/Season 01/Demo S01E02 old.mkv"
EPISODE_FILE = {"id": 55, "relativePath": "Season 01/Demo S01E02.mkv", "path": E2, "size": 123}
REPLACED = {"relativePath": "Season 01/Demo S01E02 old.mkv", "path": OLD, "recycleBinPath": "/bin/x.mkv"}

MOVIE = {"id": 3, "title": "Demo", "year": 2020, "folderPath": "/data/movies/Demo (2020)", "tmdbId": 9}
FILM = "/data/movies/Demo (2020)/Demo.mkv"
MOVIE_FILE = {"relativePath": "Demo.mkv", "path": FILM, "size": 9}

IGNORED = "202 ignored"
NO_PATH = "202 ignored_no_path"
NOTHING = "nothing: the event changes no file"
UNCHANGED = "nothing: nothing is imported yet"
PATHLESS = "nothing: the event names no absolute path"


def series(event_type: str, **fields: object) -> Payload:
    """A payload of Sonarr's with the fields that all of them have."""
    common = {"eventType": event_type, "instanceName": "Sonarr-HD", "applicationUrl": "http://sonarr:8989"}
    return {**common, "series": SERIES, "episodes": EPISODES, **fields}


def movie(event_type: str, **fields: object) -> Payload:
    """A payload of Radarr's with the fields that all of them have."""
    return {"eventType": event_type, "instanceName": "Radarr", "applicationUrl": "", "movie": MOVIE, **fields}


def _renamed(**fields: object) -> Payload:
    return {"eventType": "Rename", "series": {"path": "/data/tv/Demo"}, "renamedEpisodeFiles": [fields]}


SONARR = (
    Case("sonarr", "Download", series("Download", episodeFile=EPISODE_FILE, downloadId="ABC"), f"added `{E2}`"),
    Case(
        "sonarr",
        "Download, an upgrade",
        series("Download", episodeFile=EPISODE_FILE, isUpgrade=True, downloadId="ABC", deletedFiles=[REPLACED]),
        f"upgraded `{E2}` in place of `{OLD}`",
    ),
    Case(
        "sonarr",
        "Download, an upgrade under the same name",
        series("Download", episodeFile=EPISODE_FILE, isUpgrade=True, deletedFiles=[{"path": E2}]),
        f"upgraded `{E2}`",
    ),
    Case(
        "sonarr",
        "Download, a whole pack",
        {
            "eventType": "Download",
            "series": {"path": "/data/tv/Demo"},
            "downloadId": "ABC",
            "fileCount": 2,
            "episodeFiles": [{"path": E1}, {"path": E2}],
            "sourcePath": "/dl/Demo.S01",
            "destinationPath": "/data/tv/Demo/Season 01",
        },
        f"added `{E1}`; added `{E2}`",
    ),
    Case(
        "sonarr",
        "Download, file and pack in one",
        series("Download", episodeFile={"path": E1}, episodeFiles=[{"path": E1}, {"path": E2}]),
        f"added `{E1}`; added `{E2}`",
    ),
    Case(
        "sonarr",
        "Download without absolute path",
        series("Download", episodeFile={"relativePath": "Season 01/Demo S01E02.mkv"}),
        f"added `{E2}`",
    ),
    Case(
        "sonarr",
        "Download without folder",
        {"eventType": "Download", "series": {"title": "Demo"}, "episodeFile": {"relativePath": "S01/E01.mkv"}},
        PATHLESS,
        NO_PATH,
    ),
    Case(
        "sonarr",
        "Download, nulls",
        series("Download", episodeFile=EPISODE_FILE, episodes=None, isUpgrade=None, deletedFiles=None),
        f"added `{E2}`",
    ),
    Case(
        "sonarr",
        "Download on Windows",
        {
            "eventType": "Download",
            "series": {"path": "D:\\TV\\Demo"},
            "episodeFile": {"relativePath": "Season 01\\e1.mkv"},
        },
        "added `D:\\TV\\Demo\\Season 01\\e1.mkv`",
    ),
    Case(
        "sonarr",
        "Rename",
        _renamed(
            relativePath="Season 01/new.mkv",
            path="/data/tv/Demo/Season 01/new.mkv",
            previousRelativePath="Season 01/old.mkv",
            previousPath="/data/tv/Demo/Season 01/old.mkv",
        ),
        "renamed `/data/tv/Demo/Season 01/old.mkv` to `/data/tv/Demo/Season 01/new.mkv`",
    ),
    Case(
        "sonarr",
        "Rename with a wrong path",
        _renamed(relativePath="Season 01/new.mkv", path="/data/tv/Demo/x.mkv", previousPath="/data/tv/Demo/x.mkv"),
        "renamed `/data/tv/Demo/x.mkv` to `/data/tv/Demo/Season 01/new.mkv`",
    ),
    Case("sonarr", "Rename that lists no file", series("Rename"), "changed `/data/tv/Demo`"),
    Case(
        "sonarr",
        "EpisodeFileDelete",
        series("EpisodeFileDelete", episodeFile=EPISODE_FILE, deleteReason="manual"),
        f"deleted `{E2}` (manual)",
    ),
    Case(
        "sonarr",
        "EpisodeFileDelete before an upgrade",
        series("EpisodeFileDelete", episodeFile={"path": OLD}, deleteReason="upgrade"),
        f"deleted `{OLD}`, waits for its upgrade",
    ),
    Case("sonarr", "SeriesDelete with its files", series("SeriesDelete", deletedFiles=True), "deleted `/data/tv/Demo`"),
    Case(
        "sonarr",
        "SeriesDelete without its files",
        series("SeriesDelete", deletedFiles=False),
        "nothing: the files were left in place",
        IGNORED,
    ),
    Case(
        "sonarr",
        "Test",
        {"eventType": "Test", "series": {"path": "C:\\testpath"}, "episodes": [{"title": "Test title"}]},
        "nothing: a test",
        "200 test",
    ),
    Case("sonarr", "Grab", series("Grab", release={"size": 1}), UNCHANGED, IGNORED),
    Case("sonarr", "SeriesAdd", series("SeriesAdd"), NOTHING, IGNORED),
    Case(
        "sonarr",
        "Health, HealthRestored, ApplicationUpdate",
        {"eventType": "Health", "instanceName": "Sonarr-HD", "level": "warning", "message": "disk is full"},
        NOTHING,
        IGNORED,
    ),
    Case("sonarr", "ManualInteractionRequired", series("ManualInteractionRequired", downloadId="A"), NOTHING, IGNORED),
    Case("sonarr", "an event of a later version", series("SeriesMoved"), NOTHING, IGNORED),
)

RADARR = (
    Case("radarr", "Download", movie("Download", movieFile=MOVIE_FILE, downloadId="X"), f"added `{FILM}`"),
    Case(
        "radarr",
        "Download, an upgrade",
        movie(
            "Download",
            movieFile=MOVIE_FILE,
            isUpgrade=True,
            deletedFiles=[{"relativePath": "old.mkv", "recycleBinPath": "/bin/old.mkv"}],
        ),
        f"upgraded `{FILM}` in place of `/data/movies/Demo (2020)/old.mkv`",
    ),
    Case(
        "radarr",
        "Download that names the folder only",
        {"eventType": "Download", "movie": {"title": "Inception", "folderPath": "/movies/Inception (2010)"}},
        "added `/movies/Inception (2010)`",
    ),
    Case("radarr", "Download, nulls", movie("Download", movieFile=None), "added `/data/movies/Demo (2020)`"),
    Case("radarr", "Download without any path", {"eventType": "Download", "movie": {"title": "x"}}, PATHLESS, NO_PATH),
    Case(
        "radarr",
        "Rename",
        movie("Rename", renamedMovieFiles=[{"path": "/data/b.mkv", "previousPath": "/data/a.mkv"}]),
        "renamed `/data/a.mkv` to `/data/b.mkv`",
    ),
    Case("radarr", "Rename of a version before 2021", movie("Rename"), "changed `/data/movies/Demo (2020)`"),
    Case(
        "radarr",
        "MovieFileDelete",
        movie("MovieFileDelete", movieFile=MOVIE_FILE, deleteReason="missingFromDisk"),
        f"deleted `{FILM}` (missingFromDisk)",
    ),
    Case(
        "radarr",
        "MovieFileDelete before an upgrade",
        movie("MovieFileDelete", movieFile=MOVIE_FILE, deleteReason="Upgrade"),
        f"deleted `{FILM}`, waits for its upgrade",
    ),
    Case(
        "radarr",
        "MovieDelete with its files",
        movie("MovieDelete", deletedFiles=True, movieFolderSize=9),
        "deleted `/data/movies/Demo (2020)`",
    ),
    Case(
        "radarr",
        "MovieDelete without its files",
        movie("MovieDelete"),
        "nothing: the files were left in place",
        IGNORED,
    ),
    Case(
        "radarr",
        "Test",
        {"eventType": "Test", "movie": {"title": "Test Title", "folderPath": "C:\\testpath"}},
        "nothing: a test",
        "200 test",
    ),
    Case("radarr", "Grab", movie("Grab", release={"size": 1}), UNCHANGED, IGNORED),
    Case("radarr", "MovieAdded", movie("MovieAdded"), NOTHING, IGNORED),
    Case(
        "radarr",
        "Health, HealthRestored, ApplicationUpdate",
        {"eventType": "Health", "instanceName": "Radarr 4K", "level": "error"},
        NOTHING,
        IGNORED,
    ),
    Case("radarr", "ManualInteractionRequired", movie("ManualInteractionRequired"), NOTHING, IGNORED),
)
