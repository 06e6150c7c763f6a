"""Candidates for a server's configuration, made from what a client sends; and who owns a path."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from framewright.contracts.server import (
    SECRETS,
    Server,
    ServerAuth,
    ServerOutput,
    keep_secrets,
    parse_server,
    server_paths,
    wanted_rendition,
)
from framewright.contracts.settings import REDACTED
from framewright.domain.errors import Reject
from framewright.domain.libraries import merged_libraries
from framewright.domain.ownership import Library, Ownership, Verdict, judge
from framewright.domain.publishing import PublishTarget

_NESTED = ("auth", "output")

_KNOWN = {
    "": {*Server.__struct_fields__, "warning"} - {"device_id"},
    "auth.": {*ServerAuth.__struct_fields__, "handle"},
    "output.": {*ServerOutput.__struct_fields__},
}
"""What a server is described with, by what stands before; `warning` stands in our own answers and may come back."""

_NULLABLE = frozenset({"frame_interval"})
"""Fields for which null is a value: the system's interval. Everywhere else it means that nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A server that owns a path."""

    server_id: str
    server_name: str
    server_type: str
    library_id: str
    library_name: str
    remote_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """What one server says about a path, with the steps in words; `outputs` are the places that would be written."""

    server_id: str
    server_name: str
    server_type: str
    verdict: Verdict
    steps: tuple[str, ...]
    remote_paths: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersView:
    """Who owns a path, and why the others do not."""

    path: str
    canonical_path: str
    owners: tuple[Owner, ...]
    verdicts: tuple[VerdictView, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How outputs are foretold: where a server's would go, and the system's interval in seconds."""

    outputs: Callable[[Server, PublishTarget], tuple[str, ...]]
    interval_s: int


def new_server(data: Mapping[str, Any], generated_id: str) -> Server:
    """A server to add; gets an id when it has none.

    Raises:
        Reject: code VALIDATION_ERROR, a field is wrong or unknown, or a secret is only a mask.
    """
    _require_known(data)
    server = parse_server({**data, "id": data.get("id") or generated_id})
    for name in SECRETS:
        if getattr(server.auth, name) == REDACTED:
            raise Reject(f"auth.{name} is a mask, not a secret", code="VALIDATION_ERROR")
    return server


def changed_server(old: Server, changes: Mapping[str, Any]) -> Server:
    """The server with the given fields changed; what is not given, or null, stays: inside `auth`, `output` and each library too.

    Libraries are told apart by their ids; those that are not named stay.

    Raises:
        Reject: code VALIDATION_ERROR, a field is wrong or unknown, or id or type would change.
    """
    _require_known(changes)
    given = _said(changes)
    for name in ("id", "type"):
        if given.get(name, getattr(old, name)) != getattr(old, name):
            raise Reject(f"{name} cannot be changed, it stays {getattr(old, name)!r}", code="VALIDATION_ERROR")
    plain = cast("dict[str, Any]", msgspec.to_builtins(old))
    merged = {**plain, **given}
    for name in _NESTED:
        part = given.get(name)
        if isinstance(part, dict):
            merged[name] = {**plain[name], **_said(cast("dict[str, Any]", part))}
    if isinstance(given.get("libraries"), list):
        merged["libraries"] = _laid_over(plain["libraries"], given["libraries"])
    return keep_secrets(parse_server(merged), old)


def replaced_server(old: Server, changes: Mapping[str, Any]) -> Server:
    """As `changed_server`, but a list of libraries is the whole list: one that is not named is gone.

    Raises:
        Reject: as `changed_server`.
    """
    rows = changes.get("libraries")
    if not isinstance(rows, list):
        return changed_server(old, changes)
    named = [cast("dict[str, Any]", row).get("id") for row in cast("list[object]", rows) if isinstance(row, dict)]
    kept = tuple(one for one in old.libraries if one.id in named)
    return changed_server(msgspec.structs.replace(old, libraries=kept), changes)


def named_folders(server: Server, local_prefix: str = "local_prefix") -> dict[str, str]:
    """The folders of this system that a configuration names, by field; `local_prefix` is what the sender calls that field."""
    mapped = {f"path_mappings[{n}].{local_prefix}": row.local_prefix for n, row in enumerate(server.path_mappings)}
    folders = ("plex_config_folder", "jellyfin_config_folder", "folder")
    return {**mapped, **{f"output.{name}": path for name in folders if (path := getattr(server.output, name))}}


def with_libraries(server: Server, found: Sequence[Library]) -> Server:
    """The server with these libraries; see `merged_libraries`."""
    return msgspec.structs.replace(server, libraries=merged_libraries(server.libraries, found))


def owners_view(servers: Sequence[Server], path: str, canonical_path: str, plan: Plan) -> OwnersView:
    """Every server's verdict on the path."""
    verdicts = [(server, judge(server_paths(server), canonical_path)) for server in servers]
    return OwnersView(
        path=path,
        canonical_path=canonical_path,
        owners=tuple(_owner(one) for _, one in verdicts if one.verdict is Verdict.OWNED),
        verdicts=tuple(_verdict(server, one, canonical_path, plan) for server, one in verdicts),
    )


def owned(servers: Sequence[Server], candidates: Sequence[str]) -> list[str]:
    """The spellings that some server owns or excludes: the only ones that are ever looked for on disk."""
    paths = [server_paths(server) for server in servers]
    held = {Verdict.OWNED, Verdict.EXCLUDED}
    return [one for one in candidates if any(judge(server, one).verdict in held for server in paths)]


def _require_known(data: Mapping[str, Any]) -> None:
    """A typo must not pass for a change that was made.

    Raises:
        Reject: code VALIDATION_ERROR, a field that no server has.
    """
    for parent, known in _KNOWN.items():
        part = data.get(parent.rstrip(".")) if parent else data
        unknown = sorted(set(cast("Mapping[str, Any]", part)) - known) if isinstance(part, Mapping) else []
        if unknown:
            raise Reject(f"{parent}{unknown[0]} is no field of a server", code="VALIDATION_ERROR")


def _said(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if value is not None or name in _NULLABLE}


def _laid_over(stored: Sequence[dict[str, Any]], given: Sequence[Any]) -> list[Any]:
    """The stored libraries, each with what is given of it, and behind them the new ones.

    Raises:
        Reject: code VALIDATION_ERROR, a library without its id.
    """
    rows: dict[str, dict[str, Any]] = {row["id"]: row for row in stored}
    for number, row in enumerate(given):
        part = _said(cast("dict[str, Any]", row)) if isinstance(row, dict) else {}
        library_id = part.get("id")
        if not isinstance(library_id, str) or not library_id:
            raise Reject(f"libraries[{number}].id is missing", code="VALIDATION_ERROR")
        rows[library_id] = {**rows.get(library_id, {}), **part}
    return list(rows.values())


def _verdict(server: Server, one: Ownership, local_path: str, plan: Plan) -> VerdictView:
    library_id = one.library.id if one.library else ""
    rendition = wanted_rendition(server, plan.interval_s)
    target = PublishTarget(local_path, one.remote_paths, rendition, library_id)
    return VerdictView(
        server_id=server.id,
        server_name=server.name,
        server_type=server.type,
        verdict=one.verdict,
        steps=one.steps,
        remote_paths=one.remote_paths,
        outputs=plan.outputs(server, target) if one.verdict is Verdict.OWNED else (),
    )


def _owner(one: Ownership) -> Owner:
    library = one.library
    return Owner(
        server_id=one.server.id,
        server_name=one.server.name,
        server_type=one.server.type,
        library_id=library.id if library else "",
        library_name=library.name if library else "",
        remote_paths=one.remote_paths,
    )
