"""Where the folder server's outputs go: beside the video, or mirrored below a folder of their own; pure."""

from dataclasses import dataclass

from framewright.contracts.server import Server, server_paths
from framewright.domain.frames import Rendition
from framewright.domain.media import folder, is_under, rebase, segments, stem
from framewright.domain.ownership import to_local
from framewright.domain.publishing import Output, OutputKind, PublishTarget
from framewright.vendors.mediabrowser.layout import beside, bif_sidecar, joined, trickplay_sidecar

TILES = (10, 10)
"""Thumbnails per sheet, columns and rows, as the servers' own defaults."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder in which a video's outputs lie, and the existing root above it."""

    path: str
    root: str


def beside_media(local_path: str) -> Place:
    """The folder of the video."""
    return Place(beside(local_path), beside(local_path))


def mirrored(local_path: str, library_root: str, output_folder: str) -> Place | None:
    """The video's folder relative to its library, below `output_folder`; None when the library does not hold it."""
    path = rebase(folder(local_path), library_root, output_folder)
    return None if path is None else Place(path, output_folder)


def place_for(server: Server, target: PublishTarget) -> Place | None:
    """Where the server's outputs for the file lie; None when no library holds it or no output folder is set."""
    if server.output.save_with_media:
        return beside_media(target.local_path)
    root = library_root(server, target)
    return mirrored(target.local_path, root, server.output.folder) if root and server.output.folder else None


def library_root(server: Server, target: PublishTarget) -> str:
    """The longest local root above the file, of the named library where one is named; empty when there is none."""
    paths = server_paths(server)
    named = [library for library in paths.libraries if library.id == target.library_id] or paths.libraries
    roots = [root for library in named for remote in library.remote_paths for root in to_local(paths, remote)]
    holding = [root for root in roots if is_under(target.local_path, root)]
    return max(holding, key=lambda root: len(segments(root)), default="")


def planned(server: Server, target: PublishTarget) -> tuple[str, ...]:
    """Where the outputs would go."""
    place = place_for(server, target)
    if place is None:
        return ()
    return tuple(output.path for output in outputs(target.local_path, place, target.rendition, server.output.formats))


def outputs(local_path: str, place: Place, rendition: Rendition, formats: tuple[str, ...]) -> tuple[Output, ...]:
    """`{stem}.previews` with thumbnails.vtt and its sheets, then the extra formats as Emby and Jellyfin name them."""
    web = joined(place.path, f"{stem(local_path)}.previews")
    found = [Output(OutputKind.WEBVTT, web, place.root, rendition, *TILES)]
    if "bif" in formats:
        found.append(bif_sidecar(place.path, local_path, place.root, rendition))
    if "trickplay" in formats:
        found.append(trickplay_sidecar(place.path, local_path, place.root, rendition, TILES))
    return tuple(found)
