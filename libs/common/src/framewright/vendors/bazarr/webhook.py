"""Bazarr's script or `?path=`: a subtitle was put beside a video. No pixel changed, so the servers only have to look again.

The change says so with the reason `sidecar`. A path that is a subtitle's stands for its folder, because its name does not tell
which video it belongs to.
"""

from framewright.domain.media import folder, suffix
from framewright.domain.outcome import ChangeKind
from framewright.vendors.flat import changed_paths, names_itself
from framewright.vendors.source import SIDECAR, Change, Payload, Source, Understood

NAME = "bazarr"
SUBTITLES = frozenset({".ass", ".idx", ".smi", ".srt", ".ssa", ".sub", ".sup", ".ttml", ".vtt"})


def understand(payload: Payload) -> Understood:
    """What Bazarr's request means."""
    return changed_paths(NAME, payload, _beside)


def _beside(path: str) -> Change:
    return Change(ChangeKind.CHANGED, folder(path) if suffix(path) in SUBTITLES else path, why=SIDECAR)


SOURCE = Source(NAME, "Bazarr", names_itself(NAME), understand)
