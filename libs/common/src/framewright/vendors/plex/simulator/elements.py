"""The neutral tree that a simulated Plex answers: XML by default, JSON for those who ask for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import quoteattr

from fastapi import Request, Response

Value = str | int | float | bool | None

_SINGLE = frozenset({"Player", "User", "Session", "Meta", "TranscodeSession", "Context"})
"""Elements that JSON shows as an object rather than a list."""


@dataclass(slots=True)
class Node:
    """One element: attributes that are None are left out."""

    tag: str
    attributes: Mapping[str, Value] = field(default_factory=dict[str, Value])
    children: "list[Node]" = field(default_factory=list["Node"])

    def xml(self) -> str:
        """As an XML element; booleans are 1 and 0."""
        given = {name: value for name, value in self.attributes.items() if value is not None}
        text = "".join(f" {name}={quoteattr(_text(value))}" for name, value in given.items())
        inner = "".join(child.xml() for child in self.children)
        return f"<{self.tag}{text}>{inner}</{self.tag}>" if inner else f"<{self.tag}{text}/>"

    def json(self) -> dict[str, Any]:
        """As a JSON object: children in lists by their tag, items under `Metadata`."""
        shown: dict[str, Any] = {name: value for name, value in self.attributes.items() if value is not None}
        for child in self.children:
            if child.tag in _SINGLE:
                shown[child.tag] = child.json()
            else:
                shown.setdefault(_json_tag(child), []).append(child.json())
        return shown


def answer(request: Request, node: Node, headers: Mapping[str, str] | None = None) -> Response:
    """The tree in the form that the caller accepts."""
    if "application/json" in request.headers.get("accept", ""):
        return Response(json.dumps({node.tag: node.json()}), 200, headers, "application/json")
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n{node.xml()}'
    return Response(document, 200, headers, "text/xml;charset=utf-8")


def container(request: Request, nodes: list[Node], **attributes: Value) -> Response:
    """A MediaContainer with the asked page of the nodes; the page is asked for in headers or arguments."""
    start = int(_asked(request, "X-Plex-Container-Start") or 0)
    size = _asked(request, "X-Plex-Container-Size")
    if size is None:
        return answer(request, Node("MediaContainer", {"size": len(nodes), **attributes}, nodes))
    page = nodes[start : start + int(size)]
    counts: dict[str, Value] = {"size": len(page), "totalSize": len(nodes), "offset": start}
    headers = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Total-Size": str(len(nodes))}
    return answer(request, Node("MediaContainer", {**counts, **attributes}, page), headers)


def refusal(status: int, title: str) -> Response:
    """An error as Plex shows it: HTML."""
    page = f"<html><head><title>{title}</title></head><body><h1>{status} {title}</h1></body></html>"
    return Response(page, status, media_type="text/html")


def _asked(request: Request, name: str) -> str | None:
    return request.query_params.get(name) or request.headers.get(name)


def _text(value: Value) -> str:
    return ("1" if value else "0") if isinstance(value, bool) else str(value)


def _json_tag(node: Node) -> str:
    return "Metadata" if node.tag == "Video" or "ratingKey" in node.attributes else node.tag
