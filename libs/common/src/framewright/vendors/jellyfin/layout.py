"""Where Jellyfin looks for trickplay tiles, and what it may call the item of a file; pure."""

import re
from uuid import UUID

from framewright.contracts.server import Server
from framewright.domain.errors import Retry
from framewright.domain.frames import Rendition
from framewright.domain.media import folder, stem
from framewright.domain.publishing import Output, OutputKind, PublishTarget
from framewright.formats.tiling import folder_name
from framewright.vendors.mediabrowser import layout

TILES = (10, 10)
"""Columns and rows of a sheet on a server that was never configured otherwise."""

OTHERS = "<each other width of the server> - 10x10"

_EPISODE = re.compile(r"[sS]\d{1,4}[ ._-]?[eE]\d{1,4}(?:-?[eE]\d{1,4})*[ ._-]*(?P<title>.*)")
_QUALITY = re.compile(r"[ ._-]+(?:[A-Za-z]+-)?(?:\d{3,4}[pi]|4K)\b.*$", re.IGNORECASE)
_YEAR = re.compile(r"[ ._]+[(\[{]?(?:19|20)\d\d[)\]}]?(?:[ ._].*)?$")
_TAGS = re.compile(r"[\[({].*?[\])}]")


def adjacent(local_path: str, rendition: Rendition, tiles: tuple[int, int]) -> Output:
    """`{dir}/{stem}.trickplay/{width} - {columns}x{rows}`, in the existing folder of the video."""
    place = layout.beside(local_path)
    return layout.trickplay_sidecar(place, local_path, place, rendition, tiles)


def data_root(config_folder: str) -> str:
    """The folder that exists in every Jellyfin data folder and holds `trickplay`, which the server makes on demand."""
    return f"{config_folder.rstrip('/')}/data"


def off_media(config_folder: str, item_id: str, rendition: Rendition, tiles: tuple[int, int]) -> Output:
    """`{config}/data/trickplay/{first two of guid}/{guid}/{width} - {columns}x{rows}`, the guid dashed, lower case.

    Raises:
        Retry: the id that the server gave is no guid (BAD_ANSWER).
    """
    try:
        guid = str(UUID(item_id))
    except ValueError as error:
        raise Retry("the server's item id is no guid", code="BAD_ANSWER") from error
    root = data_root(config_folder)
    path = f"{root}/trickplay/{guid[:2]}/{guid}/{folder_name(rendition.width, *tiles)}"
    return Output(OutputKind.TRICKPLAY, path, root, rendition, *tiles)


def planned(server: Server, target: PublishTarget) -> tuple[str, ...]:
    """Where the tiles would go, as configured here; the server's own widths, interval and layout win when it is asked."""
    if server.output.save_with_media:
        place = folder(adjacent(target.local_path, target.rendition, TILES).path)
    else:
        root = data_root(server.output.jellyfin_config_folder or "(jellyfin_config_folder is not set)")
        place = f"{root}/trickplay/<item id>"
    named = [folder_name(one.width, *TILES) for one in target.renditions]
    return tuple(f"{place}/{name}" for name in (*named, OTHERS))


def search_terms(remote_path: str) -> tuple[str, ...]:
    """Names that the item of a file may bear, likeliest first; the server searches names, it cannot search paths.

    An episode's title ends where the quality begins, or the label of one of its versions.
    """
    name = stem(remote_path)
    episode = _EPISODE.search(name)
    title = _QUALITY.sub("", episode["title"]) if episode else name
    other = title.rpartition(" - ")[0] if episode else re.split(r"[\\/]", folder(remote_path))[-1]
    return tuple(dict.fromkeys(term for term in (_bare(title), _bare(other)) if term))


def _bare(name: str) -> str:
    """The name without year, tags and separators."""
    plain = _TAGS.sub(" ", _YEAR.sub("", name))
    return " ".join(re.sub(r"[._]", " ", plain).split()).strip(" -")
