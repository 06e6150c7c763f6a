"""From the bytes of a webhook to its JSON object, whatever it was wrapped in.

Jellyfin sends JSON as text/plain, Plex wraps it in the multipart part `payload` (beside a picture), Emby in `data`; some
senders mislabel JSON. So the content type is only a hint, except for multipart.
"""

import io

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_form

from framewright.domain.errors import Reject
from framewright.vendors.source import Payload

PARTS = ("payload", "data")


def payload_of(body: bytes, content_type: str) -> Payload:
    """The JSON object in a request body.

    Raises:
        Reject: code NOT_JSON, the body holds no JSON object.
    """
    document = _part(body, content_type) if content_type.lower().startswith("multipart/") else body
    try:
        payload = msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Reject("the body is not JSON", code="NOT_JSON") from error
    if not isinstance(payload, dict):
        raise Reject("the body must be a JSON object", code="NOT_JSON")
    return payload  # pyright: ignore[reportUnknownVariableType]


def _part(body: bytes, content_type: str) -> bytes:
    """The first of the known parts; the picture that comes beside it is dropped."""
    found: dict[str, bytes] = {}

    def keep_field(field: Field) -> None:
        found[(field.field_name or b"").decode("utf-8", "replace")] = field.value or b""

    def keep_file(file: File) -> None:
        file.file_object.seek(0)
        found[(file.field_name or b"").decode("utf-8", "replace")] = file.file_object.read()

    try:
        headers = {"Content-Type": content_type.encode("latin-1", "replace")}
        parse_form(headers, io.BytesIO(body), keep_field, keep_file)
    except (FormParserError, ValueError) as error:
        raise Reject("the multipart body is broken", code="NOT_JSON") from error
    return next((found[name] for name in PARTS if name in found), b"")
