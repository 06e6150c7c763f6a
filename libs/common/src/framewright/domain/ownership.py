"""Who owns a path: mappings between spellings, libraries, exclusions; every decision with its reason.

A server's `path_mappings` row says "what the server calls `remote_prefix`, this system calls `local_prefix`" (and
"what the sender of webhooks calls one of `webhook_prefixes`"). Rows are read in both directions by the same code, so a
path that maps one way maps back, unless a longer row stands in the way: what it hides there, the server does not see.
Prefixes match whole segments only; the longest one wins, equal ones all count.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from framewright.domain.media import is_under, rebase, segments


@dataclass(frozen=True, slots=True)
class PathMapping:
    """One row: how the server, this system and the webhook senders spell the same folder."""

    remote_prefix: str
    local_prefix: str
    webhook_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """A server's library section: `kind` is movie, show or the server's own word; `remote_paths` as the server sees them."""

    id: str
    name: str = ""
    kind: str = ""
    remote_paths: tuple[str, ...] = ()
    enabled: bool = True


class ExcludeType(StrEnum):
    """How an exclude rule matches the local path."""

    PATH = "path"
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class ExcludeRule:
    """A folder prefix, or a regular expression searched in the whole local path."""

    value: str
    type: ExcludeType = ExcludeType.PATH

    def covers(self, local: str) -> bool:
        """Whether the rule keeps this local path out."""
        if self.type is ExcludeType.PATH:
            return is_under(local, self.value)
        return re.search(self.value, local) is not None


@dataclass(frozen=True, slots=True)
class ServerPaths:
    """The part of a server's configuration that ownership depends on."""

    id: str
    name: str
    type: str
    enabled: bool = True
    libraries: tuple[Library, ...] = ()
    path_mappings: tuple[PathMapping, ...] = ()
    exclude_paths: tuple[ExcludeRule, ...] = ()


class Verdict(StrEnum):
    """What one server says about one path."""

    OWNED = "owned"
    EXCLUDED = "excluded"
    DISABLED = "disabled"
    NOT_OWNED = "not_owned"


@dataclass(frozen=True, slots=True)
class Ownership:
    """One server's verdict; `remote_paths` are the server's own spellings of the file, best first."""

    server: ServerPaths
    verdict: Verdict
    library: Library | None = None
    remote_paths: tuple[str, ...] = ()
    steps: tuple[str, ...] = field(default=(), compare=False)


def to_local(server: ServerPaths, remote: str) -> list[str]:
    """How this system spells a path of the server: every longest matching row, or the path itself when no row matches."""
    rows = [(row.remote_prefix, row.local_prefix) for row in server.path_mappings]
    return _translate(rows, remote) or [remote]


def to_remote(server: ServerPaths, local: str) -> list[str]:
    """How the server spells a path of this system; the inverse of `to_local` over the same rows."""
    rows = [(row.local_prefix, row.remote_prefix) for row in server.path_mappings]
    return _translate(rows, local) or [local]


def local_candidates(servers: Iterable[ServerPaths], raw: str) -> list[str]:
    """Local spellings that a path from a webhook may stand for, most specific mapping first, the raw path last.

    The sender may use its own prefix (`webhook_prefixes`), a server's (`remote_prefix`) or ours. The caller takes the
    first that exists on disk; ownership is decided for that one.
    """
    ranked: list[tuple[int, str]] = []
    for server in servers:
        for row in server.path_mappings:
            for prefix in (*row.webhook_prefixes, row.remote_prefix):
                local = rebase(raw, prefix, row.local_prefix) if prefix else None
                if local is not None:
                    ranked.append((len(segments(prefix)), local))
    ranked.sort(key=lambda entry: -entry[0])
    return list(dict.fromkeys([*(local for _, local in ranked), raw]))


def judge(server: ServerPaths, local: str) -> Ownership:
    """Whether this server owns the local path, with the steps that led there in words."""
    steps: list[str] = []
    if not server.enabled:
        return Ownership(server, Verdict.DISABLED, steps=("the server is disabled",))
    found = _library_of(server, local, steps)
    if found is None:
        steps.append("no enabled library holds the path")
        return Ownership(server, Verdict.NOT_OWNED, steps=tuple(steps))
    library, remote_root = found
    remotes = _remote_spellings(server, local, remote_root)
    for rule in server.exclude_paths:
        if rule.covers(local):
            steps.append(f"exclude rule {rule.type} {rule.value!r} covers the path")
            return Ownership(server, Verdict.EXCLUDED, library, remotes, tuple(steps))
    return Ownership(server, Verdict.OWNED, library, remotes, tuple(steps))


def _library_of(server: ServerPaths, local: str, steps: list[str]) -> tuple[Library, str] | None:
    """The enabled library with the closest root over the path, and that root in the server's spelling."""
    best: tuple[int, Library, str] | None = None
    for library in server.libraries:
        for remote_root in filter(None, library.remote_paths):
            for local_root, distance in _roots_over(server, remote_root, local):
                state = "" if library.enabled else ", but the library is disabled"
                steps.append(
                    f"library {library.name or library.id!r}: {remote_root} is {local_root} here, above the path{state}"
                )
                if library.enabled and (best is None or distance < best[0]):
                    best = (distance, library, remote_root)
    return None if best is None else (best[1], best[2])


def _roots_over(server: ServerPaths, remote_root: str, local: str) -> list[tuple[str, int]]:
    """Local folders that stand for the library's root above the path, each with the number of segments in between.

    A row may begin below the root (a share mounted inside it): then the row's own folder stands for that part of it.
    """
    depth = len(segments(local))
    found = [(root, depth - len(segments(root))) for root in to_local(server, remote_root) if is_under(local, root)]
    if found:
        return found
    rows = [row for row in server.path_mappings if is_under(row.remote_prefix, remote_root)]
    return [
        (row.local_prefix, len(segments(remote)) - len(segments(remote_root)))
        for row in rows
        if (remote := rebase(local, row.local_prefix, row.remote_prefix)) is not None
        and any(segments(back) == segments(local) for back in to_local(server, remote))
    ]


def _remote_spellings(server: ServerPaths, local: str, remote_root: str) -> tuple[str, ...]:
    """Spellings under the library's own root first: with many-to-one mappings the other rows are guesses."""
    spellings = to_remote(server, local)
    for row in server.path_mappings:
        other = rebase(local, row.local_prefix, row.remote_prefix)
        if other is not None and other not in spellings:
            spellings.append(other)
    return tuple(sorted(spellings, key=lambda path: not is_under(path, remote_root)))


def _translate(rows: Iterable[tuple[str, str]], path: str) -> list[str]:
    """Every row whose first prefix is the longest that matches, applied."""
    hits = [(len(segments(old)), rebase(path, old, new)) for old, new in rows if old and new]
    matching = [(depth, out) for depth, out in hits if out is not None]
    longest = max((depth for depth, _ in matching), default=0)
    return list(dict.fromkeys(out for depth, out in matching if depth == longest))
