"""Calls that wait for somebody else's server: bounded in time, and every failure an answer with a reason.

A refused credential of theirs is never our 401: that one says that the caller may not use this API.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from framewright.domain.errors import FramewrightError, Retry
from framewright.ui.handlers.answers import Json, invalid, json_object

PATIENCE = 25.0
"""Longest wait in seconds of an operator before a screen."""

OURS = frozenset({"VALIDATION_ERROR", "NOT_FOUND", "CONFLICT", "BUS_UNAVAILABLE", "STOPPING"})
"""Codes that are about the request or about us, and have answers of their own."""

_ANSWERS: dict[str, tuple[int, str, str]] = {
    "UNAUTHORIZED": (400, "CREDENTIALS_REFUSED", "credentials_refused"),
    "PLEX_NOT_SIGNED_IN": (400, "PLEX_NOT_SIGNED_IN", "missing_token"),
    "PLEX_SIGN_IN_AGAIN": (400, "PLEX_SIGN_IN_AGAIN", "sign_in_again"),
    "PLEX_PASS_REQUIRED": (403, "PLEX_PASS_REQUIRED", "plex_pass_required"),
    "QUICK_CONNECT_DISABLED": (403, "QUICK_CONNECT_DISABLED", "quick_connect_disabled"),
    "KEY_REFUSED": (502, "UPSTREAM_ERROR", "device_key_refused"),
    "WRONG_SERVER": (502, "UPSTREAM_ERROR", "wrong_server"),
    "BUSY": (503, "UPSTREAM_BUSY", "busy"),
}
_OTHERWISE = (502, "UPSTREAM_ERROR", "network_error")
_REFUSED = (502, "UPSTREAM_ERROR", "unknown")


class Failure(msgspec.Struct, frozen=True):
    """What went wrong elsewhere: a sentence, a code, and a short reason for programs."""

    status: int
    error: str
    code: str
    reason: str
    after: float | None = None

    def answer(self, **more: object) -> Response:
        """The failure as an answer."""
        headers = {"Retry-After": str(int(self.after or 2))} if self.status == 503 else {}  # noqa: PLR2004
        body = {"error": self.error, "code": self.code, "reason": self.reason, **more}
        return Json(body, self.status, headers=headers)


def failure(error: FramewrightError) -> Failure:
    """A failure of somebody else in our words.

    Raises:
        FramewrightError: it is the caller's or our own.
    """
    if error.code in OURS:
        raise error
    status, code, reason = _ANSWERS.get(error.code, _OTHERWISE if isinstance(error, Retry) else _REFUSED)
    return Failure(status, error.reason, code, reason, error.after if isinstance(error, Retry) else None)


async def outward(work: Awaitable[Response]) -> Response:
    """The answer of the work, or of its failure."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await work
    except TimeoutError:
        return failure(Retry(f"no answer within {PATIENCE:g} s", code="TIMEOUT")).answer()
    except FramewrightError as error:
        return failure(error).answer()


async def body_of(request: Request) -> dict[str, Any]:
    """The body, which may also be missing.

    Raises:
        Reject: code VALIDATION_ERROR, it is something else than a JSON object.
    """
    return await json_object(request) if await request.body() else {}


def text(data: dict[str, Any], field: str, *, empty: bool = False) -> str:
    """A field that must be text.

    Raises:
        Reject: code VALIDATION_ERROR, it is not, or it is missing.
    """
    value = data.get(field, "")
    if not isinstance(value, str) or not (value or empty):
        raise invalid(field, "must be text" if value else "is missing")
    return value
