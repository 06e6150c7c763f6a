"""Bodies of requests as structs, every complaint with the name of its field."""

from typing import TypeVar

import msgspec
from fastapi import Request

from framewright.domain.errors import Reject

T = TypeVar("T")


async def body_as(request: Request, kind: type[T]) -> T:
    """The body; one that is empty counts as an object without fields, and fields that nobody knows are ignored.

    Raises:
        Reject: code VALIDATION_ERROR.
    """
    sent = await request.body()
    try:
        return msgspec.json.decode(sent or b"{}", type=kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        field = where.rstrip("`").lstrip(".") or "body"
        raise Reject(f"{field}: {what}", code="VALIDATION_ERROR") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Reject("body must be a JSON object", code="VALIDATION_ERROR") from error
