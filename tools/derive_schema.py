"""Derive a small JSON schema from a public OpenAPI document: types and required names of some answers, no prose.

    python tools/derive_schema.py DOCUMENT SELECTION OUTPUT

SELECTION is a JSON file: `calls` lists answers as "GET /identity", `schemas` further shapes by name, `names` the
properties of interest. Every other property is left out, and an object that the document closes (or says nothing about) is closed in the result, so a
property that is invented, or not selected, does not validate. OUTPUT holds one schema per call and the shared `$defs`.
"""

import json
import sys
from pathlib import Path
from typing import Any, cast

import yaml

Schema = dict[str, Any]

_KEPT = ("type", "enum", "const")
_BRANCHES = ("oneOf", "anyOf")


class Deriver:
    """Turns schemas of one document into small ones; `defs` collects those that are referred to."""

    def __init__(self, document: Schema, names: set[str]) -> None:
        self._document = document
        self._names = names
        self.defs: Schema = {}

    def answer(self, call: str) -> Schema:
        """The schema of the JSON body that answers a call with 200."""
        method, path = call.split(" ", 1)
        response = self._resolved(self._document["paths"][path][method.lower()]["responses"]["200"])
        return self.small(response["content"]["application/json"]["schema"])

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
    calls = {call: deriver.answer(call) for call in selection["calls"]}
    for name in selection.get("schemas", ()):
        deriver.small({"$ref": f"#/components/schemas/{name}"})
    about = {"title": document["info"]["title"], "version": document["info"]["version"]}
    return {"derived_from": about, "calls": calls, "$defs": dict(sorted(deriver.defs.items()))}


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
