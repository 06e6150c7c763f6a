"""Where Plex's previews lie: one file in each bundle, which is named by a hash and may serve several paths."""

import re

from framewright.domain.publishing import OutputKind
from framewright.vendors.places import Place

_INDEX = re.compile(r".*/Media/localhost/[^/]/[^/]+\.bundle/Contents/Indexes/index-sd\.bif")


def place(path: str) -> Place | None:
    """The place, None when the path is none of Plex's."""
    return Place(OutputKind.BIF) if _INDEX.fullmatch(path) else None


def video_stem(name: str) -> str:  # noqa: ARG001 - nothing of Plex lies beside a video
    """Empty: nothing of Plex lies beside a video."""
    return ""
