"""The door: who may call, and the login and logout of browsers.

Programs send the token (`X-Auth-Token` or `Authorization: Bearer`). Browsers trade it for a cookie; a request that
changes something on the strength of a cookie must also show that it comes from our own page.
"""

import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from framewright.chassis.security import admits, credentials
from framewright.ui.domain.admission import (
    SAFE_METHODS,
    SESSION_SECONDS,
    Turnstile,
    client_of,
    safe_return,
    same_site,
)
from framewright.ui.domain.plex_provider import PATH as PROVIDER_PATH
from framewright.ui.domain.ports import Cookies, Pages
from framewright.ui.handlers.answers import Json, problem

COOKIE = "framewright_session"

OPEN_PATHS = frozenset({"/api/health", "/live", "/ready", "/metrics", "/login", "/api/auth/login", "/favicon.ico"})

OPEN_BELOW = ("/static/", f"{PROVIDER_PATH}/")
"""What needs no credential of ours: files for pages, and the provider, whose address is the credential."""


@dataclass(frozen=True, slots=True)
class Door:
    """The rules of admission; `external` when somebody in front of us already decides."""

    token: str = field(repr=False)
    sessions: Cookies
    external: bool = False
    https: bool = False
    turnstile: Turnstile = field(default_factory=Turnstile)
    api_turnstile: Turnstile = field(default_factory=lambda: Turnstile(limit=10))

    def knows(self, token: str) -> bool:
        """Whether this is the operators' token."""
        return admits([token], [self.token])

    def refusal(self, connection: HTTPConnection, method: str) -> Response | None:
        """Why the request may not pass; None when it may."""
        headers = connection.headers
        if admits(credentials(headers, {}), [self.token]):
            return None
        if not self.external and not self.sessions.holds(connection.cookies.get(COOKIE, "")):
            return _turned_away(connection, method)
        if method not in SAFE_METHODS and not same_site(headers, lenient=self.external):
            return problem(403, "FORBIDDEN", "send the X-Requested-With header, or the token, to change something")
        return None


class Gate:
    """ASGI middleware that lets through what the door admits."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or scope["path"].startswith(OPEN_BELOW):
            await self._app(scope, receive, send)
            return
        refusal = self._door.refusal(HTTPConnection(scope), scope["method"])
        await (refusal or self._app)(scope, receive, send)


def routes(door: Door, pages: Pages) -> APIRouter:
    """`/login` and `/logout`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    async def show(request: Request) -> Response:
        return _page(pages, safe_return(request.query_params.get("next", "/")), 200, "")

    @router.post("/login")
    async def enter(request: Request) -> Response:
        answer = await _entry(door, pages, request)
        return counted(answer, door.turnstile, request)

    @router.post("/logout")
    async def leave() -> Response:
        return left()

    return router


def counted(answer: Response, turnstile: Turnstile, request: Request) -> Response:
    """The answer with how many attempts the client has left."""
    limit, remaining, more = turnstile.standing(client(request), time.monotonic())
    reset = int(time.time()) + more
    named = {"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset}
    answer.headers.update({name: str(value) for name, value in named.items()})
    return answer


def entered(answer: Response, door: Door, request: Request) -> Response:
    """The answer with the cookie of a new session."""
    secure = door.https or request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
    answer.set_cookie(
        COOKIE, door.sessions.open(), SESSION_SECONDS, httponly=True, samesite="lax", secure=secure, path="/"
    )
    return answer


def left() -> Response:
    """The end of a browser's session."""
    answer = Json({"success": True})
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return answer


async def _entry(door: Door, pages: Pages, request: Request) -> Response:
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    target = safe_return(form.get("next", ["/"])[0])
    wait = door.turnstile.wait(client(request), time.monotonic())
    if wait:
        answer = _page(pages, target, 429, f"Too many attempts. Try again in {int(wait) + 1} seconds.")
        answer.headers["Retry-After"] = str(int(wait) + 1)
        return answer
    if not door.knows(form.get("token", [""])[0].strip()):
        return _page(pages, target, 401, "That is not the token.")
    return entered(RedirectResponse(target, 303), door, request)


def _page(pages: Pages, target: str, status: int, message: str) -> Response:
    return HTMLResponse(pages.render("login.html", {"target": target, "message": message}), status)


def _turned_away(connection: HTTPConnection, method: str) -> Response:
    path = connection.url.path
    if method == "GET" and not path.startswith("/api/") and _wants_a_page(connection.headers):
        return RedirectResponse(f"/login?next={quote(path)}", 303)
    return problem(
        401, "UNAUTHORIZED", "send the token as X-Auth-Token or Authorization: Bearer", WWW_Authenticate="Bearer"
    )


def _wants_a_page(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "")


def client(request: Request) -> str:
    """The address that attempts are counted by."""
    peer = request.client.host if request.client else ""
    return client_of(peer, request.headers.get("x-forwarded-for", ""))
