"""`/api/auth`: a session for scripts of the browser, as the login page gives one to its form."""

import time

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.ui.handlers.access import COOKIE, Door, client, counted, entered, left
from framewright.ui.handlers.answers import Json, problem
from framewright.ui.handlers.bodies import body_as


class Credential(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operators' token."""

    token: str


def routes(door: Door) -> APIRouter:
    """Log in, ask, log out."""
    router = APIRouter(prefix="/api/auth", tags=["auth"])

    @router.post("/login", summary="Trade the token for a session cookie; ten attempts a minute")
    async def login(request: Request) -> Response:
        return counted(await _login(door, request), door.api_turnstile, request)

    @router.get("/status", summary="How the caller is known, and whether a login is needed at all")
    async def status(request: Request) -> Response:
        by_cookie = door.sessions.holds(request.cookies.get(COOKIE, ""))
        return Json(
            {
                "authenticated": True,
                "auth_method": "external" if door.external else "internal",
                "session": by_cookie,
            }
        )

    @router.post("/logout", summary="End the session")
    async def logout() -> Response:
        return left()

    return router


async def _login(door: Door, request: Request) -> Response:
    wait = door.api_turnstile.wait(client(request), time.monotonic())
    if wait:
        seconds = str(int(wait) + 1)
        return problem(429, "RATE_LIMITED", f"too many attempts; try again in {seconds} seconds", Retry_After=seconds)
    given = await body_as(request, Credential)
    if not door.knows(given.token.strip()):
        return problem(401, "UNAUTHORIZED", "that is not the token")
    return entered(Json({"success": True}), door, request)
