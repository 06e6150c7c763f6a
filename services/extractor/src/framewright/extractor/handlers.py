"""What happens to one extraction request."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from framewright.chassis.clock import after, now
from framewright.chassis.delivery import Context, Failure
from framewright.chassis.metrics import DECODED, EXTRACTIONS, MEDIA_BYTES, SLOTS_BUSY
from framewright.chassis.outgoing import Answer, Later
from framewright.contracts.base import Message
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.facts import ExtractionStartedV1, FramesExtractedV1
from framewright.contracts.progress import ProgressV1
from framewright.contracts.record import PublishRecord
from framewright.domain.errors import FramewrightError, Reject, Retry
from framewright.domain.frames import FileVersion
from framewright.domain.media import media_id, shorten
from framewright.domain.ports import FrameStore
from framewright.extractor.domain.request import CPU, Extraction, ExtractionRequest
from framewright.extractor.domain.work import (
    PackWish,
    cancelled_facts,
    failure_facts,
    growing_facts,
    is_made,
    next_look,
    one_decode,
    pack_wishes,
    publish_requests,
)
from framewright.formats.framepack import PackHeader, PackManifest, build_pack, covers, decode_manifest, encode_manifest

PROGRESS_SECONDS = 1.0

TOLD_SECONDS = 60.0
"""A file that is still growing says so once, in this first stretch of its waiting."""

GROWING_SECONDS = 86_400.0
"""A file that never comes to rest, a recording for example, is given up after so long."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Extractor:
    """What the handler is given; one per device.

    `version` stats a file (Retry when it is missing), `quiet_in` says how many seconds it must still be left alone
    because it may be growing (0: none), `extract` decodes it on the device, `record` remembers what a server has, `lease`
    holds a path against every other worker (Busy when taken), `reuse` is the switch for packs made earlier. `cancelled` says
    whether nobody waits for these jobs any more, `called_off` returns as soon as that is so (Busy when work is to be given
    back). `worker` and `device` are what progress names. `quiet_in` and `store` are the same for every device of a process.
    """

    worker: str
    store: FrameStore
    version: Callable[[str], Awaitable[FileVersion]]
    quiet_in: Callable[[str, FileVersion], float]
    extract: Callable[[ExtractionRequest, Progress], Awaitable[Extraction]]
    record: Callable[[str, str], Awaitable[PublishRecord | None]]
    lease: Callable[[str], AbstractAsyncContextManager[None]]
    spawn: Callable[[Awaitable[None]], None]
    reuse: Callable[[], bool]
    cancelled: Callable[[Sequence[str]], bool]
    called_off: Callable[[Sequence[str]], Awaitable[None]]
    device: str = CPU


class Unwanted(Exception):
    """Nobody waits for the work any more; caught where the request is handled."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One request in work on one version of its file."""

    request: ExtractRequestedV1
    version: FileVersion
    context: Context
    extractor: Extractor


async def on_extract_requested(
    request: ExtractRequestedV1, context: Context, *, extractor: Extractor
) -> Sequence[Answer]:
    """Make sure that every frame pack the owners need is in the store, decoding only what is not there yet, and once.

    The lease is held until the ack, so that a change reported meanwhile is looked at again afterwards and never lost.
    What nobody waits for any more ends without work, or in the middle of it.
    """
    if extractor.cancelled(request.job_ids):
        return cancelled_facts(request, now(), context.attempt)
    await context.until_settled.enter_async_context(extractor.lease(request.path_id))
    version = await extractor.version(request.path)
    if wait := extractor.quiet_in(request.path, version):
        return _looked_at_later(request, context, wait)
    wishes = pack_wishes(request, version)
    try:
        facts = await _supply(_Task(request, version, context, extractor), wishes)
    except Unwanted:
        return cancelled_facts(request, now(), context.attempt)
    return [*facts, *publish_requests(request, version, wishes, now())]


def on_failure(request: ExtractRequestedV1, context: Context, failure: Failure) -> Sequence[Message]:
    """The facts after a failed attempt."""
    return failure_facts(request, failure.error, failure.next_try, context.attempt, now())


def _looked_at_later(request: ExtractRequestedV1, context: Context, wait: float) -> Sequence[Answer]:
    """The same request again when the file may have come to rest; no attempt is used up and no slot is held meanwhile."""
    at = now()
    waited = (at - context.first).total_seconds()
    if waited > GROWING_SECONDS:
        hours = f"{GROWING_SECONDS / 3600:.0f} hours"
        reason = f"{shorten(request.path)} was still being written after {hours}; it is taken up again when it changes"
        raise Reject(reason, code="STILL_GROWING")
    due = after(next_look(wait, waited))
    told = growing_facts(request, due, at) if waited < TOLD_SECONDS else []
    return [*told, Later(request, due, context.attempt, context.first)]


async def _supply(task: _Task, wishes: Sequence[PackWish]) -> list[Message]:
    """The facts about the packs that are in the store afterwards; wishes for what nobody needs any more leave none."""
    facts: list[Message] = []
    missing: list[PackWish] = []
    for wish in wishes:
        kept = await _kept(wish, task.extractor.store)
        if kept is not None and _serves(kept, wish, task):
            facts.append(_extracted(task, wish, kept, reused=True))
        elif task.request.remakes(wish.width) or not await _all_fresh(task, wish):
            missing.append(wish.and_also(kept.intervals_ms if kept is not None else ()))
    return [*facts, *(await _decoded(task, missing) if missing else [])]


async def _kept(wish: PackWish, store: FrameStore) -> PackManifest | None:
    """The manifest of the pack that is there; one that cannot be read or has lost a part is a miss, it is written anew."""
    found = await store.manifest(wish.key)
    if found is None:
        return None
    try:
        manifest = decode_manifest(found)
    except Reject:
        return None
    return manifest if await store.whole(wish.key, len(manifest.parts)) else None


def _serves(kept: PackManifest, wish: PackWish, task: _Task) -> bool:
    """Whether a pack that was made earlier may be used, and has a picture for every slot that is wanted."""
    if task.request.remakes(wish.width) or not task.extractor.reuse():
        return False
    return all(covers(kept, interval) for interval in wish.intervals_ms)


async def _all_fresh(task: _Task, wish: PackWish) -> bool:
    """Whether every server already has the outputs of this width; the publishers still look whether they are there."""
    for target in wish.targets:
        record = await _record(task, target)
        if record is None or not is_made(task.request, target, task.version, record, wish.width):
            return False
    return True


async def _record(task: _Task, target: Target) -> PublishRecord | None:
    """What the server has of the file: here, or where it was before it was renamed."""
    record_of, previous = task.extractor.record, task.request.previous_of(target)
    record = await record_of(task.request.path_id, target.server_id)
    if record is None and previous:
        return await record_of(media_id(previous), target.server_id)
    return record


async def _decoded(task: _Task, wishes: Sequence[PackWish]) -> list[Message]:
    """Fill all of these packs from one decode; its costs belong to the first fact."""
    request = task.request
    started = ExtractionStartedV1(
        job_ids=request.job_ids,
        path_id=request.path_id,
        path=request.path,
        at=now(),
        worker=task.extractor.worker,
        delivery=task.context.delivery,
    )
    await task.context.tell(started)
    extraction = await _extract(task, wishes)
    facts: list[Message] = []
    for wish in wishes:
        manifest = await _stored(task, wish, extraction)
        facts.append(_extracted(task, wish, manifest, reused=False, shares_decode=bool(facts)))
    return facts


async def _extract(task: _Task, wishes: Sequence[PackWish]) -> Extraction:
    """Decode, and make sure that it was this version: the packs are named after it.

    Raises:
        Retry: code FILE_CHANGED, the file was replaced between the look at it and its opening.
    """
    with SLOTS_BUSY.track_inprogress():
        try:
            extraction = await _while_wanted(
                task, task.extractor.extract(one_decode(task.request, wishes), _shown(task))
            )
        except FramewrightError as error:
            EXTRACTIONS.labels("", error.code).inc()
            raise
    report = extraction.report
    EXTRACTIONS.labels(report.path, "partial" if extraction.partial else "whole").inc()
    DECODED.inc(report.decoded)
    MEDIA_BYTES.inc(report.bytes_read)
    if await task.extractor.version(task.request.path) != task.version:
        raise Retry(f"{shorten(task.request.path)} changed while it was read", code="FILE_CHANGED")
    return extraction


async def _while_wanted(task: _Task, work: Awaitable[Extraction]) -> Extraction:
    """The work's result, unless it is called off; then it is ended at once.

    Raises:
        Unwanted: nobody waits for it any more.
        Busy: it is to be given back.
    """
    decoding = asyncio.ensure_future(work)
    calling_off = asyncio.ensure_future(task.extractor.called_off(task.request.job_ids))
    try:
        await asyncio.wait({decoding, calling_off}, return_when=asyncio.FIRST_COMPLETED)
        if decoding.done():
            return decoding.result()
        calling_off.result()
        raise Unwanted
    finally:
        for one in (decoding, calling_off):
            one.cancel()
        await asyncio.gather(decoding, calling_off, return_exceptions=True)


async def _stored(task: _Task, wish: PackWish, extraction: Extraction) -> PackManifest:
    strip = extraction.strip(wish.width)
    header = PackHeader(
        path_id=task.request.path_id,
        version=task.version,
        width=strip.width,
        height=strip.height,
        picture=task.request.picture,
        duration_ms=extraction.duration_ms,
        intervals_ms=wish.intervals_ms,
        partial=extraction.partial,
        report=extraction.report,
        video_width=extraction.video_width,
    )
    parts, manifest = build_pack(strip.frames, header)
    await task.extractor.store.put(wish.key, parts, encode_manifest(manifest))
    return manifest


def _shown(task: _Task) -> Progress:
    """Passes progress on to whoever is looking, at most once a second."""
    last = 0.0

    def show(fraction: float) -> None:
        nonlocal last
        if time.monotonic() - last < PROGRESS_SECONDS:
            return
        last = time.monotonic()
        progress = ProgressV1(
            job_ids=task.request.job_ids,
            path_id=task.request.path_id,
            path=task.request.path,
            fraction=round(fraction, 3),
            worker=task.extractor.worker,
            device=task.extractor.device,
        )
        task.extractor.spawn(task.context.show(progress))

    return show


def _extracted(
    task: _Task, wish: PackWish, manifest: PackManifest, *, reused: bool, shares_decode: bool = False
) -> FramesExtractedV1:
    return FramesExtractedV1(
        job_ids=task.request.job_ids,
        path_id=task.request.path_id,
        path=task.request.path,
        at=now(),
        pack=wish.key,
        version=task.version,
        reused=reused,
        partial=manifest.partial,
        report=manifest.report,
        shares_decode=shares_decode,
    )
