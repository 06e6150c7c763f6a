"""The door of every simulated server: records each call, applies faults, asks for credentials, then lets it through.

`/_simulator/*` is the control panel and needs no credentials: simulators listen on loopback only.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response, WebSocket
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from framewright.vendors.simulation.instruments import MASK, Fault, FaultKind, Instruments, Recorded, Watched

PANEL = "/_simulator"

Guard = Callable[[HTTPConnection], Response | None]
"""The refusal of a call, None when it may pass."""

_SECRET_NAMES = frozenset(
    {"x-plex-token", "x-emby-token", "x-mediabrowser-token", "api_key", "apikey", "authorization"}
)
_SHOWN_HEADERS = re.compile(r"accept$|authorization$|content-type$|x-(plex|emby|mediabrowser)-.*")
_QUOTED_SECRET = re.compile(r'(Token|Pw)(["\s=:]+)"[^"]*"')
_LONGEST_BODY = 4096


def guarded(app: FastAPI, instruments: Instruments, guard: Guard) -> FastAPI:
    """The app with its door and its control panel."""
    app.include_router(_panel(instruments))
    app.add_middleware(_Gate, instruments=instruments, guard=guard)
    return app


class _Gate:
    def __init__(self, app: ASGIApp, instruments: Instruments, guard: Guard) -> None:
        self._app = app
        self._instruments = instruments
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._open(scope, receive, send)
            return
        if scope["type"] != "http" or scope["path"].startswith(PANEL):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        self._instruments.calls.append(_recorded(request.method, request, body))
        fault = self._instruments.take(request.method, request.url.path)
        if fault is not None and await _applied(fault, scope, receive, send):
            return
        answer = self._guard(request) or self._app
        await answer(scope, _replayed(body, receive), send)

    async def _open(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket: whatever its fault, it is refused with the fault's status."""
        socket = WebSocket(scope, receive, send)
        self._instruments.calls.append(_recorded("GET", socket, b""))
        fault = self._instruments.take("GET", socket.url.path)
        refusal = Response(status_code=fault.status) if fault else self._guard(socket)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await socket.send_denial_response(refusal)


async def _applied(fault: Fault, scope: Scope, receive: Receive, send: Send) -> bool:
    """Apply the fault; whether the call is over with it."""
    if fault.kind is FaultKind.LATENCY:
        return await _caller_left(receive, fault.seconds)
    if fault.kind is FaultKind.RESET:
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        return True
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    status = fault.status if fault.kind is FaultKind.STATUS else 200
    await Response(fault.body, status, headers, fault.content_type)(scope, receive, send)
    return True


async def _caller_left(receive: Receive, seconds: float) -> bool:
    """Wait, but no longer than the caller does."""
    try:
        await asyncio.wait_for(receive(), seconds)
    except TimeoutError:
        return False
    return True


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body that was read already, then whatever comes after it: whoever streams waits there for the caller to leave."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay


def _recorded(method: str, request: HTTPConnection, body: bytes) -> Recorded:
    text = body[:_LONGEST_BODY].decode("utf-8", "replace")
    return Recorded(
        method=method,
        path=request.url.path,
        query={name: _masked(name, value) for name, value in request.query_params.items()},
        headers={name: _masked(name, value) for name, value in request.headers.items() if _SHOWN_HEADERS.match(name)},
        body=_QUOTED_SECRET.sub(rf'\1\2"{MASK}"', text),
    )


def _masked(name: str, value: str) -> str:
    """The value with its secret hidden; what else an authorization header says stays readable."""
    if name.lower() in _SECRET_NAMES:
        return _QUOTED_SECRET.sub(rf'\1\2"{MASK}"', value) if "=" in value else MASK
    return _QUOTED_SECRET.sub(rf'\1\2"{MASK}"', value)


def _panel(instruments: Instruments) -> APIRouter:
    router = APIRouter(prefix=PANEL)

    @router.get("/calls")
    async def calls() -> Response:
        return Response(msgspec.json.encode(list(instruments.calls)), media_type="application/json")

    @router.post("/faults")
    async def inject(request: Request) -> Response:
        try:
            given: Any = msgspec.json.decode(await request.body())
            faults = msgspec.convert(given if isinstance(given, list) else [given], list[Fault])
        except msgspec.DecodeError as error:
            return Response(str(error), 400, media_type="text/plain")
        instruments.inject(*faults)
        return Response(status_code=204)

    @router.delete("/faults")
    async def clear() -> Response:
        instruments.clear()
        return Response(status_code=204)

    @router.put("/sessions")
    async def watch(request: Request) -> Response:
        try:
            watched = msgspec.json.decode(await request.body(), type=list[Watched])
        except msgspec.DecodeError as error:
            return Response(str(error), 400, media_type="text/plain")
        instruments.watch(*watched)
        return Response(status_code=204)

    @router.delete("/streams")
    async def cut() -> Response:
        instruments.cut_streams()
        return Response(status_code=204)

    return router
