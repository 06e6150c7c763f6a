"""From the bytes of a webhook to its JSON object, whatever it was wrapped in.

Jellyfin sends JSON as text/plain, Plex wraps it in the multipart part `payload` (beside a picture), Emby in `data`; some
senders mislabel JSON. So the content type is only a hint, except for multipart.
"""

import io
import json
from typing import Any, NoReturn

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_form

from framewright.domain.errors import Reject
from framewright.vendors.source import Payload

PARTS = ("payload", "data")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def payload_of(body: bytes, content_type: str) -> Payload:
    """The JSON object in a request body.

    Raises:
        Reject: code NOT_JSON, the body holds no JSON object.
    """
    document = _part(body, content_type) if content_type.lower().startswith("multipart/") else body
    try:
        payload = _decoded(document.removeprefix(BYTE_ORDER_MARK))
    except (ValueError, RecursionError) as error:
        raise Reject("the body is not JSON", code="NOT_JSON") from error
    if not isinstance(payload, dict):
        raise Reject("the body must be a JSON object", code="NOT_JSON")
    return payload  # pyright: ignore[reportUnknownVariableType]


def _decoded(document: bytes) -> Any:
    """The value in the document; half a character, which a file name on Windows may hold, is legal in JSON.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.
    """
    try:
        return msgspec.json.decode(document)
    except msgspec.DecodeError:
        return json.loads(document, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


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
