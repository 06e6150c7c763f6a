"""What holds for every source and every payload: an answer, never an exception."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framewright.domain.errors import Reject
from framewright.vendors import SOURCES, recognise
from framewright.vendors.envelope import payload_of
from framewright.vendors.source import LONGEST_WORD, Status, Understood, flaw

from .mutated import mutated

FIELDS = (
    "eventType", "event", "Event", "NotificationType", "movie", "movieFile", "renamedMovieFiles", "series", "episodes",
    "episodeFile", "episodeFiles", "renamedEpisodeFiles", "isUpgrade", "filePath", "folderPath", "path", "relativePath",
    "previousPath", "title", "file_path", "file_paths", "filepath", "Metadata", "Media", "Part", "file", "owner",
    "Account", "Server", "Item", "Name", "Path", "ItemPath", "instanceName", "artist", "trackFiles", "author", "bookFiles",
    "deletedFiles", "downloadId", "destination_files", "action", "rating_key", "notification_type", "media", "tmdbId",
    "prefix", "created", "deleted", "dirs", "source", "ratingKey", "uuid", "Id", "ItemId", "ServerId",
)  # fmt: skip
WORDS = ("Download", "Rename", "Test", "Manual", "library.new", "ItemAdded", "test.ping", "/data/a.mkv", "C:\\a.mkv")

texts = st.sampled_from(WORDS) | st.text(max_size=8)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
payloads = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), values, max_size=6)


def _holds(meaning: Understood) -> bool:
    """Whether the meaning can be acted on and put into a message, whatever the sender wrote."""
    paths = [path for change in meaning.changes for path in (change.path, change.previous_path, *change.replaces)]
    ids = [name for item in meaning.items for name in (item.item_id, *dict(item.provider_ids).values())]
    assert (meaning.status is Status.QUEUED) == bool(meaning.changes or meaning.items)
    assert (meaning.status is Status.PLAYBACK) == bool(meaning.watching)
    assert all(change.path for change in meaning.changes)
    assert not any(flaw(path) for path in paths if path)
    assert all(name.replace("-", "").replace("_", "").isalnum() for name in ids if name)
    assert max(map(len, (meaning.title, meaning.reason, meaning.event_type))) <= LONGEST_WORD
    return bool(msgspec.json.encode(meaning))


@settings(max_examples=150, deadline=None)
@given(payload=payloads)
def test_every_source_has_an_answer_to_any_object(payload):
    for source in SOURCES:
        meaning = source.understand(payload)

        assert isinstance(meaning, Understood)
        assert _holds(meaning)


@settings(max_examples=400, deadline=None)
@given(payload=mutated())
def test_a_recorded_payload_gone_wrong_still_has_a_meaning(payload):
    for source in SOURCES:
        meaning = source.understand(payload)

        assert _holds(meaning)
        assert meaning.source == source.name
    assert recognise(payload) is None or recognise(payload) in SOURCES


@settings(max_examples=100, deadline=None)
@given(payload=mutated())
def test_only_those_who_write_their_payloads_are_told_that_they_are_wrong(payload):
    refusing = {source.name for source in SOURCES if source.understand(payload).status is Status.UNRECOGNISED}

    assert refusing <= {"custom", "autoscan"}


@settings(max_examples=100, deadline=None)
@given(payload=payloads)
def test_a_recognised_sender_understands_its_own_shape_without_an_error(payload):
    sender = recognise(payload)

    assert sender is None or sender.understand(payload).source == sender.name


@settings(max_examples=100, deadline=None)
@given(payload=payloads)
def test_what_was_sent_is_what_is_read(payload):
    assert payload_of(json.dumps(payload).encode(), "text/plain") == payload


@settings(max_examples=100, deadline=None)
@given(
    body=st.binary(max_size=200)
    | st.binary(max_size=60).map(lambda middle: b"--b\r\n" + middle + b"\r\n\r\n{}\r\n--b--"),
    content_type=st.text(max_size=30) | st.just("multipart/form-data; boundary=b"),
)
def test_any_bytes_are_an_object_or_refused(body, content_type):
    try:
        read = payload_of(body, content_type)
    except Reject as error:
        read = error

    assert isinstance(read, dict) or read.code == "NOT_JSON"


DEEP = 400


@pytest.mark.parametrize("field", ["eventType", "movie", "series", "Event", "event", "NotificationType", "title"])
def test_a_deeply_nested_field_is_no_exception(field):
    nested = json.loads("[" * DEEP + "]" * DEEP)

    for source in SOURCES:
        meaning = source.understand({"eventType": "Download", "file_path": "/a.mkv", "filepath": "/a", field: nested})

        assert isinstance(meaning.event_type, str)
        assert len(meaning.reason) <= 300
