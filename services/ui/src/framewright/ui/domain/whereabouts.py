"""Which file here a Plex server means by a file name of its own, and whether it may be looked at. Pure.

A server that asks for metadata does not say who it is, so every configured Plex server's spelling is tried. Its documents
call the name relative to the library, without saying to what part of it; some say that they get whole paths: all are taken.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from framewright.contracts.server import Server, server_paths
from framewright.domain.errors import BadPath
from framewright.domain.media import Flavour, canonical, flavour_of, reject_hostile, segments
from framewright.domain.ownership import ServerPaths, Verdict, judge, to_local
from framewright.ui.domain.sign_in import PLEX

MOST_CANDIDATES = 64


def candidates(servers: Iterable[Server], name: str) -> list[str]:
    """Local paths that the name may stand for, the likeliest first; none for a name that climbs or is no path at all."""
    try:
        reject_hostile(name)
    except BadPath:
        return []
    paths = [server_paths(server) for server in servers if server.type == PLEX and server.enabled]
    whole = [local for one in paths if _is_whole(name) for local in to_local(one, name)]
    found = [*whole, *(local for one in paths for remote in _below_roots(one, name) for local in to_local(one, remote))]
    composed = (form for local in found for form in (local, unicodedata.normalize("NFC", local)))
    usable = [local for local in (_usable(form) for form in composed) if local]
    return list(dict.fromkeys(usable))[:MOST_CANDIDATES]


def roots_above(servers: Iterable[Server], local: str) -> tuple[str, ...]:
    """The local roots of the Plex libraries that hold the path, the closest first; none when nobody may look at it."""
    if not _usable(local):
        return ()
    judged = (judge(server_paths(server), local) for server in servers if server.type == PLEX)
    return tuple(dict.fromkeys(root for one in judged if one.verdict is Verdict.OWNED for root in one.roots))


def _is_whole(name: str) -> bool:
    return name.startswith("/") or flavour_of(name) is Flavour.WINDOWS


def _below_roots(server: ServerPaths, name: str) -> Iterator[str]:
    """The name joined to every library folder; what it repeats of the folder's own end is not said twice."""
    for root in (root for library in server.libraries if library.enabled for root in library.remote_paths if root):
        windows = flavour_of(root) is Flavour.WINDOWS
        parts = [part for part in re.split(r"[\\/]+" if windows else "/+", name) if part not in {"", "."}]
        separator = "\\" if windows and "\\" in root else "/"
        for repeated in range(len(parts)):
            if _ends_with(root, parts[:repeated]):
                yield separator.join([root.rstrip("\\/"), *parts[repeated:]])


def _ends_with(root: str, parts: list[str]) -> bool:
    known = segments(root)[1:]
    fold = str.casefold if flavour_of(root) is Flavour.WINDOWS else str
    return len(parts) <= len(known) and all(
        fold(unicodedata.normalize("NFC", part)) == one
        for part, one in zip(parts, known[len(known) - len(parts) :], strict=True)
    )


def _usable(local: str) -> str:
    try:
        return canonical(local)
    except BadPath:
        return ""
