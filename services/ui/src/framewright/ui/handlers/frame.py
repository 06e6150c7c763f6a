"""What surrounds every request: a limit for bodies, headers for browsers, and a stop-watch."""

import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from framewright.chassis.metrics import REQUESTS
from framewright.domain.errors import Reject
from framewright.ui.handlers.answers import problem

BODY_LIMIT = 1024 * 1024

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_ENDLESS = "/api/events"


class BodyLimit:
    """Refuses a body over 1 MiB, by its announced length or as soon as so much has come."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > self._limit:
            await problem(413, "PAYLOAD_TOO_LARGE", _too_large(self._limit))(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._limit:
                raise Reject(_too_large(self._limit), code="PAYLOAD_TOO_LARGE")
            return message

        await self._app(scope, counted, send)


class BrowserHeaders:
    """Adds the security headers, and forbids caching where a route does not say otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to its answer."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, dressed)


class StopWatch:
    """Measures requests by route template, so that no path becomes a label."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how long it took."""
        if scope["type"] != "http" or scope["path"] == _ENDLESS:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = "500"

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            REQUESTS.labels(route, status).observe(time.perf_counter() - began)


def _too_large(limit: int) -> str:
    return f"the body is larger than {limit} bytes"
