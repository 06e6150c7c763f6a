"""The custom payload and autoscan's manual trigger."""

from typing import Any

import pytest

from framewright.domain.outcome import ChangeKind
from framewright.vendors import recognise, source
from framewright.vendors.source import Change, Status

CUSTOM: dict[str, tuple[dict[str, Any], Status, list[str]]] = {
    "one file": (
        {"file_path": "/media/movies/Movie (2024)/Movie.mkv"},
        Status.QUEUED,
        ["/media/movies/Movie (2024)/Movie.mkv"],
    ),
    "several files with a title": (
        {"file_paths": ["/media/e1.mkv", "/media/e2.mkv"], "title": "Optional display label"},
        Status.QUEUED,
        ["/media/e1.mkv", "/media/e2.mkv"],
    ),
    "both fields": ({"file_path": "/a.mkv", "file_paths": ["/b.mkv"]}, Status.QUEUED, ["/a.mkv", "/b.mkv"]),
    "the same file twice": ({"file_paths": ["/a.mkv", "/a.mkv"]}, Status.QUEUED, ["/a.mkv"]),
    "a templated path": ({"path": "/media/flow.mkv"}, Status.QUEUED, ["/media/flow.mkv"]),
    "a null beside the path": ({"file_path": "/a.mkv", "file_paths": None, "title": None}, Status.QUEUED, ["/a.mkv"]),
    "a title of a wrong type": ({"file_path": "/a.mkv", "title": {"a": 1}}, Status.QUEUED, ["/a.mkv"]),
    "the test": ({"eventType": "Test"}, Status.TEST, []),
    "a number for a path": ({"file_path": 5}, Status.UNRECOGNISED, []),
    "a string for a list": ({"file_paths": "/a.mkv"}, Status.UNRECOGNISED, []),
    "a list with a hole": ({"file_paths": ["/a.mkv", 7]}, Status.UNRECOGNISED, []),
    "an empty path": ({"file_path": ""}, Status.UNRECOGNISED, []),
    "an empty list": ({"file_paths": []}, Status.UNRECOGNISED, []),
    "nothing at all": ({}, Status.UNRECOGNISED, []),
}

AUTOSCAN: dict[str, tuple[dict[str, Any], Status, list[str]]] = {
    "a file": ({"eventType": "Manual", "filepath": "/mnt/unionfs/a.mkv"}, Status.QUEUED, ["/mnt/unionfs/a.mkv"]),
    "a folder": ({"eventType": "Manual", "filepath": "/mnt/unionfs/tv"}, Status.QUEUED, ["/mnt/unionfs/tv"]),
    "no event type": ({"filepath": "/mnt/a.mkv"}, Status.QUEUED, ["/mnt/a.mkv"]),
    "the test": ({"eventType": "Test"}, Status.TEST, []),
    "no path": ({"eventType": "Manual"}, Status.UNRECOGNISED, []),
    "a path of a wrong type": ({"filepath": ["/a"]}, Status.UNRECOGNISED, []),
}


def _cases(**tables):
    return [
        pytest.param(name, *row, id=f"{name}: {case}") for name, table in tables.items() for case, row in table.items()
    ]


@pytest.mark.parametrize(("name", "payload", "status", "paths"), _cases(custom=CUSTOM, autoscan=AUTOSCAN))
def test_a_tool_payload_means(name, payload, status, paths):
    meaning = source(name).understand(payload)

    assert (meaning.source, meaning.status) == (name, status)
    assert list(meaning.changes) == [Change(ChangeKind.CHANGED, path) for path in paths]


def test_a_custom_title_labels_the_event():
    meaning = source("custom").understand({"file_paths": ["/a.mkv", "/b.mkv"], "title": "Two at once"})

    assert meaning.title == "Two at once"


def test_the_refusal_names_the_fields_that_are_wanted():
    meaning = source("custom").understand({"file": "/a.mkv"})

    assert meaning.reason == "Payload must include 'file_path' (string) or 'file_paths' (array of strings)"


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"file_path": "/a.mkv"}, "custom"),
        ({"file_paths": ["/a.mkv"]}, "custom"),
        ({"path": "/a.mkv"}, "custom"),
        ({"eventType": "Test"}, "custom"),
        ({"eventType": "Manual", "filepath": "/a.mkv"}, "autoscan"),
    ],
)
def test_the_universal_endpoint_knows_the_tools(payload, name):
    assert recognise(payload).name == name


@pytest.mark.parametrize("payload", [{}, {"hello": "world"}, {"eventType": "Download"}, {"event": 5, "Metadata": {}}])
def test_a_shape_of_nobody_is_recognised_as_nobodys(payload):
    assert recognise(payload) is None
