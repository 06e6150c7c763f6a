"""Answers and bodies: JSON by msgspec, one shape for every error, and what the OpenAPI document says of both."""

from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from framewright.domain.errors import Reject
from framewright.ui.domain.devices import Rescanned
from framewright.ui.domain.views import FilePage, JobDetail, JobPage

DOCUMENTED = (JobPage, JobDetail, FilePage, Rescanned)
"""Shapes that stand in the OpenAPI document by name."""

_REF = "#/components/schemas/{name}"


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


def documented(kind: type[Any], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that answers this shape."""
    schema = {"$ref": _REF.format(name=kind.__name__)}
    return {status: {"description": (kind.__doc__ or "").strip(), "content": {"application/json": {"schema": schema}}}}


def components() -> dict[str, Any]:
    """JSON schemas of everything documented."""
    return msgspec.json.schema_components(DOCUMENTED, ref_template=_REF)[1]
