"""What happens to one extraction request."""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, Failure
from framewright.chassis.metrics import DECODED, EXTRACTIONS, MEDIA_BYTES, SLOTS_BUSY
from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Message
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import ExtractionStartedV1, FramesExtractedV1
from framewright.contracts.progress import ProgressV1
from framewright.contracts.record import PublishRecord
from framewright.domain.errors import FramewrightError, Reject
from framewright.domain.frames import FileVersion
from framewright.domain.ports import FrameStore
from framewright.extractor.domain.request import Extraction, ExtractionRequest, Tonemap
from framewright.extractor.domain.work import (
    PackWish,
    failure_facts,
    finest,
    pack_wishes,
    publish_requests,
    target_fingerprint,
)
from framewright.formats.framepack import PackHeader, PackManifest, build_pack, covers, decode_manifest, encode_manifest

PROGRESS_SECONDS = 1.0

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Extractor:
    """What the handler is given.

    `version` stats a file (Retry when it is missing), `extract` decodes it, `record` remembers what a server has,
    `lease` holds a path against every other worker (Busy when taken), `reuse` is the switch for packs made earlier.
    """

    worker: str
    store: FrameStore
    version: Callable[[str], Awaitable[FileVersion]]
    extract: Callable[[ExtractionRequest, Progress], Awaitable[Extraction]]
    record: Callable[[str, str], Awaitable[PublishRecord | None]]
    lease: Callable[[str], AbstractAsyncContextManager[None]]
    spawn: Callable[[Awaitable[None]], None]
    reuse: Callable[[], bool]


async def on_extract_requested(
    request: ExtractRequestedV1, context: Context, *, extractor: Extractor
) -> Sequence[Answer]:
    """Make sure that every frame pack the owners need is in the store, decoding only what is not there yet.

    The lease is held until the ack, so that a change reported meanwhile is looked at again afterwards and never lost.
    """
    await context.until_settled.enter_async_context(extractor.lease(request.path_id))
    version = await extractor.version(request.path)
    wishes = pack_wishes(request, version)
    facts: list[Message] = []
    for wish in wishes:
        facts += await _supply(request, wish, version, context, extractor)
    return [*facts, *publish_requests(request, version, wishes, now())]


def on_failure(request: ExtractRequestedV1, context: Context, failure: Failure) -> Sequence[Message]:
    """The facts after a failed attempt."""
    return failure_facts(request, failure.error, failure.next_try, context.attempt, now())


async def _supply(
    request: ExtractRequestedV1, wish: PackWish, version: FileVersion, context: Context, extractor: Extractor
) -> list[Message]:
    kept = await _kept(wish, extractor.store)
    if not request.regenerate:
        if extractor.reuse() and kept is not None and all(covers(kept, interval) for interval in wish.intervals_ms):
            return [_extracted(request, wish.key, version, kept, reused=True)]
        if await _all_fresh(request, wish, version, extractor):
            return []
    if kept is not None:  # another server may still need what the pack was made for
        wish = replace(wish, intervals_ms=finest((*wish.intervals_ms, *kept.intervals_ms)))
    started = ExtractionStartedV1(
        job_ids=request.job_ids,
        path_id=request.path_id,
        path=request.path,
        at=now(),
        worker=extractor.worker,
        delivery=context.delivery,
    )
    await context.tell(started)
    manifest = await _decode(request, wish, version, context, extractor)
    return [_extracted(request, wish.key, version, manifest, reused=False)]


async def _kept(wish: PackWish, store: FrameStore) -> PackManifest | None:
    """The manifest of the pack that is there; one that cannot be read is a miss, it will be written anew."""
    found = await store.manifest(wish.key)
    if found is None:
        return None
    try:
        return decode_manifest(found)
    except Reject:
        return None


async def _all_fresh(request: ExtractRequestedV1, wish: PackWish, version: FileVersion, extractor: Extractor) -> bool:
    """Whether every server already has these outputs; the publishers still look whether they are there."""
    for target in wish.targets:
        record = await extractor.record(request.path_id, target.server_id)
        if record is None or record.fingerprint != target_fingerprint(request, target, version):
            return False
    return True


async def _decode(
    request: ExtractRequestedV1, wish: PackWish, version: FileVersion, context: Context, extractor: Extractor
) -> PackManifest:
    asked = ExtractionRequest(
        path=request.path,
        intervals_ms=wish.intervals_ms,
        width=wish.width,
        quality=request.picture.quality,
        tonemap=Tonemap(request.picture.tonemap),
    )
    with SLOTS_BUSY.track_inprogress():
        try:
            extraction = await extractor.extract(asked, _shown(request, context, extractor))
        except FramewrightError as error:
            EXTRACTIONS.labels("", error.code).inc()
            raise
    _count(extraction)
    header = PackHeader(
        path_id=request.path_id,
        version=version,
        width=extraction.width,
        height=extraction.height,
        picture=request.picture,
        duration_ms=extraction.duration_ms,
        intervals_ms=wish.intervals_ms,
        partial=extraction.partial,
        report=extraction.report,
    )
    parts, manifest = build_pack(extraction.frames, header)
    await extractor.store.put(wish.key, parts, encode_manifest(manifest))
    return manifest


def _shown(request: ExtractRequestedV1, context: Context, extractor: Extractor) -> Progress:
    """Passes progress on to whoever is looking, at most once a second."""
    last = 0.0

    def show(fraction: float) -> None:
        nonlocal last
        if time.monotonic() - last < PROGRESS_SECONDS:
            return
        last = time.monotonic()
        progress = ProgressV1(
            job_ids=request.job_ids,
            path_id=request.path_id,
            path=request.path,
            fraction=round(fraction, 3),
            worker=extractor.worker,
        )
        extractor.spawn(context.show(progress))

    return show


def _extracted(
    request: ExtractRequestedV1, key: str, version: FileVersion, manifest: PackManifest, *, reused: bool
) -> FramesExtractedV1:
    return FramesExtractedV1(
        job_ids=request.job_ids,
        path_id=request.path_id,
        path=request.path,
        at=now(),
        pack=key,
        version=version,
        reused=reused,
        partial=manifest.partial,
        report=manifest.report,
    )


def _count(extraction: Extraction) -> None:
    EXTRACTIONS.labels(extraction.report.path, "partial" if extraction.partial else "whole").inc()
    DECODED.inc(extraction.report.decoded)
    MEDIA_BYTES.inc(extraction.report.bytes_read)
