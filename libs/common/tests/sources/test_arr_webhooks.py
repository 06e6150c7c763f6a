"""Radarr and Sonarr: what each recorded payload means, event type by event type."""

from typing import Any

import pytest

from framewright.domain.outcome import ChangeKind
from framewright.vendors import recognise, source
from framewright.vendors.source import Change, Status

MOVIE = {"id": 3, "title": "Demo", "year": 2020, "folderPath": "/data/movies/Demo (2020)", "tmdbId": 9}
MOVIE_FILE = {"relativePath": "Demo.mkv", "path": "/data/movies/Demo (2020)/Demo.mkv", "size": 9}
SERIES = {"id": 7, "title": "Demo", "path": "/data/tv/Demo", "tvdbId": 1, "tags": ["hd"]}
EPISODES = [{"seasonNumber": 1, "episodeNumber": 2}]
EPISODE_FILE = {
    "id": 55,
    "relativePath": "Season 01/Demo S01E02.mkv",
    "path": "/data/tv/Demo/Season 01/Demo S01E02.mkv",
    "size": 123,
}

ADDED, UPGRADED, RENAMED = ChangeKind.ADDED, ChangeKind.UPGRADED, ChangeKind.RENAMED

RADARR: dict[str, tuple[dict[str, Any], Status, list[Change]]] = {
    "the minimal download names the folder": (
        {"eventType": "Download", "movie": {"title": "Inception", "folderPath": "/movies/Inception (2010)"}},
        Status.QUEUED,
        [Change(ADDED, "/movies/Inception (2010)")],
    ),
    "a download names its file": (
        {
            "eventType": "Download",
            "instanceName": "Radarr",
            "movie": MOVIE,
            "movieFile": MOVIE_FILE,
            "isUpgrade": False,
            "downloadId": "X",
        },
        Status.QUEUED,
        [Change(ADDED, "/data/movies/Demo (2020)/Demo.mkv")],
    ),
    "an upgrade leaves the deleted file alone": (
        {
            "eventType": "Download",
            "movie": MOVIE,
            "movieFile": MOVIE_FILE,
            "isUpgrade": True,
            "deletedFiles": [{"path": "/data/movies/Demo (2020)/old.mkv", "recycleBinPath": "/bin/old.mkv"}],
        },
        Status.QUEUED,
        [Change(UPGRADED, "/data/movies/Demo (2020)/Demo.mkv")],
    ),
    "a file without a path is found below its folder": (
        {"eventType": "Download", "movie": MOVIE, "movieFile": {"relativePath": "Demo.mkv"}},
        Status.QUEUED,
        [Change(ADDED, "/data/movies/Demo (2020)/Demo.mkv")],
    ),
    "a Windows folder keeps its separator": (
        {
            "eventType": "Download",
            "movie": {"folderPath": "D:\\Movies\\Demo"},
            "movieFile": {"relativePath": "Demo.mkv"},
        },
        Status.QUEUED,
        [Change(ADDED, "D:\\Movies\\Demo\\Demo.mkv")],
    ),
    "a rename names old and new": (
        {
            "eventType": "Rename",
            "movie": MOVIE,
            "renamedMovieFiles": [{"path": "/data/movies/Demo (2020)/b.mkv", "previousPath": "/data/a.mkv"}],
        },
        Status.QUEUED,
        [Change(RENAMED, "/data/movies/Demo (2020)/b.mkv", "/data/a.mkv")],
    ),
    "a rename of an old version names the folder": (
        {"eventType": "Rename", "movie": MOVIE},
        Status.QUEUED,
        [Change(RENAMED, "/data/movies/Demo (2020)")],
    ),
    "nulls are as good as nothing": (
        {"eventType": "Download", "movie": {**MOVIE, "title": None}, "movieFile": None, "isUpgrade": None},
        Status.QUEUED,
        [Change(ADDED, "/data/movies/Demo (2020)")],
    ),
    "the deletion before an upgrade is left alone": (
        {"eventType": "MovieFileDelete", "movie": MOVIE, "movieFile": MOVIE_FILE, "deleteReason": "upgrade"},
        Status.IGNORED,
        [],
    ),
    "a deleted movie says so with a boolean": (
        {"eventType": "MovieDelete", "movie": MOVIE, "deletedFiles": True},
        Status.IGNORED,
        [],
    ),
    "a grab changes no file": ({"eventType": "Grab", "movie": MOVIE, "release": {"size": 1}}, Status.IGNORED, []),
    "an event of a later version": ({"eventType": "MovieMoved", "movie": MOVIE}, Status.IGNORED, []),
    "a download without any path": ({"eventType": "Download", "movie": {"title": "x"}}, Status.IGNORED_NO_PATH, []),
    "the test": ({"eventType": "Test", "movie": {"title": "T", "folderPath": "C:\\testpath"}}, Status.TEST, []),
    "the minimal test": ({"eventType": "Test"}, Status.TEST, []),
    "a path of a wrong type": (
        {"eventType": "Download", "movie": MOVIE, "movieFile": {"path": ["/a"]}},
        Status.QUARANTINED,
        [],
    ),
    "a movie that is a list": ({"eventType": "Download", "movie": []}, Status.QUARANTINED, []),
    "an event type that is an object": ({"eventType": {"a": 1}, "movie": MOVIE}, Status.QUARANTINED, []),
}

SONARR: dict[str, tuple[dict[str, Any], Status, list[Change]]] = {
    "the minimal download names no absolute path": (
        {
            "eventType": "Download",
            "series": {"title": "Breaking Bad"},
            "episodeFile": {"relativePath": "Season 01/S01E01.mkv"},
        },
        Status.IGNORED_NO_PATH,
        [],
    ),
    "a download names its file": (
        {"eventType": "Download", "series": SERIES, "episodes": EPISODES, "episodeFile": EPISODE_FILE},
        Status.QUEUED,
        [Change(ADDED, "/data/tv/Demo/Season 01/Demo S01E02.mkv")],
    ),
    "an upgrade leaves the deleted file alone": (
        {
            "eventType": "Download",
            "series": SERIES,
            "episodeFile": EPISODE_FILE,
            "isUpgrade": True,
            "deletedFiles": [{"path": "/data/tv/Demo/old.mkv", "recycleBinPath": "/bin/x.mkv"}],
        },
        Status.QUEUED,
        [Change(UPGRADED, "/data/tv/Demo/Season 01/Demo S01E02.mkv")],
    ),
    "a batch names every file once": (
        {
            "eventType": "Download",
            "series": {"path": "/data/tv/Demo"},
            "fileCount": 2,
            "episodeFiles": [{"path": "/data/tv/Demo/e1.mkv"}, {"path": "/data/tv/Demo/e2.mkv"}],
            "episodeFile": {"path": "/data/tv/Demo/e1.mkv"},
            "destinationPath": "/data/tv/Demo",
        },
        Status.QUEUED,
        [Change(ADDED, "/data/tv/Demo/e1.mkv"), Change(ADDED, "/data/tv/Demo/e2.mkv")],
    ),
    "a rename with a wrong path is put right": (
        {
            "eventType": "Rename",
            "series": {"path": "/data/tv/Demo"},
            "renamedEpisodeFiles": [
                {
                    "relativePath": "Season 01/new.mkv",
                    "path": "/data/tv/Demo/Season 01/old.mkv",
                    "previousPath": "/data/tv/Demo/Season 01/old.mkv",
                }
            ],
        },
        Status.QUEUED,
        [Change(RENAMED, "/data/tv/Demo/Season 01/new.mkv", "/data/tv/Demo/Season 01/old.mkv")],
    ),
    "the flat spelling of a relative": (
        {"eventType": "OnDownload", "series": {"title": "Match"}, "filePath": "/data/sport/match.mkv"},
        Status.QUEUED,
        [Change(ADDED, "/data/sport/match.mkv")],
    ),
    "a deleted file": (
        {
            "eventType": "EpisodeFileDelete",
            "series": SERIES,
            "episodeFile": EPISODE_FILE,
            "deleteReason": "manual",
        },
        Status.IGNORED,
        [],
    ),
    "a deleted series says so with a boolean": (
        {"eventType": "SeriesDelete", "series": SERIES, "deletedFiles": True},
        Status.IGNORED,
        [],
    ),
    "a grab changes no file": ({"eventType": "Grab", "series": SERIES, "episodes": EPISODES}, Status.IGNORED, []),
    "a health event names only its instance": (
        {"eventType": "Health", "instanceName": "Sonarr-HD", "level": "warning", "message": "disk is full"},
        Status.IGNORED,
        [],
    ),
    "the test": (
        {"eventType": "Test", "series": {"path": "C:\\testpath"}, "episodes": [{"title": "Test title"}]},
        Status.TEST,
        [],
    ),
    "an episode number that is a word": (
        {"eventType": "Download", "series": SERIES, "episodes": [{"episodeNumber": "two"}]},
        Status.QUARANTINED,
        [],
    ),
    "files that are no list": (
        {"eventType": "Download", "series": SERIES, "episodeFiles": {"path": "/a"}},
        Status.QUARANTINED,
        [],
    ),
}


@pytest.mark.parametrize(("payload", "status", "changes"), RADARR.values(), ids=RADARR.keys())
def test_a_radarr_payload_means(payload, status, changes):
    meaning = source("radarr").understand(payload)

    assert (meaning.source, meaning.status, list(meaning.changes)) == ("radarr", status, changes)


@pytest.mark.parametrize(("payload", "status", "changes"), SONARR.values(), ids=SONARR.keys())
def test_a_sonarr_payload_means(payload, status, changes):
    meaning = source("sonarr").understand(payload)

    assert (meaning.source, meaning.status, list(meaning.changes)) == ("sonarr", status, changes)


def test_an_episode_is_titled_with_its_numbers():
    meaning = source("sonarr").understand({"eventType": "Grab", "series": SERIES, "episodes": EPISODES})

    assert meaning.title == "Demo S01E02"


def test_what_is_not_done_has_a_reason():
    for name, table in (("radarr", RADARR), ("sonarr", SONARR)):
        for case, (payload, status, _changes) in table.items():
            if status in {Status.QUEUED, Status.TEST}:
                continue

            assert source(name).understand(payload).reason, case


@pytest.mark.parametrize("name", ["radarr", "sonarr"])
def test_the_universal_endpoint_tells_the_family_apart(name):
    table = {"radarr": RADARR, "sonarr": SONARR}[name]
    own = [payload for payload, _, _ in table.values() if len(payload) > 1]

    assert {recognise(payload).name for payload in own} == {name}


def test_a_health_event_of_radarr_is_known_by_its_instance():
    assert recognise({"eventType": "Health", "instanceName": "Radarr 4K", "level": "error"}).name == "radarr"
