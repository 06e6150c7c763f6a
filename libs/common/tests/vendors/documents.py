"""The calls of a public document, as `tools/derive_schema.py` cuts it, and what of an exchange is not as the document says.

Only successes are compared: what servers refuse, and in which words, the documents hardly say. Nor is XML, in which Plex tells the
same tree as in JSON.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, ValidationError

DATA = Path(__file__).parent / "data"

Schema = dict[str, Any]

JSON = "application/json"
XML = "text/xml"

SUCCESSES = range(200, 300)

ANY_CASE = frozenset({"emby", "jellyfin"})
"""Servers that read the names of arguments in any case."""

NOTHING: Schema = {"type": "object", "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call and its answer; `body` and `answer` are JSON values or bytes, None where there are none."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    status: int
    kind: str
    answer: Any

    @property
    def is_compared(self) -> bool:
        """Whether it can be compared: a success, and not in XML."""
        return self.status in SUCCESSES and self.kind != XML


class Mismatch(NamedTuple):
    """Where an exchange differs from the document: in its query, body, status, kind or answer, and the name in there."""

    call: str
    where: str
    name: str


class Document:
    """The document of a vendor; `shapes` name shared schemas that are answered in place of what it says, by call."""

    def __init__(self, vendor: str, shapes: Mapping[str, Schema]) -> None:
        cut = json.loads((DATA / f"{vendor}-schema.json").read_text())
        self.absent: list[str] = cut["absent"]
        self._calls: dict[str, Schema] = cut["calls"]
        self._defs: Schema = cut["$defs"]
        self._shapes = shapes
        self._folds = vendor in ANY_CASE

    def call(self, exchange: Exchange) -> str | None:
        """The documented call that was made."""
        return first_match(exchange, sorted(self._calls, key=lambda call: call.count("{")))

    def mismatches(self, exchange: Exchange, call: str) -> dict[Mismatch, str]:
        """What the document has otherwise, each with the validator's words."""
        said = self._calls[call]
        found = {
            "query": self._wrong(said.get("query", NOTHING), self._arguments(exchange, said)),
            "body": self._wrong_body(exchange, said),
            "answer": self._wrong_answer(exchange, call),
        }
        return {Mismatch(call, where, name): why for where, errors in found.items() for name, why in errors.items()}

    def wrong(self, name: str, value: object) -> dict[str, str]:
        """What of a value is not as a shape of this name has it."""
        return self._wrong({"$ref": f"#/$defs/{name}"}, value)

    def _wrong_body(self, exchange: Exchange, said: Schema) -> dict[str, str]:
        if exchange.body is None or "body" in said:
            return self._wrong(said["body"], exchange.body) if "body" in said else {}
        return {"": "the call takes no body"}

    def _wrong_answer(self, exchange: Exchange, call: str) -> dict[str, str]:
        kinds = self._calls[call]["answers"].get(str(exchange.status))
        if kinds is None:
            return {str(exchange.status): "another status is documented"}
        if not exchange.kind and JSON not in kinds:
            return {}
        if exchange.kind not in kinds and f"{exchange.kind.partition('/')[0]}/*" not in kinds:
            return {exchange.kind: f"documented are {sorted(kinds)}"}
        return self._wrong(self._shapes.get(call, kinds[JSON]), exchange.answer) if exchange.kind == JSON else {}

    def _arguments(self, exchange: Exchange, said: Schema) -> dict[str, object]:
        """The arguments by their documented names, each as the type that it stands for."""
        known = said.get("query", NOTHING).get("properties", {})
        names = {name.lower(): name for name in known} if self._folds else {}
        named = {names.get(name.lower(), name): text for name, text in exchange.query.items()}
        return {name: self._value(text, known.get(name, {})) for name, text in named.items()}

    def _value(self, text: str, schema: Schema) -> object:
        """The value of an argument; lists are written with commas."""
        if "$ref" in schema:
            return self._value(text, self._defs[schema["$ref"].rpartition("/")[2]])
        if schema.get("type") == "array":
            return [self._value(one, schema["items"]) for one in text.split(",")]
        if schema.get("type") == "boolean":
            return {"true": True, "false": False}.get(text, text)
        is_number = schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text)
        return int(text) if is_number else text

    def _wrong(self, schema: Schema, value: object) -> dict[str, str]:
        errors = Draft202012Validator({**schema, "$defs": self._defs}).iter_errors(value)
        return {name: leaf.message[:200] for error in errors for leaf in leaves(error) for name in names_in(leaf)}


def first_match(exchange: Exchange, calls: Iterator[str] | list[str]) -> str | None:
    """The first of these calls that the exchange is one of; `{…}` stands for one part of a path."""
    asked = f"{exchange.method} {exchange.path}"
    return next((call for call in calls if re.fullmatch(pattern(call), asked)), None)


def pattern(call: str) -> str:
    """The calls of a template, as a regular expression."""
    return "[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", call)))


def leaves(error: ValidationError) -> Iterator[ValidationError]:
    """What is wrong in the end: of alternatives, what is wrong with the first."""
    first = [inner for inner in error.context or () if inner.relative_schema_path[0] == 0]
    if not first:
        yield error
    for inner in first:
        yield from leaves(inner)


def names_in(error: ValidationError) -> list[str]:
    """The properties that an error is about."""
    if error.validator == "additionalProperties" and error.validator_value is False:
        return sorted(set(error.instance) - set(error.schema.get("properties", {})))
    if error.validator == "required":
        return [error.message.split("'")[1]]
    return [next((str(part) for part in reversed(error.absolute_path) if isinstance(part, str)), "")]
