"""From what the walks found to the answer: the strips of pictures and the report."""

from collections.abc import Sequence
from dataclasses import dataclass

from framewright.domain.errors import Reject
from framewright.extractor.adapters.walk import Gallery
from framewright.extractor.domain.ending import Ending
from framewright.extractor.domain.request import Extraction, ExtractionRequest, Strip
from framewright.extractor.domain.slots import count_slots, standing
from framewright.formats.framepack import ExtractionReport


@dataclass(frozen=True, slots=True)
class Effort:
    """What the extraction cost and where it ran; see `ExtractionReport`, whose fields these are."""

    path: str
    bytes_read: int
    file_bytes: int
    wall_s: float
    cpu_s: float
    device: str
    refused: str = ""


def concluded(
    request: ExtractionRequest, gallery: Gallery, ending: Ending, effort: Effort, remarks: Sequence[str]
) -> Extraction:
    """The pictures and the report.

    Raises:
        Reject: `NO_PICTURE` when nothing could be decoded.
    """
    if not gallery.pictures:
        raise Reject(f"{request.path} holds no picture that can be decoded", code="NO_PICTURE")
    finest = min(request.intervals_ms)
    owed = ending.owed_ms(finest)
    partial = ending.partial(finest)
    cut = (f"the file is cut off: the film ends at {ending.duration_ms / 1000:.1f} s",) if partial else ()
    report = ExtractionReport(
        path=effort.path,
        slots=count_slots(owed, request.intervals_ms),
        decoded=gallery.decoded,
        holes=gallery.coverage.holes(owed, request.intervals_ms),
        bytes_read=effort.bytes_read,
        file_bytes=effort.file_bytes,
        wall_s=effort.wall_s,
        cpu_s=effort.cpu_s,
        device=effort.device,
        warnings=(*remarks, *cut),
        refused=effort.refused,
    )
    return Extraction(_strips(request, gallery, ending.duration_ms), ending.duration_ms, partial, report)


def _strips(request: ExtractionRequest, gallery: Gallery, duration_ms: int) -> tuple[Strip, ...]:
    """What each width wants of the pictures; with one rhythm for all that is everything."""
    times = sorted(gallery.pictures)
    strips: list[Strip] = []
    for place, width in enumerate(request.widths):
        intervals = request.intervals_of(width)
        wanted = times if intervals == request.intervals_ms else standing(times, duration_ms, intervals)
        frames = tuple((time_ms, gallery.pictures[time_ms][place].jpeg) for time_ms in wanted)
        strips.append(Strip(width, gallery.first[place].height, frames))
    return tuple(strips)
