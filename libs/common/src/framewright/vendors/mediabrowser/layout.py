"""How Emby and Jellyfin name the previews of a file; pure. The folder server uses the same names for extra formats."""

from framewright.domain.errors import Reject
from framewright.domain.frames import Rendition
from framewright.domain.media import folder, stem
from framewright.domain.publishing import Output, OutputKind
from framewright.formats.tiling import folder_name

_SECOND_MS = 1000


def bif_sidecar(place: str, local_path: str, root: str, rendition: Rendition) -> Output:
    """`{place}/{stem}-{width}-{interval}.bif`, the interval in whole seconds, as Emby reads it from the name.

    Raises:
        Reject: the interval is no whole number of seconds, so that no true name exists (BAD_RENDITION).
    """
    seconds, rest = divmod(rendition.interval_ms, _SECOND_MS)
    if rest or not seconds:
        raise Reject(f"a BIF sidecar cannot say {rendition.interval_ms} ms in its name", code="BAD_RENDITION")
    name = f"{stem(local_path)}-{rendition.width}-{seconds}.bif"
    return Output(OutputKind.BIF, joined(place, name), root, rendition)


def trickplay_sidecar(place: str, local_path: str, root: str, rendition: Rendition, tiles: tuple[int, int]) -> Output:
    """`{place}/{stem}.trickplay/{width} - {columns}x{rows}`: the folder of one width."""
    width_folder = folder_name(rendition.width, *tiles)
    path = joined(joined(place, f"{stem(local_path)}.trickplay"), width_folder)
    return Output(OutputKind.TRICKPLAY, path, root, rendition, *tiles)


def beside(local_path: str) -> str:
    """The folder of the video, where sidecars lie."""
    return folder(local_path)


def joined(place: str, name: str) -> str:
    """`name` below `place`, without a doubled separator at the root of the file system."""
    return f"{place.rstrip('/')}/{name}"
