"""The triggers of autoscan and its relatives, so that their set-ups work with another host name: `/triggers/…`.

What they say in the URL becomes the body of the stored event, so a replay means the same.
"""

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from framewright.domain.errors import Reject
from framewright.ingest.domain.meaning import UNIVERSAL
from framewright.ingest.handlers.webhooks import Door, Entry, guarded, refused, refused_entry
from framewright.vendors import source
from framewright.vendors.source import Status

MANUAL = "autoscan"
"""The source whose payloads name folders; the trigger called `manual` is its."""

A_TRAIN = "atrain"

MOST_PATHS = 1000


def trigger_routes(door: Door, places: Mapping[str, str]) -> list[Route]:
    """`/triggers/manual?dir=…&dir=…`, `/triggers/{name}?path=…`, `POST /triggers/{name}` with a body, and A-Train's.

    `places` says where each drive of A-Train lies, by its id.
    """

    async def named(request: Request) -> Response:
        return await _named(door, request)

    async def drive(request: Request) -> Response:
        return await _of_drive(door, request, places)

    return [
        Route("/triggers/a-train/{drive}", drive, methods=["POST"]),
        Route("/triggers/{name}", named, methods=["GET", "POST"]),
    ]


def drives(text: str) -> dict[str, str]:
    """Where each drive lies, read from `<drive id>=<folder>;…`.

    Raises:
        Reject: code BAD_SETTING.
    """
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    if any(not name.strip() or not place.strip() for name, _, place in pairs):
        raise Reject("environment variable A_TRAIN_DRIVES must read <drive id>=<folder>;…", code="BAD_SETTING")
    return {name.strip(): place.strip() for name, _, place in pairs}


async def _named(door: Door, request: Request) -> Response:
    name = request.path_params["name"]
    query = request.query_params
    paths = [*query.getlist("dir"), *query.getlist("path")]
    if request.method == "HEAD":  # a sender asks whether the trigger is there
        return await refused_entry(door, request, Entry(MANUAL)) or JSONResponse({"success": True})
    if len(paths) > MOST_PATHS:
        reason = f"more than {MOST_PATHS} paths in one request"
        return await refused_entry(door, request, Entry(MANUAL)) or refused(MANUAL, 400, reason, "VALIDATION_ERROR")
    if paths:
        body = msgspec.json.encode({"dirs": paths})
        return await guarded(door, request, Entry(_taker(name, paths), body_of=lambda _: body))
    if request.method == "GET":
        reason = "the URL must name a path: ?dir=… or ?path=…"
        return await refused_entry(door, request, Entry(MANUAL)) or refused(MANUAL, 400, reason, "VALIDATION_ERROR")
    return await guarded(door, request, Entry(name if source(name) else UNIVERSAL))


async def _of_drive(door: Door, request: Request, places: Mapping[str, str]) -> Response:
    drive = request.path_params["drive"]
    refusal = await refused_entry(door, request, Entry(A_TRAIN))
    if refusal is None and drive not in places:
        reason = f"it is not configured where the drive {drive[:100]!r} lies (A_TRAIN_DRIVES)"
        refusal = refused(A_TRAIN, 404, reason, "NOT_FOUND")
    if refusal is not None:
        return refusal
    return await guarded(door, request, Entry(A_TRAIN, body_of=lambda body: _with_prefix(body, places[drive])))


def _taker(name: str, paths: list[str]) -> str:
    """The source of that name when it takes folders, else the one of manual triggers."""
    known = source(name)
    if known is None or known.understand({"dirs": paths}).status is not Status.QUEUED:
        return MANUAL
    return name


def _with_prefix(body: bytes, prefix: str) -> bytes:
    """The body with the drive's folder in it; what is no JSON object stays as it came and is refused as such."""
    try:
        payload = msgspec.json.decode(body, type=dict[str, object])
        return msgspec.json.encode({**payload, "prefix": prefix})
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return body
