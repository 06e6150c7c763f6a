"""`GET /openapi.json`: the doors as an OpenAPI 3.1 document, made from the table of sources."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from framewright.ingest.domain.meaning import UNIVERSAL
from framewright.ingest.handlers.webhooks import Door, Entry, refused_entry
from framewright.vendors import SOURCES

_ANSWERS = {
    "200": "a test event",
    "202": "taken; `status` says what becomes of it",
    "400": "no JSON object, or nothing that can be used; stored all the same where a body came",
    "401": "missing or wrong credentials",
    "413": "a body of more than 1 MiB",
    "429": "too many requests at once; see Retry-After",
    "503": "not stored; come again, see Retry-After",
}
_MISSING = {"404": "no such server, or no such drive"}
_CONTENT = ("application/json", "text/plain", "multipart/form-data")


def openapi_route(door: Door) -> Route:
    """The document, for whoever may send; the secret path of autoscan is not in it."""

    async def endpoint(request: Request) -> Response:
        return await refused_entry(door, request, Entry(UNIVERSAL)) or JSONResponse(document())

    return Route("/openapi.json", endpoint)


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    named = {source.name: source.label for source in SOURCES}
    paths = {f"/api/webhooks/{name}": _both(f"Webhooks of {label}") for name, label in named.items()}
    paths[f"/api/webhooks/{UNIVERSAL}"] = _both("Webhooks of any sender, told apart by their shape")
    paths["/api/webhooks/server/{server_id}"] = _both("The same for one configured server", "server_id")
    paths["/triggers/manual"] = _trigger("Scan files or folders", query=("dir",))
    paths["/triggers/{name}"] = _trigger("The same by any name, or the payload of a sender", "name", query=("path",))
    paths["/triggers/a-train/{drive}"] = {"post": _operation("Changes of a drive", "drive", takes_body=True)}
    schemes = {
        "token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
        "bearer": {"type": "http", "scheme": "bearer"},
        "basic": {"type": "http", "scheme": "basic"},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Framewright webhooks", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": schemes},
        "security": [{name: []} for name in schemes],
    }


def _both(summary: str, *named: str) -> dict[str, Any]:
    return {method: _operation(summary, *named, takes_body=True) for method in ("post", "put")}


def _trigger(summary: str, *named: str, query: tuple[str, ...]) -> dict[str, Any]:
    parameters = [_parameter(name, "query", {"type": "array", "items": {"type": "string"}}) for name in query]
    get = _operation(summary, *named)
    post = _operation(summary, *named, takes_body=bool(named))
    for operation in (get, post):
        operation["parameters"] = [*operation["parameters"], *parameters]
    return {"get": get, "post": post}


def _operation(summary: str, *named: str, takes_body: bool = False) -> dict[str, Any]:
    answers = {**_ANSWERS, **(_MISSING if named else {})}
    operation: dict[str, Any] = {
        "summary": summary,
        "parameters": [_parameter(name, "path", {"type": "string"}) for name in named],
        "responses": {status: {"description": meaning} for status, meaning in answers.items()},
    }
    if takes_body:
        content: Mapping[str, Any] = {kind: {"schema": {"type": "object"}} for kind in _CONTENT}
        operation["requestBody"] = {"content": content}
    return operation


def _parameter(name: str, place: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}
