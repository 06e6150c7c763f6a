"""The table of docs/api.md: every endpoint of the ui and of ingest, made from their routes and from the rows that the tests check."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from starlette.routing import Route

from framewright.ingest.handlers.openapi import document
from framewright.ingest.handlers.triggers import trigger_routes
from framewright.ingest.handlers.webhooks import webhook_routes
from framewright.ui.handlers.application import create_app

METHODS = ("get", "post", "put", "patch", "delete")
COLUMNS = ("method", "path", "what it does", "known from", "test")
HEAD = "# HTTP API"
INTRODUCTION = """Every answer is JSON; an error is `{"error", "code"}` with a status of 4xx or 5xx. Send the token as `X-Auth-Token` or as
`Authorization: Bearer`. The document for programs is at `/api/openapi.json`, that of the webhooks at `/openapi.json`.

*Known from* names the program whose users know the endpoint; its words are taken as that program takes them."""
PASS = {"/{SERVER_PASS}": "The webhook of Plex Autoscan, its password in the path"}
PAGES = (("POST", "/login", "Trade the token for a session of the browser"), ("POST", "/logout", "End the session"))

Endpoint = tuple[str, str, str]
"""Method, path, what it does."""


class _Anything:
    """Stands for what routes are given: none of it is used before a request comes."""

    def __getattr__(self, name: str) -> str:
        return name


def page(root: Path, made: str) -> str:
    """The whole page."""
    known = {(row.method, row.path): row for row in _rows(root)}
    lines = [made, "", HEAD, "", INTRODUCTION, ""]
    for title, endpoints in (("ui", ui_endpoints()), ("ingest", ingest_endpoints())):
        lines += [f"## {title}", "", "| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
        lines += [_line(one, known.get(one[:2])) for one in endpoints]
        lines.append("")
    return "\n".join(lines)


def ui_endpoints() -> list[Endpoint]:
    """What the application describes, and the two calls of browsers that it does not."""
    nothing = cast("Any", _Anything())
    paths: dict[str, dict[str, Any]] = create_app(nothing, nothing, nothing).openapi()["paths"]
    described = ((path, method, words) for path, methods in sorted(paths.items()) for method, words in methods.items())
    found = [(method.upper(), path, words.get("summary", "")) for path, method, words in described if method in METHODS]
    return [*found, *PAGES]


def ingest_endpoints() -> list[Endpoint]:
    """What its routes take, in the words of its own document."""
    nothing = cast("Any", _Anything())
    routes = [*webhook_routes(nothing, "{SERVER_PASS}"), *trigger_routes(nothing, {})]
    described = document()["paths"]
    return [
        (method, route.path, PASS.get(route.path) or _summary(described, route, method))
        for route in sorted(routes, key=lambda one: one.path)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def _rows(root: Path) -> Iterator[Any]:
    sys.path.insert(0, str(root / "services" / "ui" / "tests"))
    yield from importlib.import_module("endpoints.table").TABLE


def _summary(described: dict[str, Any], route: Route, method: str) -> str:
    return described.get(route.path, {}).get(method.lower(), {}).get("summary", "")


def _line(endpoint: Endpoint, row: Any) -> str:
    method, path, words = endpoint
    name = row.test.rpartition("/")[2].replace(".py::", "::") if row else ""
    return f"| {method} | `{path}` | {words} | {row.known if row else ''} | {f'`{name}`' if name else ''} |"
