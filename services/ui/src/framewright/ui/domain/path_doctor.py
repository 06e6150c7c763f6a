"""Which path mappings a server needs, found by comparing the files that it lists with those that lie here; pure.

Two paths with the same name and size are taken for one file. What they have in common at the end is cut off; what is left
is a proposal. Every proposal is then tested on all listed files, so that a chance likeness shows as missing files.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Protocol

from framewright.contracts.server import Server, server_paths
from framewright.domain.errors import BadPath
from framewright.domain.libraries import ListedFile
from framewright.domain.media import Flavour, file_name, flavour_of, folder, is_under, is_video, rebase, segments
from framewright.domain.media import reject_hostile as refused
from framewright.domain.ownership import PathMapping, ServerPaths, to_local

MOST_PROPOSALS = 20
MOST_TWINS = 20
"""Local files of one name that are compared with a listed one; more say nothing any more."""

MOST_EXAMPLES = 5

TRUSTED = 0.9
"""Part of the tested files that must be there before a mapping is recommended; some files are always just gone."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A video here with its size in bytes."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What a walk found: the files of the wanted names, how many entries it saw, whether it saw all."""

    files: tuple[LocalFile, ...]
    entries: int
    complete: bool


class Ground(Protocol):
    """The media folders here."""

    async def survey(self, roots: Sequence[str], names: frozenset[str]) -> Survey:
        """Walk the folders for videos whose `name_key` is wanted; bounded in entries and time.

        Raises:
            Busy: another walk is under way.
        """
        ...

    async def sizes(self, paths: Sequence[str]) -> dict[str, int]:
        """The sizes of those that are files here, by path."""
        ...


@dataclass(frozen=True, slots=True)
class Doctor:
    """What the examination needs: the server's files, and ours; `root` is the folder that is never left."""

    listed: Callable[[Server, int], Awaitable[list[ListedFile]]]
    ground: Ground
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One tested file: the server's spelling, ours by the proposal, whether it is there with the right size."""

    remote: str
    local: str
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A mapping with its evidence in numbers of listed files; `known` when it is configured already.

    `recommended` proposals together explain the most files with the fewest rows; nothing that was tested speaks against
    the others of the same evidence, they only are not needed.
    """

    remote_prefix: str
    local_prefix: str
    tested: int
    present: int
    other_size: int
    missing: int
    known: bool = False
    recommended: bool = False
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The answer: what was compared, how it stands now, what would help; `complete` is false when the walk was cut short."""

    server_id: str
    listed: int
    walked: int
    complete: bool
    found_now: int
    proposals: tuple[Proposal, ...]
    unexplained: tuple[str, ...]
    advice: str


def usable(listed: Iterable[ListedFile]) -> list[ListedFile]:
    """The listed files that are absolute paths of videos; links to streams and the like are left out."""
    return [one for one in dict.fromkeys(listed) if is_video(one.path) and _is_absolute(one.path)]


def name_key(path: str) -> str:
    """The form in which file names are compared: composed, without case, because one side may be Windows."""
    return segments(file_name(path))[-1].casefold()


def walks(servers: Sequence[Server], root: str) -> list[str]:
    """Where to look when nobody says: the local folders of all mappings and libraries, else the media root."""
    paths = [server_paths(server) for server in servers]
    mapped = [row.local_prefix for server in paths for row in server.path_mappings]
    owned = [
        local
        for server in paths
        for library in server.libraries
        for remote in filter(None, library.remote_paths)
        for local in to_local(server, remote)
    ]
    inside = [one for one in dict.fromkeys([*mapped, *owned]) if one.startswith("/") and is_under(one, root)]
    if segments(root) != segments("/"):
        return [root]
    return [one for one in inside if not any(one != other and is_under(one, other) for other in inside)]


def pairs(listed: Sequence[ListedFile], files: Iterable[LocalFile]) -> list[tuple[ListedFile, LocalFile]]:
    """Listed and local files of the same name and, where the server says it, size."""
    named: dict[str, list[LocalFile]] = {}
    for file in files:
        named.setdefault(name_key(file.path), []).append(file)
    return [
        (one, twin)
        for one in listed
        for twin in named.get(name_key(one.path), ())[:MOST_TWINS]
        if one.size in {0, twin.size}
    ]


def candidates(server: ServerPaths, found: Sequence[tuple[ListedFile, LocalFile]]) -> list[PathMapping]:
    """Mappings that would join the pairs, the most supported first; also narrowed to the server's library folders.

    A library on a disk of its own shares a parent's name by chance: then only the narrow mapping is true.
    """
    support: Counter[PathMapping] = Counter()
    for one, twin in found:
        wide = differing(one.path, twin.path)
        if wide is None:
            continue
        narrow = [
            PathMapping(root, local)
            for library in server.libraries
            for root in library.remote_paths
            if root and is_under(one.path, root) and (local := rebase(root, wide.remote_prefix, wide.local_prefix))
        ]
        support.update({wide, *narrow})
    unlike = [row for row, _ in support.most_common() if segments(row.remote_prefix) != segments(row.local_prefix)]
    return unlike[:MOST_PROPOSALS]


def differing(remote: str, local: str) -> PathMapping | None:
    """The two beginnings once the common end is cut off, each in its own spelling; None when there is nothing to map.

    A folder is always left on either side (on Windows a drive or a share will do): the whole of `/` is never mapped.
    """
    ours, theirs = segments(local), segments(remote)
    if ours == theirs:
        return None
    fold = str.casefold if flavour_of(remote) is Flavour.WINDOWS else str
    backwards = zip(map(fold, reversed(ours)), map(fold, reversed(theirs)), strict=False)
    common = sum(1 for _ in takewhile(lambda two: two[0] == two[1], backwards))
    left = {"/": 2, "\\\\": 3}.get(theirs[0], 1)
    common = min(common, len(ours) - 2, len(theirs) - left)
    return PathMapping(_above(remote, common), _above(local, common)) if common > 0 else None


def foretold(row: PathMapping, listed: Sequence[ListedFile]) -> dict[ListedFile, str]:
    """Where each listed file under the row would be here."""
    places = {one: rebase(one.path, row.remote_prefix, row.local_prefix) for one in listed}
    return {one: local for one, local in places.items() if local is not None}


def current(server: ServerPaths, listed: Sequence[ListedFile]) -> dict[ListedFile, list[str]]:
    """Where each listed file is looked for as the server is configured now."""
    return {one: [local for local in to_local(server, one.path) if local.startswith("/")] for one in listed}


def proposal(
    row: PathMapping, listed: Sequence[ListedFile], sizes: Mapping[str, int], rows: Iterable[PathMapping]
) -> Proposal:
    """The proposal with its evidence; `sizes` are those of the places that `foretold` names."""
    places = foretold(row, listed)
    there = [one for one, local in places.items() if is_there(one, local, sizes)]
    missing = [one for one, local in places.items() if local not in sizes]
    shown = [*there[:MOST_EXAMPLES], *(one for one in places if one not in there)][:MOST_EXAMPLES]
    return Proposal(
        remote_prefix=row.remote_prefix,
        local_prefix=row.local_prefix,
        tested=len(places),
        present=len(there),
        other_size=len(places) - len(there) - len(missing),
        missing=len(missing),
        known=any(_same(row, one) for one in rows),
        examples=tuple(Example(remote=one.path, local=places[one], present=one in there) for one in shown),
    )


def is_there(one: ListedFile, local: str, sizes: Mapping[str, int]) -> bool:
    """Whether the place holds a file of the listed size, or of any where the server does not say."""
    return local in sizes and one.size in {0, sizes[local]}


def ranked(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Those that are right about nearly all they speak of first, then the most files, then the widest."""
    return sorted((one for one in proposals if one.present), key=_rank)


def recommended(
    proposals: Sequence[Proposal], listed: Sequence[ListedFile], sizes: Mapping[str, int], explained: set[ListedFile]
) -> tuple[list[Proposal], set[ListedFile]]:
    """The proposals with those marked that each explain a file which nothing before them explains; and all explained."""
    marked: list[Proposal] = []
    so_far = set(explained)
    for one in proposals:
        places = foretold(PathMapping(one.remote_prefix, one.local_prefix), listed)
        new = {file for file, local in places.items() if is_there(file, local, sizes)} - so_far
        useful = bool(new) and not one.known and one.present / one.tested >= TRUSTED
        so_far |= new if useful else set()
        marked.append(replace(one, recommended=useful))
    return marked, so_far


def advice(examination: Examination, roots: Sequence[str]) -> str:
    """What to do, in one or two sentences."""
    useful = sum(1 for one in examination.proposals if one.recommended)
    if not examination.listed:
        return "The server lists no video; have it scan its libraries first."
    if examination.found_now == examination.listed:
        return "Every listed file is found as the server is configured; no mapping is missing."
    if useful:
        explained = examination.listed - len(examination.unexplained)
        rows = "mapping" if useful == 1 else "mappings"
        return f"Add the {useful} recommended {rows}: {explained} of {examination.listed} listed files are found then."
    cut = "" if examination.complete else " The walk ended early: name narrower folders."
    return f"No listed file was found in {', '.join(roots)}: is that where this system sees the media?{cut}"


def _rank(one: Proposal) -> tuple[float, int, int, str, str]:
    doubt = max(0.0, TRUSTED - one.present / one.tested)
    return doubt, -one.present, len(segments(one.remote_prefix)), one.remote_prefix, one.local_prefix


def _is_absolute(path: str) -> bool:
    try:
        refused(path)
    except BadPath:
        return False
    return path.startswith("/") or flavour_of(path) is Flavour.WINDOWS


def _above(path: str, levels: int) -> str:
    for _ in range(levels):
        path = folder(path)
    return path


def _same(one: PathMapping, other: PathMapping) -> bool:
    return segments(one.remote_prefix) == segments(other.remote_prefix) and segments(one.local_prefix) == segments(
        other.local_prefix
    )
