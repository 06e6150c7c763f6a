"""How the previews beside a video are told from everything else there; the folder server uses the same names."""

import re

from framewright.domain.publishing import OutputKind
from framewright.vendors.places import Place

TILES = r"\d+ - \d+x\d+"
"""The folder of one width, as `formats.tiling` names it."""

_SIDECAR = re.compile(r"(?P<stem>[^/]+)-\d+-\d+\.bif")
_BUNCH = re.compile(r"(?P<stem>[^/]+)\.trickplay")
_TILES = re.compile(rf"(?P<bunch>.*/(?P<stem>[^/]+)\.trickplay)/{TILES}")


def bif_stem(name: str) -> str:
    """The stem of the video that a file of this name is a BIF sidecar of; empty when it is none."""
    found = _SIDECAR.fullmatch(name)
    return found["stem"] if found else ""


def trickplay_stem(name: str) -> str:
    """The stem of the video that a folder of this name holds tiles of; empty when it is none."""
    found = _BUNCH.fullmatch(name)
    return found["stem"] if found else ""


def bif_place(path: str) -> Place | None:
    """`{stem}-{width}-{seconds}.bif`."""
    stem = bif_stem(path.rpartition("/")[2])
    return Place(OutputKind.BIF, stem) if stem else None


def trickplay_place(path: str) -> Place | None:
    """`{stem}.trickplay/{width} - {columns}x{rows}`; the folder around it goes with its last width."""
    found = _TILES.fullmatch(path)
    return Place(OutputKind.TRICKPLAY, found["stem"], (found["bunch"],)) if found else None
