"""Watches over what an HTTP client sends and gets, and over which routes of a simulator that reaches."""

import json
from collections.abc import Iterable

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from .documents import JSON, Exchange, first_match

PANEL = "/_simulator"
EVENTS = "text/event-stream"


def witnessed(http: httpx.AsyncClient) -> list[Exchange]:
    """The list in which every exchange of the client appears from now on; a stream of events is not read."""
    seen: list[Exchange] = []

    async def note(response: httpx.Response) -> None:
        if kind_of(response) != EVENTS:
            await response.aread()
        seen.append(noted(response))

    http.event_hooks = {"response": [note]}
    return seen


def noted(response: httpx.Response) -> Exchange:
    """The exchange behind an answer."""
    request, kind = response.request, kind_of(response)
    answer = None if kind == EVENTS else value_of(response.content, kind)
    return Exchange(
        method=request.method,
        path=request.url.path,
        query=dict(request.url.params),
        body=value_of(request.content, request.headers.get("content-type", "")),
        status=response.status_code,
        kind=kind,
        answer=answer,
    )


def kind_of(response: httpx.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0]


def value_of(content: bytes, kind: str) -> object:
    if not content:
        return None
    return json.loads(content) if kind == JSON else content


def routes(app: FastAPI) -> list[str]:
    """The routes of a simulator as calls in their order, without its panel and without Emby's second address for each."""
    found: list[str] = []
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if not path.startswith((PANEL, "/emby/")):
            found += [f"{method} {path}" for method in sorted(route.methods or {"GET"})]
    return found


def reached(exchanges: Iterable[Exchange], known: list[str]) -> set[str]:
    """The routes that these exchanges went to."""
    return {call for one in exchanges if (call := first_match(one, known))}
