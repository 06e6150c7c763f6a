"""What the media servers themselves send: Plex, Emby and Jellyfin, in the wrappings they send it in."""

import json
from typing import Any

import pytest

from framewright.domain.errors import Reject
from framewright.domain.outcome import ChangeKind
from framewright.vendors import recognise, source
from framewright.vendors.envelope import payload_of
from framewright.vendors.source import Change, Status

BOUNDARY = "----------------------------94e0a1b3"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 40 + b"\r\n\xff\xd9"

LIBRARY_NEW = {
    "event": "library.new",
    "owner": True,
    "Account": {"id": 1, "title": "me"},
    "Server": {"title": "den", "uuid": "abc"},
    "Metadata": {
        "ratingKey": "153037",
        "type": "movie",
        "title": "Some Movie",
        "Media": [{"Part": [{"file": "/data/movies/Some Movie/cd1.mkv"}, {"file": "/data/movies/Some Movie/cd2.mkv"}]}],
    },
}
EMBY_NEW = {
    "Event": "library.new",
    "Server": {"Id": "s1", "Name": "emby", "Version": "4.8.11"},
    "Item": {"Id": "42", "Type": "Episode", "Name": "Two", "SeriesName": "Demo", "Path": "/tv/Demo/e2.mkv"},
}
JELLYFIN_NEW = {
    "NotificationType": "ItemAdded",
    "ServerId": "s2",
    "ItemId": "9f",
    "ItemType": "Episode",
    "Name": "Two",
    "SeasonNumber": 1,
}

CASES: dict[str, tuple[str, dict[str, Any], Status, list[str]]] = {
    "a new item in Plex": (
        "plex",
        LIBRARY_NEW,
        Status.QUEUED,
        ["/data/movies/Some Movie/cd1.mkv", "/data/movies/Some Movie/cd2.mkv"],
    ),
    "a new item in Plex without its file": (
        "plex",
        {"event": "library.new", "owner": True, "Metadata": {"type": "episode", "ratingKey": "991"}},
        Status.QUARANTINED,
        [],
    ),
    "playback in Plex": ("plex", {**LIBRARY_NEW, "event": "media.play"}, Status.IGNORED, []),
    "an unknown event of Plex": ("plex", {"event": "library.exploded", "owner": True}, Status.IGNORED, []),
    "the reachability test": ("plex", {"event": "test.ping", "owner": True}, Status.TEST, []),
    "media of Plex that is an object": (
        "plex",
        {"event": "library.new", "Metadata": {"Media": {"Part": 1}}},
        Status.QUARANTINED,
        [],
    ),
    "a new item in Emby": ("emby", EMBY_NEW, Status.QUEUED, ["/tv/Demo/e2.mkv"]),
    "a new item in Emby without its path": (
        "emby",
        {"Event": "library.new", "Server": {"Id": "s1"}, "Item": {"Id": "42"}},
        Status.IGNORED_NO_PATH,
        [],
    ),
    "a deleted item in Emby": ("emby", {**EMBY_NEW, "Event": "library.deleted"}, Status.IGNORED, []),
    "Emby's own test": (
        "emby",
        {"Event": "system.notificationtest", "Title": "Test Notification", "Server": {"Id": "s1"}},
        Status.TEST,
        [],
    ),
    "an item of Emby that is a string": ("emby", {**EMBY_NEW, "Item": "42"}, Status.QUARANTINED, []),
    "a new item in Jellyfin has no path": ("jellyfin", JELLYFIN_NEW, Status.QUARANTINED, []),
    "a template of Jellyfin with a path": (
        "jellyfin",
        {**JELLYFIN_NEW, "ItemPath": "/tv/Demo/e2.mkv"},
        Status.QUEUED,
        ["/tv/Demo/e2.mkv"],
    ),
    "a template in lower case": ("jellyfin", {**JELLYFIN_NEW, "path": "/tv/e2.mkv"}, Status.QUEUED, ["/tv/e2.mkv"]),
    "playback in Jellyfin": ("jellyfin", {"NotificationType": "PlaybackStart", "Name": "Two"}, Status.IGNORED, []),
    "a task of Jellyfin": (
        "jellyfin",
        {"NotificationType": "TaskCompleted", "TaskName": "Scan Media Library", "ResultStatus": "Completed"},
        Status.IGNORED,
        [],
    ),
    "a notification type that is a number": ("jellyfin", {"NotificationType": 7}, Status.QUARANTINED, []),
}


@pytest.mark.parametrize(("name", "payload", "status", "paths"), CASES.values(), ids=CASES.keys())
def test_a_server_payload_means(name, payload, status, paths):
    meaning = source(name).understand(payload)

    assert (meaning.source, meaning.status) == (name, status)
    assert list(meaning.changes) == [Change(ChangeKind.ADDED, path) for path in paths]


@pytest.mark.parametrize(("name", "payload"), [row[:2] for row in CASES.values()], ids=CASES.keys())
def test_the_universal_endpoint_knows_each_server(name, payload):
    assert recognise(payload).name == name


def _multipart(part, document, *more):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{part}"\r\nContent-Type: application/json\r\n\r\n'
    body = head.encode() + document + b"\r\n" + b"".join(more) + f"--{BOUNDARY}--\r\n".encode()
    return body, f"multipart/form-data; boundary={BOUNDARY}"


def _picture():
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="thumb"; filename="thumb.jpg"\r\n'
    return head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + JPEG + b"\r\n"


def test_plex_wraps_its_payload_beside_a_picture():
    body, content_type = _multipart("payload", json.dumps(LIBRARY_NEW).encode(), _picture())

    assert payload_of(body, content_type) == LIBRARY_NEW


def test_the_picture_may_come_first():
    body, content_type = _multipart("payload", json.dumps(LIBRARY_NEW).encode())

    assert payload_of(_picture() + body, content_type) == LIBRARY_NEW


@pytest.mark.parametrize(
    "wrapped",
    [
        (json.dumps(EMBY_NEW).encode(), "application/json"),
        (json.dumps(EMBY_NEW).encode(), "application/x-www-form-urlencoded"),
        _multipart("data", json.dumps(EMBY_NEW).encode()),
    ],
    ids=["json", "mislabelled json", "multipart"],
)
def test_emby_is_read_in_every_wrapping(wrapped):
    assert payload_of(*wrapped) == EMBY_NEW


@pytest.mark.parametrize("content_type", ["text/plain", "text/plain; charset=utf-8", "", "nonsense"])
def test_jellyfin_is_read_whatever_it_calls_its_text(content_type):
    assert payload_of(json.dumps(JELLYFIN_NEW).encode(), content_type) == JELLYFIN_NEW


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"file_path=/a.mkv", "application/x-www-form-urlencoded"),
        (b'["a"]', "application/json"),
        (b"null", "application/json"),
        (b'{"a": NaN}', "application/json"),
        (b'{"a": "\xff"}', "application/json"),
        (b'{"a": 1', "application/json"),
        (b'{"a":' * 5000, "application/json"),
        (b'--b\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{}', "multipart/form-data"),
        (
            b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\n{}\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
        (b"no boundary anywhere", "multipart/form-data; boundary=b"),
        (b"--b\r\nnonsense\r\n\r\n{}\r\n--b--\r\n", "multipart/form-data; boundary=b"),
        (b"{}", "multipart/related; boundary=b"),
    ],
)
def test_what_holds_no_json_object_is_refused(body, content_type):
    with pytest.raises(Reject) as refused:
        payload_of(body, content_type)

    assert refused.value.code == "NOT_JSON"
