"""Where the folder server's outputs lie: WebVTT folders and the extra formats, beside the videos or mirrored."""

import re

from framewright.domain.publishing import OutputKind
from framewright.vendors.mediabrowser.places import bif_place, bif_stem, trickplay_place, trickplay_stem
from framewright.vendors.places import Place

_PREVIEWS = re.compile(r"(?P<stem>[^/]+)\.previews")


def place(path: str) -> Place | None:
    """The place, None when the path is none of the folder server's."""
    found = _PREVIEWS.fullmatch(path.rpartition("/")[2])
    return Place(OutputKind.WEBVTT, found["stem"]) if found else bif_place(path) or trickplay_place(path)


def video_stem(name: str) -> str:
    """The stem of the video that an entry beside it is named after; empty for anything else."""
    found = _PREVIEWS.fullmatch(name)
    return found["stem"] if found else bif_stem(name) or trickplay_stem(name)
