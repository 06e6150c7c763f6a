"""Answers and bodies: JSON by msgspec, one shape for every error."""

from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from framewright.domain.errors import Reject


class Json(Response):
    """A JSON answer of anything msgspec can write: structs, dataclasses, builtins."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The body."""
        return msgspec.json.encode(content)


def problem(status: int, code: str, message: str, **headers: str) -> Json:
    """An error in the one shape that all errors have."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Json({"error": message, "code": code}, status, headers=named)


def missing(what: str) -> Reject:
    """The error for a thing that is not there."""
    return Reject(what, code="NOT_FOUND")


def invalid(field: str, what: str) -> Reject:
    """The error for a field that is wrong."""
    return Reject(f"{field} {what}", code="VALIDATION_ERROR")


async def json_object(request: Request) -> dict[str, Any]:
    """The body, which must be a JSON object.

    Raises:
        Reject: code VALIDATION_ERROR.
    """
    try:
        return msgspec.json.decode(await request.body(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise invalid("body", "must be a JSON object") from error
