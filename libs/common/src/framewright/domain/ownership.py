"""Who owns a path: mappings between spellings, libraries, exclusions; every decision with its reason.

A server's `path_mappings` row says "what the server calls `remote_prefix`, this system calls `local_prefix`" (and
"what the sender of webhooks calls one of `webhook_prefixes`"). Rows are read in both directions by the same code, so a
path that maps one way maps back, unless a longer row stands in the way: what it hides there, the server does not see.
Prefixes match whole segments only; the longest one wins, equal ones all count. What a server is sent begins with its own
spelling of the library's folder, letter case and normalisation included.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from framewright.domain.media import is_under, rebase, segments
from framewright.domain.patterns import BadPattern, linear_pattern


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
    """A folder prefix, or a regular expression searched in the whole local path (both composed, NFC)."""

    value: str
    type: ExcludeType = ExcludeType.PATH

    def covers(self, local: str) -> bool:
        """Whether the rule keeps this local path out.

        Raises:
            BadPattern: the expression cannot be read; none such is taken when a server is saved.
        """
        if self.type is ExcludeType.PATH:
            return is_under(local, self.value)
        return linear_pattern(unicodedata.normalize("NFC", self.value)).search(unicodedata.normalize("NFC", local))


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


@dataclass(frozen=True, slots=True)
class Spelling:
    """A local path that a given one may stand for, and which mapping says so."""

    local: str
    because: str


class Verdict(StrEnum):
    """What one server says about one path."""

    OWNED = "owned"
    EXCLUDED = "excluded"
    DISABLED = "disabled"
    NOT_OWNED = "not_owned"


@dataclass(frozen=True, slots=True)
class Ownership:
    """One server's verdict; `remote_paths` are the server's own spellings of the file, best first.

    `libraries` are all enabled ones that hold the path, the closest first; `library` is that first one. `roots` are the
    local folders of those libraries above the path, the closest first.
    """

    server: ServerPaths
    verdict: Verdict
    library: Library | None = None
    remote_paths: tuple[str, ...] = ()
    steps: tuple[str, ...] = field(default=(), compare=False)
    libraries: tuple[Library, ...] = ()
    roots: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class _Holding:
    """A library's root over the path: `here` is its local folder, `remote` the file in the library's spelling."""

    library: Library
    root: str
    here: str
    remote: str

    @property
    def distance(self) -> int:
        """Folders between the root and the file; the smallest is the closest library."""
        return len(segments(self.remote)) - len(segments(self.root))


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
    return [spelling.local for spelling in local_spellings(servers, raw)]


def local_spellings(servers: Iterable[ServerPaths], raw: str) -> list[Spelling]:
    """See `local_candidates`; each with the mapping that it comes from, in words."""
    ranked: list[tuple[int, Spelling]] = []
    for server in servers:
        for row in server.path_mappings:
            for prefix in (*row.webhook_prefixes, row.remote_prefix):
                local = rebase(raw, prefix, row.local_prefix) if prefix else None
                if local is not None:
                    because = f"{server.name or server.id} maps {prefix} to {row.local_prefix}"
                    ranked.append((len(segments(prefix)), Spelling(local, because)))
    ranked.sort(key=lambda entry: -entry[0])
    found: dict[str, Spelling] = {}
    for spelling in (*(one for _, one in ranked), Spelling(raw, "as it was given")):
        found.setdefault(spelling.local, spelling)
    return list(found.values())


def judge(server: ServerPaths, local: str) -> Ownership:
    """Whether this server owns the local path, with the steps that led there in words."""
    if not server.enabled:
        return Ownership(server, Verdict.DISABLED, steps=("the server is disabled",))
    seen = list(_holdings(server, local))
    steps = [_held(one) for one in seen]
    holding = sorted((one for one in seen if one.library.enabled), key=lambda one: one.distance)
    if not holding:
        steps += [*_misses(server, local), "no enabled library holds the path"]
        return Ownership(server, Verdict.NOT_OWNED, steps=tuple(steps))
    excluded = next(filter(None, (_kept_out(rule, local) for rule in server.exclude_paths)), "")
    libraries = tuple(dict.fromkeys(one.library for one in holding))
    return Ownership(
        server,
        Verdict.EXCLUDED if excluded else Verdict.OWNED,
        libraries[0],
        _remote_spellings(server, local, holding),
        (*steps, excluded) if excluded else tuple(steps),
        libraries,
        tuple(dict.fromkeys(one.here for one in holding)),
    )


def _holdings(server: ServerPaths, local: str) -> Iterator[_Holding]:
    """Every root, of enabled and disabled libraries, under which the server sees the path."""
    for library in server.libraries:
        for root in filter(None, library.remote_paths):
            for here, remote in _spellings_under(server, root, local):
                if _stands_for(server, remote, local):
                    yield _Holding(library, root, here, rebase(remote, root, root) or remote)


def _spellings_under(server: ServerPaths, root: str, local: str) -> Iterator[tuple[str, str]]:
    """What the path is called below a library's root, each with the local folder that the root's part stands for.

    A row may begin below the root (a share mounted inside it): then the row's own folder stands for that part of it.
    Letter case is judged by the server's flavour alone: a Windows library called `Films` holds what lies in `films` here.
    """
    if is_under(local, root):
        yield root, local
    for row in server.path_mappings:
        remote = rebase(local, row.local_prefix, row.remote_prefix)
        if remote is not None and is_under(remote, root):
            yield rebase(root, row.remote_prefix, row.local_prefix) or row.local_prefix, remote


def _stands_for(server: ServerPaths, remote: str, local: str) -> bool:
    """Whether the server's spelling leads back to the local path: no longer row hides it."""
    return any(segments(back) == segments(local) for back in to_local(server, remote))


def _remote_spellings(server: ServerPaths, local: str, holding: Iterable[_Holding]) -> tuple[str, ...]:
    """Spellings under the libraries' own roots first: with many-to-one mappings the other rows are guesses."""
    rows = [rebase(local, row.local_prefix, row.remote_prefix) for row in server.path_mappings]
    guesses = [*to_remote(server, local), *filter(None, rows)]
    found: dict[tuple[str, ...], str] = {}
    for remote in (*(one.remote for one in holding), *(one for one in guesses if _stands_for(server, one, local))):
        found.setdefault(segments(remote), remote)
    return tuple(found.values())


def _kept_out(rule: ExcludeRule, local: str) -> str:
    """Why the rule keeps the path out; empty when it does not. A rule that cannot be read keeps everything out."""
    named = f"exclude rule {rule.type} {rule.value!r}"
    try:
        return f"{named} covers the path" if rule.covers(local) else ""
    except BadPattern as error:
        return f"{named} cannot be read ({error}) and keeps every path out until it is mended"


def _held(one: _Holding) -> str:
    state = "" if one.library.enabled else ", but the library is disabled"
    return f"library {_name(one.library)}: {one.root} is {one.here} here, above the path{state}"


def _misses(server: ServerPaths, local: str) -> Iterator[str]:
    """Why each root that is not above the path is not, and which longer row hides the path where one does."""
    for library in server.libraries:
        for root in filter(None, library.remote_paths):
            spelled = [remote for _, remote in _spellings_under(server, root, local)]
            if not spelled:
                yield f"library {_name(library)}: {root} is {' and '.join(to_local(server, root))} here, not above the path"
            for remote in spelled:
                if not _stands_for(server, remote, local):
                    instead = " and ".join(to_local(server, remote))
                    yield f"library {_name(library)}: {remote} is {instead} here by a longer mapping, not the path"


def _name(library: Library) -> str:
    return library.name or repr(library.id)


def _translate(rows: Iterable[tuple[str, str]], path: str) -> list[str]:
    """Every row whose first prefix is the longest that matches, applied."""
    hits = [(len(segments(old)), rebase(path, old, new)) for old, new in rows if old and new]
    matching = [(depth, out) for depth, out in hits if out is not None]
    longest = max((depth for depth, _ in matching), default=0)
    return list(dict.fromkeys(out for depth, out in matching if depth == longest))
