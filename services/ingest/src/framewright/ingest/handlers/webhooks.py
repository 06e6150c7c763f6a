"""The doors for senders: authenticate, bound, store, answer; in that order.

The raw event is durable before any 2xx (and before a 400 for a shape nobody knows: it can be replayed when a later version
understands it). The meaning is worked out twice: here for the answer, and by the consumer that acts on it.
"""

import hashlib
import math
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from framewright.chassis.clock import now
from framewright.chassis.metrics import REQUESTS, WEBHOOKS
from framewright.chassis.security import admits, credentials
from framewright.chassis.telemetry import span
from framewright.contracts.media import RawEventV1
from framewright.domain.errors import Reject, Retry
from framewright.ingest.domain.flood import Flood
from framewright.ingest.domain.meaning import SERVER_ROUTE, UNIVERSAL, Ground, Reply, reply, standing, understood
from framewright.vendors import SOURCES

MAX_BODY = 1024 * 1024

BodyOf = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Door:
    """What the routes need: who may enter and how often, what is configured, where events are stored.

    `loaded` waits until these answers are the configured ones; it raises Retry when that takes too long.
    """

    loaded: Callable[[], Awaitable[None]]
    allowed: Callable[[], list[str]]
    ground: Callable[[], Ground]
    store: Callable[[RawEventV1], Awaitable[None]]
    flood: Flood


@dataclass(frozen=True, slots=True)
class Entry:
    """Under which name a request is stored: its route, the server of its URL, and what is made of its body before."""

    route: str
    server_id: str = ""
    body_of: BodyOf = bytes


def webhook_routes(door: Door, server_pass: str = "") -> list[Route]:
    """`POST /api/webhooks/<source>`, `/incoming`, `/server/{id}`, and autoscan's `POST /{SERVER_PASS}`."""

    def route_for(name: str) -> Route:
        async def endpoint(request: Request) -> Response:
            return await guarded(door, request, Entry(name, request.query_params.get("server_id", "")))

        return Route(f"/api/webhooks/{name}", endpoint, methods=["POST", "PUT"])

    async def pinned(request: Request) -> Response:
        return await guarded(door, request, Entry(SERVER_ROUTE, request.path_params["server_id"]))

    async def by_pass(request: Request) -> Response:
        return await _receive(door, request, Entry("autoscan"))

    routes = [route_for(name) for name in (UNIVERSAL, *(source.name for source in SOURCES))]
    routes.append(Route("/api/webhooks/server/{server_id}", pinned, methods=["POST", "PUT"]))
    if server_pass:
        routes.append(Route(f"/{server_pass}", by_pass, methods=["POST"]))
    return routes


async def no_such_route(_request: Request, error: Exception) -> Response:
    """An unknown path or method in the form of every other error (a Starlette handler of `HTTPException`).

    Its code is not NOT_FOUND: that one says that the route is there and the thing is not.
    """
    assert isinstance(error, HTTPException)
    code = {404: "NO_ROUTE", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "ERROR")
    return JSONResponse({"error": error.detail, "code": code}, error.status_code, headers=error.headers)


async def guarded(door: Door, request: Request, entry: Entry) -> Response:
    """Let the request in when its sender may enter; nothing of a refused body is read."""
    refusal = await refused_entry(door, request, entry)
    return refusal or await _receive(door, request, entry)


async def refused_entry(door: Door, request: Request, entry: Entry) -> Response | None:
    """The answer to a sender who may not enter, or not now; None for everybody else."""
    try:
        await door.loaded()
    except Retry as error:
        return _come_again(entry.route, error)
    if not admits(credentials(request.headers, request.query_params), door.allowed()):
        response = refused(entry.route, 401, "missing or wrong credentials", "UNAUTHORIZED")
        response.headers["WWW-Authenticate"] = 'Basic realm="Framewright"'  # some clients show it only when asked for
        return response
    if entry.server_id and not any(one.id == entry.server_id for one in door.ground().servers):
        return refused(entry.route, 404, f"no server {entry.server_id!r}", "NOT_FOUND")
    return None


async def _receive(door: Door, request: Request, entry: Entry) -> Response:
    wait = door.flood.wait(_sender(request), entry.route, time.monotonic())
    if wait > 0:
        return _too_many(entry.route, wait)
    began = time.perf_counter()
    with span(f"POST /api/webhooks/{entry.route}", headers=request.headers):
        try:
            body = entry.body_of(await _body(request))
            response = await _accept(door, request, entry, body)
        except Reject as error:
            response = refused(entry.route, 413 if error.code == "TOO_LARGE" else 400, error.reason, error.code)
        except Retry as error:
            response = _come_again(entry.route, error)
    REQUESTS.labels(f"/api/webhooks/{entry.route}", str(response.status_code)).observe(time.perf_counter() - began)
    return response


async def _accept(door: Door, request: Request, entry: Entry, body: bytes) -> Response:
    event = RawEventV1(
        id=uuid.uuid4().hex,
        route=entry.route,
        received_at=now(),
        body=body,
        content_type=request.headers.get("content-type", "")[:200],
        server_id=entry.server_id,
    )
    await door.store(event)
    try:
        meaning = standing(understood(event), event, door.ground())
    except Reject as error:
        raise Reject(error.reason, code="VALIDATION_ERROR") from error
    WEBHOOKS.labels(entry.route, meaning.status).inc()
    return _json(reply(event, meaning))


async def _body(request: Request) -> bytes:
    """The whole body, or a refusal as soon as it is known to be too large.

    Raises:
        Reject: code TOO_LARGE.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MAX_BODY:
        raise Reject("the body is larger than 1 MiB", code="TOO_LARGE")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise Reject("the body is larger than 1 MiB", code="TOO_LARGE")
    except ClientDisconnect as error:
        raise Reject("the sender left before the body was complete", code="VALIDATION_ERROR") from error
    return bytes(body)


def _sender(request: Request) -> str:
    """The address of the peer, then a digest of what it showed: nobody can use up the share of somebody else."""
    given = "\x1f".join(sorted(credentials(request.headers, request.query_params)))
    digest = hashlib.blake2b(given.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{request.client.host if request.client else 'unknown'} {digest}"


def _too_many(route: str, wait: float) -> Response:
    response = refused(route, 429, "too many requests at once", "TOO_MANY_REQUESTS")
    response.headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return response


def _come_again(route: str, error: Retry) -> Response:
    response = refused(route, 503, error.reason, error.code)
    response.headers["Retry-After"] = "5"
    return response


def refused(route: str, status: int, reason: str, code: str) -> Response:
    """An error as every sender gets it."""
    WEBHOOKS.labels(route, code).inc()
    return JSONResponse({"success": False, "error": reason, "code": code}, status_code=status)


def _json(answer: Reply) -> Response:
    return JSONResponse(dict(answer.body), status_code=answer.status_code)
