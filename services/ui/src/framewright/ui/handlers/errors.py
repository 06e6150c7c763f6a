"""Failures become answers: always `{"error", "code"}`, except for a route that does not exist.

That one keeps Starlette's `{"detail": "Not Found"}`, so that a client can tell a missing thing from a missing route.
"""

from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from framewright.domain.errors import BadPath, FramewrightError, Reject, Retry
from framewright.ui.handlers.answers import problem

_STATUS = {
    "VALIDATION_ERROR": 400,
    "UNAUTHORIZED": 401,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "PAYLOAD_TOO_LARGE": 413,
}

_NOT_FOUND = 404


def install(app: FastAPI) -> None:
    """Register every handler."""
    app.add_exception_handler(Reject, _rejected)
    app.add_exception_handler(Retry, _unavailable)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _broken)


async def _rejected(_request: Request, error: Exception) -> Response:
    failure = cast("FramewrightError", error)
    if isinstance(error, BadPath):
        return problem(400, "VALIDATION_ERROR", f"path is wrong: {failure.reason}")
    status = _STATUS.get(failure.code)
    return problem(status, failure.code, failure.reason) if status else problem(500, "SERVER_ERROR", failure.reason)


async def _unavailable(_request: Request, error: Exception) -> Response:
    failure = cast("Retry", error)
    return problem(503, failure.code, failure.reason, Retry_After=str(int(failure.after or 2)))


async def _invalid(_request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()
    first: dict[str, Any] = found[0] if found else {"loc": ("request",), "msg": "is wrong"}
    field = ".".join(str(part) for part in first["loc"][1:]) or "request"
    return problem(400, "VALIDATION_ERROR", f"{field}: {first['msg']}")


async def _refused(_request: Request, error: Exception) -> Response:
    refused = cast("HTTPException", error)
    if refused.status_code == _NOT_FOUND:
        return JSONResponse({"detail": "Not Found"}, _NOT_FOUND)
    code = refused.detail.upper().replace(" ", "_")
    answer = problem(refused.status_code, code, refused.detail)
    answer.headers.update(refused.headers or {})
    return answer


async def _broken(_request: Request, _error: Exception) -> Response:
    return problem(500, "SERVER_ERROR", "something went wrong here; the log says what")
