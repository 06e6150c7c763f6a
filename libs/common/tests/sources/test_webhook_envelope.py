"""From the bytes of a webhook to its JSON object, in the wrappings that the senders use."""

import json

import pytest

from framewright.domain.errors import Reject
from framewright.vendors.envelope import payload_of

from .recorded.row import BOUNDARY, part, picture
from .recorded.servers import EMBY, JELLYFIN, PLEX

LIBRARY_NEW, EMBY_NEW, JELLYFIN_NEW = PLEX[0].payload, EMBY[0].payload, JELLYFIN[0].payload


def multipart(name, document, *more):
    body = part(name, document) + b"".join(more) + f"--{BOUNDARY}--\r\n".encode()
    return body, f"multipart/form-data; boundary={BOUNDARY}"


def test_plex_wraps_its_payload_beside_apicture():
    body, content_type = multipart("payload", json.dumps(LIBRARY_NEW).encode(), picture())

    assert payload_of(body, content_type) == LIBRARY_NEW


def test_the_picture_may_come_first():
    body, content_type = multipart("payload", json.dumps(LIBRARY_NEW).encode())

    assert payload_of(picture() + body, content_type) == LIBRARY_NEW


@pytest.mark.parametrize(
    "wrapped",
    [
        (json.dumps(EMBY_NEW).encode(), "application/json"),
        (json.dumps(EMBY_NEW).encode(), "application/x-www-form-urlencoded"),
        multipart("data", json.dumps(EMBY_NEW).encode()),
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


def test_a_byte_order_mark_is_no_obstacle():
    assert payload_of(b"\xef\xbb\xbf" + json.dumps(EMBY_NEW).encode(), "application/json") == EMBY_NEW


def test_a_template_with_an_unescaped_quote_is_refused():
    body = b'{"NotificationType": "ItemAdded", "Name": "The "Demo"", "ItemId": "9f2c"}'

    with pytest.raises(Reject) as refused:
        payload_of(body, "text/plain")

    assert refused.value.code == "NOT_JSON"
