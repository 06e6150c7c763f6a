"""What is written for an output, and whether it must be written at all. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileSettledV1
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import PublishRecord
from framewright.domain.frames import Rendition, fingerprint
from framewright.domain.outcome import Outcome
from framewright.domain.publishing import Located, Output, OutputKind
from framewright.formats.bif import write_bif
from framewright.formats.framepack import PackManifest, slot_frames
from framewright.formats.trickplay import write_sheets
from framewright.formats.webvtt import SheetLayout, write_vtt

VTT_NAME = "thumbnails.vtt"

MOST_REEXTRACTIONS = 3
"""How often missing frames are asked for again before the request waits for its next turn."""


@dataclass(frozen=True, slots=True)
class Film:
    """A whole frame pack in memory: its table of contents and its pictures, in the order of time."""

    manifest: PackManifest
    pictures: tuple[bytes, ...]

    def slots(self, interval_ms: int) -> list[bytes]:
        """The picture of every slot."""
        return [self.pictures[index] for index in slot_frames(self.manifest, interval_ms)]


def current_fingerprint(request: PublishRequestedV1, rendition: Rendition) -> str:
    """What an output made now would depend on."""
    return fingerprint(request.version, rendition, request.picture)


def is_fresh(record: PublishRecord | None, wanted: str, located: Located) -> bool:
    """Whether the outputs that were last written are the ones that are wanted now, in the places they belong."""
    return record is not None and record.fingerprint == wanted and record.outputs == paths(located)


def is_regenerated(record: PublishRecord | None, request: PublishRequestedV1) -> bool:
    """Whether outputs that were asked for anew have been made since: once is enough, however often the request comes."""
    return not request.regenerate or (record is not None and record.requested_at >= request.requested_at)


def is_superseded(record: PublishRecord | None, wanted: str, request: PublishRequestedV1) -> bool:
    """Whether a newer request has already published something else for this file."""
    return record is not None and record.fingerprint != wanted and record.requested_at > request.requested_at


def paths(located: Located) -> tuple[str, ...]:
    """Where the outputs lie."""
    return tuple(output.path for output in located.outputs)


def bif_chunks(film: Film, output: Output) -> Iterator[bytes]:
    """The BIF file, piece by piece."""
    return write_bif(film.slots(output.rendition.interval_ms), output.rendition.interval_ms)


def folder_files(film: Film, output: Output) -> Iterator[tuple[str, bytes]]:
    """The files of a folder output, one sheet in memory at a time; nothing but numbered sheets in a trickplay folder."""
    interval = output.rendition.interval_ms
    frames = film.slots(interval)
    if output.kind is OutputKind.TRICKPLAY:
        for number, sheet in enumerate(write_sheets(frames, output.tile_width, output.tile_height)):
            yield f"{number}.jpg", sheet
        return
    manifest = film.manifest
    layout = SheetLayout(output.tile_width, output.tile_height, manifest.width, manifest.height)
    for number, sheet in enumerate(write_sheets(frames, output.tile_width, output.tile_height)):
        yield layout.sheet_name(number), sheet
    yield VTT_NAME, write_vtt(len(frames), interval, manifest.duration_ms, layout).encode()


def reextraction(request: PublishRequestedV1, rendition: Rendition, at: datetime) -> ExtractRequestedV1:
    """Asks for the frames again, for this server alone and as it wants them now."""
    return ExtractRequestedV1(
        job_ids=request.job_ids,
        path=request.path,
        path_id=request.path_id,
        targets=(msgspec.structs.replace(request.target, rendition=rendition),),
        picture=request.picture,
        requested_at=at,
        regenerate=True,
        attempt=request.reextracted + 2,
    )


def settled(
    request: PublishRequestedV1,
    outcome: Outcome,
    at: datetime,
    *,
    reason: str = "",
    outputs: Sequence[str] = (),
    call: str = "",
) -> FileSettledV1:
    """The fact that this server has what it should (or why not)."""
    return FileSettledV1(
        job_ids=request.job_ids,
        path_id=request.path_id,
        path=request.path,
        at=at,
        outcome=outcome,
        server_id=request.target.server_id,
        reason=reason,
        outputs=tuple(outputs),
        call=call,
        pack=request.pack,
    )
