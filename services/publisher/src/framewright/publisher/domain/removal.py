"""Which outputs go with a video, which stay, and how many removals at once are too many to be believed. Pure."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from framewright.contracts.server import Server, server_paths
from framewright.domain.media import folder, is_under, segments, stem
from framewright.domain.ownership import to_local
from framewright.domain.publishing import OutputKind
from framewright.vendors import Place

MOST_AT_ONCE = 50
"""So many removals of one server within the window are ordinary, however small its library."""

MOST_PERCENT = 5.0
"""So much of what is remembered of a server may go within the window."""

WINDOW_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Doomed:
    """An output that is to go; `made` are the folders that go with it once they are empty, innermost first.

    `named` tells outputs that bear the video's name from those that a hash or an id names.
    """

    path: str
    kind: OutputKind
    made: tuple[str, ...] = ()
    named: bool = True


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to go, and for everything that stays the reason in words."""

    doomed: tuple[Doomed, ...]
    left: tuple[str, ...] = ()


def local_roots(server: Server) -> tuple[str, ...]:
    """Every library folder of the server as this system spells it, of disabled libraries too."""
    paths = server_paths(server)
    found = (local for one in paths.libraries for remote in one.remote_paths for local in to_local(paths, remote))
    return tuple(dict.fromkeys(filter(None, found)))


def roots_above(server: Server, path: str) -> tuple[str, ...]:
    """The library folders that hold the path."""
    return tuple(root for root in local_roots(server) if is_under(path, root))


def sentence(server: Server, video: str, outputs: Iterable[str], place: Callable[[str, str], Place | None]) -> Sentence:
    """Judge the outputs that are remembered of a video that is gone; `place` knows the vendors' places."""
    doomed: list[Doomed] = []
    left: list[str] = []
    for path in outputs:
        known = place(server.type, path)
        if known is None or not _is_within(server, video, path):
            left.append(f"{path} lies in no place that is known for previews of this server")
        elif known.stem and not same_name(known.stem, stem(video)):
            left.append(f"{path} is named after another video")
        else:
            made = tuple(dict.fromkeys((*known.made, *_mirrored(server, path))))
            doomed.append(Doomed(path, known.kind, made, named=bool(known.stem)))
    return Sentence(tuple(doomed), tuple(left))


def same_name(one: str, other: str) -> bool:
    """Whether two names are one to somebody who reads them: letter case and composition do not count."""
    return plain_name(one) == plain_name(other)


def is_mass_deletion(removals: int, remembered: int) -> bool:
    """Whether so many removals within the window are a missing disk rather than a tidy-up."""
    return removals > MOST_AT_ONCE and removals * 100 > MOST_PERCENT * remembered


def plain_name(name: str) -> str:
    """The name as it is compared: letter case and composition do not count."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_within(server: Server, video: str, path: str) -> bool:
    if ".." in segments(path):
        return False
    output = server.output
    folders = (output.folder, output.plex_config_folder, output.jellyfin_config_folder)
    allowed = (folder(video), *filter(None, folders))
    return any(is_under(path, root) for root in allowed)


def _mirrored(server: Server, path: str) -> tuple[str, ...]:
    """The folders between an output and the server's own output folder, innermost first: nobody else makes any there."""
    root = server.output.folder
    if not root or not is_under(path, root):
        return ()
    depth = len(segments(path)) - len(segments(root))
    parents = [path.rsplit("/", number)[0] for number in range(1, depth)]
    return tuple(parents)
