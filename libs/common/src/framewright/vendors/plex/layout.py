"""Where a Plex bundle keeps its previews, and which folder may be scanned for a file; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from framewright.contracts.server import Server
from framewright.domain.errors import Retry
from framewright.domain.frames import Rendition
from framewright.domain.media import Flavour, flavour_of, folder, is_under, rebase, segments
from framewright.domain.publishing import Output, OutputKind, PublishTarget

SHORTEST_HASH = 2
"""A shorter part hash names no bundle: the server has not read the file yet."""


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """The folder to scan in the location's spelling, or an empty one with the reason why nothing is scanned.

    `is_root` says that it is a whole location, which is scanned seldom.
    """

    folder: str = ""
    reason: str = ""
    is_root: bool = False


def bundles_root(config_folder: str) -> str:
    """The folder of all bundles below Plex's data folder (the one called "Plex Media Server")."""
    return f"{config_folder.rstrip('/')}/Media/localhost"


def index_file(config_folder: str, part_hash: str, rendition: Rendition) -> Output:
    """The one preview file of a media part: `{h[0]}/{h[1:]}.bundle/Contents/Indexes/index-sd.bif`.

    The name says nothing of width and interval; the file itself does.

    Raises:
        Retry: the hash that the server gave is none, or would lead elsewhere (BAD_ANSWER).
    """
    if not (part_hash.isascii() and part_hash.isalnum()):
        raise Retry("the server's hash of the file is no hash", code="BAD_ANSWER")
    root = bundles_root(config_folder)
    path = f"{root}/{part_hash[0]}/{part_hash[1:]}.bundle/Contents/Indexes/index-sd.bif"
    return Output(OutputKind.BIF, path, root, rendition)


def planned(server: Server, target: PublishTarget) -> tuple[str, ...]:
    """Where the output would go, as far as it is known without asking the server for the part's hash."""
    root = bundles_root(server.output.plex_config_folder or "(plex_config_folder is not set)")
    return (f"{root}/<hash of {file_name(target.local_path)}>.bundle/Contents/Indexes/index-sd.bif",)


def file_name(remote_path: str) -> str:
    """The last part of a path in the server's spelling; a backslash divides only Windows paths."""
    windows = flavour_of(remote_path) is Flavour.WINDOWS
    return (remote_path.replace("\\", "/") if windows else remote_path).rpartition("/")[2]


def plan_scan(remote_path: str, locations: Iterable[str]) -> ScanPlan:
    """The file's own folder, below the longest location that holds it or that location itself; never an empty one."""
    holding = [place for place in locations if place and is_under(remote_path, place)]
    if not holding:
        return ScanPlan(reason="no location of the section holds the file")
    location = max(holding, key=lambda place: len(segments(place)))
    parent = folder(remote_path)
    is_root = len(segments(parent)) <= len(segments(location))
    return ScanPlan(rebase(location if is_root else parent, location, location) or "", is_root=is_root)
