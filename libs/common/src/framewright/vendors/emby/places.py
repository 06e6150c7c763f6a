"""Where Emby's previews lie: BIF files beside the videos."""

from framewright.vendors.mediabrowser.places import bif_place, bif_stem
from framewright.vendors.places import Place


def place(path: str) -> Place | None:
    """The place, None when the path is none of Emby's."""
    return bif_place(path)


def video_stem(name: str) -> str:
    """The stem of the video that an entry beside it is named after; empty for anything else."""
    return bif_stem(name)
