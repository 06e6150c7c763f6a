"""Where the folder server's outputs go: beside the video, or mirrored below a folder of their own; pure."""

from dataclasses import dataclass

from framewright.domain.frames import Rendition
from framewright.domain.media import folder, rebase, stem
from framewright.domain.publishing import Output, OutputKind
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


def outputs(local_path: str, place: Place, rendition: Rendition, formats: tuple[str, ...]) -> tuple[Output, ...]:
    """`{stem}.previews` with thumbnails.vtt and its sheets, then the extra formats as Emby and Jellyfin name them."""
    web = joined(place.path, f"{stem(local_path)}.previews")
    found = [Output(OutputKind.WEBVTT, web, place.root, rendition, *TILES)]
    if "bif" in formats:
        found.append(bif_sidecar(place.path, local_path, place.root, rendition))
    if "trickplay" in formats:
        found.append(trickplay_sidecar(place.path, local_path, place.root, rendition, TILES))
    return tuple(found)
