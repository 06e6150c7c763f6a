"""Where Jellyfin's tiles lie: in a folder beside the video, or by the item's id in the server's data folder."""

import re

from framewright.domain.publishing import OutputKind
from framewright.vendors.mediabrowser.places import TILES, trickplay_place, trickplay_stem
from framewright.vendors.places import Place

_OFF_MEDIA = re.compile(rf"(?P<item>.*/data/trickplay/(?P<two>[0-9a-f]{{2}})/(?P=two)[0-9a-f-]{{34}})/{TILES}")


def place(path: str) -> Place | None:
    """The place, None when the path is none of Jellyfin's."""
    found = _OFF_MEDIA.fullmatch(path)
    return Place(OutputKind.TRICKPLAY, made=(found["item"],)) if found else trickplay_place(path)


def video_stem(name: str) -> str:
    """The stem of the video that an entry beside it is named after; empty for anything else."""
    return trickplay_stem(name)
