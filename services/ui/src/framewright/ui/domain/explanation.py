"""Every step from a path that somebody names to what each server would be told about it; nothing is asked or written."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from framewright.contracts.libraries import LibrariesRead
from framewright.contracts.server import Server, server_paths, wanted_rendition
from framewright.domain.errors import BadPath
from framewright.domain.media import canonical
from framewright.domain.ownership import Ownership, Verdict, judge, local_spellings
from framewright.domain.planning import PlannedCall
from framewright.domain.publishing import PublishTarget

UNTRANSLATED = "the path is not absolute here and no path mapping translates it"

_HELD = frozenset({Verdict.OWNED, Verdict.EXCLUDED})


@dataclass(frozen=True, slots=True)
class Foresight:
    """How the future is told without asking a server: outputs, calls, the state of its libraries, the interval in seconds."""

    outputs: Callable[[Server, PublishTarget], tuple[str, ...]]
    calls: Callable[[Server, PublishTarget], tuple[PlannedCall, ...]]
    libraries_read: Callable[[str], Awaitable[LibrariesRead | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellingView:
    """A local path that the given one may stand for; `exists` is None where it was not looked for, as nobody owns it."""

    path: str
    because: str
    owned: bool
    exists: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call that would be made, and when; without a call, why none would be."""

    call: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryView:
    """A library that holds the path."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """What one server says about the path and what would be written and asked; `steps` are the reasons in words."""

    server_id: str
    server_name: str
    server_type: str
    verdict: Verdict
    steps: tuple[str, ...]
    libraries: tuple[LibraryView, ...]
    remote_paths: tuple[str, ...]
    outputs: tuple[str, ...]
    calls: tuple[CallView, ...]
    libraries_read: LibrariesRead | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The whole way of a path; `canonical_path` is empty, with the reason, where it cannot be one of ours."""

    path: str
    canonical_path: str
    exists: bool
    reason: str
    spellings: tuple[SpellingView, ...]
    servers: tuple[ServerView, ...]


def spelled(servers: Sequence[Server], path: str) -> list[SpellingView]:
    """The local paths that it may stand for, most specific mapping first; none was looked for yet."""
    paths = [server_paths(server) for server in servers]
    found: list[SpellingView] = []
    for spelling in local_spellings(paths, path):
        try:
            local = canonical(spelling.local)
        except BadPath:
            continue
        owned = any(judge(server, local).verdict in _HELD for server in paths)
        found.append(SpellingView(path=local, because=spelling.because, owned=owned, exists=None))
    return found


def chosen(spellings: Sequence[SpellingView]) -> SpellingView | None:
    """The one that is taken, as the router does: owned and there, else owned, else the first."""
    owned = [one for one in spellings if one.owned]
    there = [one for one in owned if one.exists]
    return next(iter([*there, *owned, *spellings]), None)


def explanation(
    path: str,
    spellings: Sequence[SpellingView],
    servers: Sequence[Server],
    foresight: Foresight,
    read: Mapping[str, LibrariesRead | None],
    interval_s: int,
) -> Explanation:
    """The whole answer; `read` says per server when its libraries were read."""
    taken = chosen(spellings)
    local = taken.path if taken else ""
    views = [_server(server, local, foresight, read.get(server.id), interval_s) for server in servers] if local else []
    return Explanation(
        path=path,
        canonical_path=local,
        exists=bool(taken and taken.exists),
        reason="" if local else UNTRANSLATED,
        spellings=tuple(spellings),
        servers=tuple(views),
    )


def _server(
    server: Server, local: str, foresight: Foresight, read: LibrariesRead | None, interval_s: int
) -> ServerView:
    one = judge(server_paths(server), local)
    target = _target(server, local, one, interval_s)
    follows = one.verdict is Verdict.OWNED
    calls = foresight.calls(server, target) if follows else ()
    return ServerView(
        server_id=server.id,
        server_name=server.name,
        server_type=server.type,
        verdict=one.verdict,
        steps=one.steps,
        libraries=tuple(LibraryView(id=library.id, name=library.name) for library in one.libraries),
        remote_paths=one.remote_paths,
        outputs=foresight.outputs(server, target) if follows else (),
        calls=tuple(CallView(call=call.line, when=call.when) for call in calls),
        libraries_read=read,
    )


def _target(server: Server, local: str, one: Ownership, interval_s: int) -> PublishTarget:
    library_id = one.library.id if one.library else ""
    holding = tuple(library.id for library in one.libraries)
    rendition = wanted_rendition(server, interval_s)
    return PublishTarget(local, one.remote_paths, rendition, library_id, library_ids=holding)
