"""Derive a small JSON schema from a public OpenAPI document: types and required names of some calls, no prose.

    python tools/derive_schema.py DOCUMENT SELECTION OUTPUT

SELECTION is a JSON file: `source` says where DOCUMENT is published, `calls` lists calls as "GET /identity", `absent` those that
the document must not have, `schemas` further shapes by name, `names` the properties and arguments of interest. Every other one is
left out, and an object that the document closes (or says nothing about) is closed in the result, so a property that is invented, or
not selected, does not validate.

OUTPUT holds the shared `$defs` and, for each call, `answers` (status, then media type, then schema; successes only), `query` (one
schema over all arguments, absent where there are none) and `body`.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any, cast

import yaml

Schema = dict[str, Any]

JSON = "application/json"

_KEPT = ("type", "enum", "const")
_BRANCHES = ("oneOf", "anyOf")


class Deriver:
    """Turns schemas of one document into small ones; `defs` collects those that are referred to."""

    def __init__(self, document: Schema, names: set[str]) -> None:
        self._document = document
        self._names = names
        self.defs: Schema = {}

    def call(self, call: str) -> Schema:
        """What a call takes and how it is answered."""
        method, path = call.split(" ", 1)
        item = self._document["paths"][path]
        operation = item[method.lower()]
        answers = {
            status: self._contents(answer)
            for status, answer in operation["responses"].items()
            if status.startswith("2")
        }
        parts = {
            "answers": answers,
            "query": self._query([*item.get("parameters", ()), *operation.get("parameters", ())]),
            "body": self._contents(operation.get("requestBody", {})).get(JSON),
        }
        return {name: part for name, part in parts.items() if part}

    def has(self, call: str) -> bool:
        """Whether the document has a call; names of path parameters do not matter."""
        method, path = _anonymous(call).split(" ", 1)
        return any(
            method.lower() in item for known, item in self._document["paths"].items() if _anonymous(known) == path
        )

    def _contents(self, content: Schema) -> Schema:
        """The schema of each media type of an answer or a body; any bytes will do where it is not JSON."""
        types = self._resolved(content).get("content", {})
        return {
            kind.partition(";")[0]: self.small(one["schema"]) if kind.startswith(JSON) and "schema" in one else {}
            for kind, one in types.items()
        }

    def _query(self, parameters: list[Schema]) -> Schema:
        """All arguments as one object; an argument that is an object itself stands for arguments of any name."""
        arguments = [one for one in map(self._resolved, parameters) if one["in"] == "query"]
        query: Schema = {}
        for one in arguments:
            schema = self._resolved(one["schema"])
            is_open = schema.get("type") == "object"
            named = schema.get("properties", {}) if is_open else {one["name"]: one["schema"]}
            required = [one["name"]] if one.get("required") and not is_open else []
            part = {"properties": named, "required": required, "additionalProperties": is_open}
            query = _merged([query, part])
        return self._object(query)

    def small(self, schema: Schema) -> Schema:
        """The schema without prose, with the selected properties only."""
        if "$ref" in schema:
            return self._reference(schema["$ref"])
        parts = [self._resolved(part) for part in schema.get("allOf", ())]
        if len(parts) == 1 and "properties" not in schema and "properties" not in parts[0]:
            return _nullable(self.small({**parts[0], **_without(schema, "allOf")}), schema)
        merged = _merged([_without(schema, "allOf"), *parts])
        small: Schema = {key: merged[key] for key in _KEPT if key in merged}
        for key in _BRANCHES:
            if key in merged:
                small[key] = [self.small(branch) for branch in merged[key]]
        if "items" in merged:
            small["items"] = self.small(merged["items"])
        return _nullable({**small, **self._object(merged)}, schema)

    def _object(self, schema: Schema) -> Schema:
        """Properties, required names and whether others are allowed."""
        beyond = schema.get("additionalProperties")
        if isinstance(beyond, dict):
            return {"additionalProperties": self.small(cast("Schema", beyond))}
        if "properties" not in schema:
            return {}
        required = sorted(set(schema.get("required", ())))
        kept = {name: value for name, value in schema["properties"].items() if name in self._names | set(required)}
        closed: Schema = {} if beyond is True else {"additionalProperties": False}
        named = {"required": required} if required else {}
        return {"properties": {name: self.small(value) for name, value in sorted(kept.items())}, **named, **closed}

    def _reference(self, target: str) -> Schema:
        name = target.rpartition("/")[2]
        if name not in self.defs:
            self.defs[name] = {}
            self.defs[name] = self.small(self._resolved({"$ref": target}))
        return {"$ref": f"#/$defs/{name}"}

    def _resolved(self, schema: Schema) -> Schema:
        """What a reference points at, with its own allOf parts merged in."""
        if "$ref" not in schema:
            return schema
        found: Any = self._document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        if "allOf" not in found:
            return found
        return _merged([_without(found, "allOf"), *(self._resolved(part) for part in found["allOf"])])


def derive(document: Schema, selection: Schema) -> Schema:
    """The schemas of the selected calls."""
    deriver = Deriver(document, set(selection["names"]))
    calls = {call: deriver.call(call) for call in selection["calls"]}
    for name in selection.get("schemas", ()):
        deriver.small({"$ref": f"#/components/schemas/{name}"})
    if documented := [call for call in selection["absent"] if deriver.has(call)]:
        raise SystemExit(f"the document does have {', '.join(documented)}")
    about = {"title": document["info"]["title"], "version": document["info"]["version"], "source": selection["source"]}
    defs = dict(sorted(deriver.defs.items()))
    return {"derived_from": about, "calls": calls, "absent": selection["absent"], "$defs": defs}


def _merged(parts: list[Schema]) -> Schema:
    """One schema that asks for all that the parts ask for; it is open when one of them is."""
    merged: Schema = {}
    for part in parts:
        properties = {**merged.get("properties", {}), **part.get("properties", {})}
        required = [*merged.get("required", ()), *part.get("required", ())]
        merged = {**merged, **part}
        merged |= {"properties": properties} if properties else {}
        merged |= {"required": required} if required else {}
    if any(part.get("additionalProperties") is True for part in parts):
        merged["additionalProperties"] = True
    return merged


def _anonymous(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _nullable(small: Schema, schema: Schema) -> Schema:
    """OpenAPI 3.0 says `nullable` where JSON schema names the type null."""
    return {"anyOf": [small, {"type": "null"}]} if schema.get("nullable") else small


def _without(schema: Schema, *keys: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keys}


def _read(path: Path) -> Schema:
    text = path.read_text("utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def main() -> None:
    """Derive and write."""
    document, selection, output = map(Path, sys.argv[1:4])
    derived = derive(_read(document), _read(selection))
    output.write_text(json.dumps(derived, indent=1, sort_keys=True) + "\n", "utf-8")
    print(f"{output}: {len(derived['calls'])} calls, {len(derived['$defs'])} shared schemas")


if __name__ == "__main__":
    main()
