"""Making outputs of the frames in the store: only those that are not right as they are, each from the frames of its width."""

from dataclasses import dataclass

from framewright.chassis.clock import now
from framewright.contracts.base import Message
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import Adoption, PublishRecord, Stage
from framewright.domain.errors import Reject, Retry
from framewright.domain.frames import Rendition
from framewright.domain.ports import FrameStore
from framewright.domain.publishing import Located, Output, Written
from framewright.formats.framepack import PackManifest, covers, decode_manifest, pictures
from framewright.publisher.domain import outputs, records, telling
from framewright.publisher.domain.outputs import Film
from framewright.publisher.handlers.given import Errand, Placed


@dataclass(slots=True)
class Made:
    """What was written: the contents by the path of the output, and the stored width of the film in pixels."""

    contents: dict[str, Written]
    video_width: int


async def written(errand: Errand, placed: Placed, waiting: Adoption | None) -> Message | PublishRecord:
    """The record once all outputs are right; a message that asks for the frames where some are missing.

    Raises:
        Retry: code FRAMES_MISSING, they went missing every time; UNWRITABLE, the disk takes nothing now.
    """
    request, renditions = errand.request, placed.target.renditions
    before = await errand.record()
    wanted = outputs.by_source(await _stale(errand, placed, before), renditions)
    store = errand.publisher.store
    if missing := [one for one in wanted if not await _is_there(request, one, store)]:
        return _asked_for(request, renditions, missing)
    made = Made({}, placed.target.video_width)
    for rendition, some in wanted.items():
        if not await _make(errand, rendition, some, made):
            return _asked_for(request, renditions, [rendition])
    record = _record(errand, placed, before, made, waiting)
    await errand.remember(record)
    return record


async def video_width(request: PublishRequestedV1, store: FrameStore) -> int | None:
    """The stored width of the film, as one of its frame packs says; None when there is none."""
    for pack in request.packs.values():
        manifest = await _manifest(pack, store)
        if manifest is not None:
            return manifest.video_width
    return None


async def _stale(errand: Errand, placed: Placed, before: PublishRecord | None) -> list[Output]:
    """The outputs that must be written."""
    request, wanted = errand.request, placed.located.outputs
    if before is None or not records.is_regenerated(before, request):
        return list(wanted)
    made = [one for one in wanted if records.is_made(before, one, request, placed.target.renditions)]
    right = {one.path for one in made if await errand.publisher.present(Located((one,)))}
    return [one for one in wanted if one.path not in right]


async def _make(errand: Errand, rendition: Rendition, wanted: tuple[Output, ...], made: Made) -> bool:
    """Write the outputs of one rendition; False when its frames turn out to be damaged. One film is in memory at a time."""
    film = await _film(errand.request, rendition, errand.publisher.store)
    if film is None:
        return False
    await errand.publisher.write(Located(wanted), film)
    made.contents |= {one.path: outputs.contents(film, one) for one in wanted}
    made.video_width = film.manifest.video_width
    return True


def _record(
    errand: Errand, placed: Placed, before: PublishRecord | None, made: Made, waiting: Adoption | None
) -> PublishRecord:
    request, located = errand.request, placed.located
    known = records.known_contents(before, located) if before else (None,) * len(located.outputs)
    pairs = zip(located.outputs, known, strict=True)
    first, *further = [made.contents.get(output.path, content) for output, content in pairs]
    return PublishRecord(
        fingerprint=placed.wanted,
        requested_at=request.requested_at,
        outputs=outputs.paths(located),
        stage=Stage.WRITTEN,
        at=now(),
        pack=request.pack,
        written=first,
        video_width=made.video_width,
        adoption=waiting,
        path=request.path,
        parts=records.parts(request, placed.target.renditions),
        further_packs=request.further_packs,
        further_written=tuple(one for one in further if one),
    )


async def _is_there(request: PublishRequestedV1, rendition: Rendition, store: FrameStore) -> bool:
    """Whether the store has the frames, without reading them; not when they are too coarse or of another width."""
    pack = request.packs.get(rendition.width, "")
    manifest = await _manifest(pack, store) if pack else None
    return (
        manifest is not None
        and covers(manifest, rendition.interval_ms)
        and await store.whole(pack, len(manifest.parts))
    )


async def _film(request: PublishRequestedV1, rendition: Rendition, store: FrameStore) -> Film | None:
    """The frames; None when they are gone, incomplete or damaged."""
    pack = request.packs[rendition.width]
    manifest = await _manifest(pack, store)
    if manifest is None:
        return None
    parts = [await store.part(pack, number) for number in range(len(manifest.parts))]
    try:
        return Film(manifest, tuple(pictures(manifest, [part for part in parts if part is not None])))
    except Reject:
        return None


async def _manifest(pack: str, store: FrameStore) -> PackManifest | None:
    found = await store.manifest(pack)
    if found is None:
        return None
    try:
        return decode_manifest(found)
    except Reject:
        return None


def _asked_for(request: PublishRequestedV1, renditions: tuple[Rendition, ...], missing: list[Rendition]) -> Message:
    """Ask for the missing frames.

    Raises:
        Retry: code FRAMES_MISSING, they went missing every time; the cache may be too small for one film.
    """
    if request.reextracted >= telling.MOST_REEXTRACTIONS:
        raise Retry("the frames are gone from the cache each time they are needed", code="FRAMES_MISSING")
    return telling.reextraction(request, renditions, missing, now())
