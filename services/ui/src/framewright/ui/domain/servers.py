"""Candidates for a server's configuration, made from what a client sends; and who owns a path."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from framewright.contracts.server import SECRETS, Server, keep_secrets, parse_server, server_paths, wanted_rendition
from framewright.contracts.settings import REDACTED
from framewright.domain.errors import Reject
from framewright.domain.libraries import merged_libraries
from framewright.domain.ownership import Library, Ownership, Verdict, judge
from framewright.domain.publishing import PublishTarget

_NESTED = ("auth", "output")


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
        Reject: code VALIDATION_ERROR, a field is wrong or a secret is only a mask.
    """
    server = parse_server({**data, "id": data.get("id") or generated_id})
    for name in SECRETS:
        if getattr(server.auth, name) == REDACTED:
            raise Reject(f"auth.{name} is a mask, not a secret", code="VALIDATION_ERROR")
    return server


def changed_server(old: Server, changes: Mapping[str, Any]) -> Server:
    """The server with the given fields changed; fields that are not given stay, inside `auth` and `output` as well.

    Raises:
        Reject: code VALIDATION_ERROR, a field is wrong or the id would change.
    """
    if changes.get("id", old.id) != old.id:
        raise Reject("id cannot be changed", code="VALIDATION_ERROR")
    plain = cast("dict[str, Any]", msgspec.to_builtins(old))
    merged = {**plain, **changes}
    for name in _NESTED:
        part = changes.get(name)
        if isinstance(part, dict):
            merged[name] = {**plain[name], **cast("dict[str, Any]", part)}
    return keep_secrets(parse_server(merged), old)


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
