"""What happens to one file for one server: locate → write → remember → tell → remember → wait until it is shown."""

from collections.abc import Sequence

import msgspec

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, Failure
from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Message
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import PublishRecord, Stage
from framewright.domain.errors import SERVER_CODES, Busy, Reject, Retry
from framewright.domain.outcome import Outcome
from framewright.domain.publishing import PublishTarget
from framewright.publisher.domain import outputs, records
from framewright.publisher.domain.removal import roots_above
from framewright.publisher.domain.telling import Standing
from framewright.publisher.handlers import adoption, moving, playing, writing
from framewright.publisher.handlers.given import CALLED_OFF, Errand, Placed, Publisher, settled


async def on_publish_requested(
    request: PublishRequestedV1, context: Context, *, publisher: Publisher
) -> Sequence[Answer]:
    """Bring one server's outputs of a file up to date, tell the server, and see that it shows them."""
    server = publisher.server(request.target.server_id)
    if server is None:
        gone = Standing(Outcome.CANCELLED, "the server is not configured any more")
        return [settled(request, context, gone)]
    errand = Errand(request, context, publisher, server)
    if publisher.cancelled(request.job_ids):
        return await _called_off(errand)
    try:
        return await _publish(errand)
    except Busy as error:
        if error.code != playing.PLAYING:
            raise
        return playing.come_again(errand, error)
    except Reject as error:
        if error.code not in SERVER_CODES:
            raise
        raise Retry(error.reason, code=error.code) from error


def on_failure(request: PublishRequestedV1, context: Context, failure: Failure) -> Sequence[Message]:
    """The fact after a failed attempt."""
    outcome = Outcome.WAITING if failure.next_try else Outcome.FAILED
    standing = Standing(outcome, failure.error.reason, failure.error.code, next_try=failure.next_try)
    return [settled(request, context, standing)]


async def _called_off(errand: Errand) -> Sequence[Answer]:
    """What was written stays; when nobody at all waits for the server to show it, the next request waits anew."""
    record = await errand.record()
    if record and record.adoption and errand.publisher.cancelled(record.adoption.job_ids):
        await errand.remember(records.ended(record, record.stage, now()))
    return [errand.settled(CALLED_OFF)]


async def _publish(errand: Errand) -> Sequence[Answer]:
    if await _is_gone(errand):
        return [errand.settled(Standing(Outcome.FILE_MISSING, "the video is gone meanwhile"))]
    try:
        placed = await _place(errand)
    except (Retry, Reject) as error:
        # What was written and told only waits to be seen: a server that is away now delays that, and nothing fails.
        waiting = await adoption.interrupted(errand, error)
        if waiting is None:
            raise
        return waiting
    await _require_way(errand, placed)
    # Held for the writing alone, by place: two Plex items may share one bundle, and a server that hangs while it is told
    # must not keep another server's output of the same film waiting.
    async with errand.publisher.lease(outputs.paths(placed.located)[0]):
        record = await _write(errand, placed)
    if isinstance(record, Message):
        return [record]
    left = await moving.left_behind(errand)
    if record.stage is Stage.TOLD:
        return [*await adoption.adopt(errand, placed, record, just_told=False), *left]
    told = await _tell(errand, placed, record)
    return [*await adoption.adopt(errand, placed, told, just_told=True), *moving.refresh(errand), *left]


async def _is_gone(errand: Errand) -> bool:
    """Whether the video is gone from a disk that is there; without the disk nothing is known of it."""
    disk, path = errand.publisher.disk, errand.request.path
    roots = roots_above(errand.server, path)
    return bool(roots) and not await disk.unmounted(roots) and not await disk.exists(path)


async def _place(errand: Errand) -> Placed:
    request, connection = errand.request, errand.connection
    await errand.publisher.recognise(errand.server)
    first, *further = await connection.renditions(request.target.rendition)
    target = PublishTarget(
        request.path,
        request.target.remote_paths,
        first,
        request.target.library_id,
        await _video_width(errand),
        request.version.size,
        further=tuple(further),
    )
    return Placed(target, await connection.outputs(target), records.current_fingerprint(request, target.renditions))


async def _video_width(errand: Errand) -> int:
    """The stored width of the film, as remembered or as its frame packs say; 0 when neither does."""
    record = await errand.record()
    if record is not None and record.pack == errand.request.pack:
        return record.video_width
    found = await writing.video_width(errand.request, errand.publisher.store)
    return await moving.video_width(errand) if found is None else found


async def _require_way(errand: Errand, placed: Placed) -> None:
    """Let nothing be written that the server would delete, or that would take the place of what it shows rightly.

    Raises:
        Retry: with the code of the hindrance and its cure, until somebody changes the server's settings.
    """
    record = await errand.record()
    if records.is_superseded(record, placed.wanted, errand.request) or await _is_right(errand, placed, record):
        return
    hindrance = await errand.connection.hindrance(placed.target, placed.located)
    if hindrance is not None:
        raise Retry(hindrance.reason, code=hindrance.code)


async def _is_right(errand: Errand, placed: Placed, record: PublishRecord | None) -> bool:
    """Whether what was last made is what is wanted now, and is there."""
    if not records.is_fresh(record, placed.wanted, placed.located):
        return False
    return records.is_regenerated(record, errand.request) and await errand.publisher.present(placed.located)


async def _write(errand: Errand, placed: Placed) -> Message | PublishRecord:
    """Bring the outputs up to date; a message when that ends the request, else the record to go on from."""
    request, located = errand.request, placed.located
    record = await errand.record()
    if records.is_superseded(record, placed.wanted, request):
        return errand.settled(Standing(Outcome.COALESCED, "a newer version of the file was published meanwhile"))
    if record is not None and await _is_right(errand, placed, record):
        if record.stage is Stage.SHOWN:
            return errand.settled(Standing(Outcome.UP_TO_DATE, record.proof, outputs=record.outputs))
        return record
    playing.leave_alone(errand, placed)
    fresh = records.is_fresh(record, placed.wanted, located)
    vanished = fresh and not await errand.publisher.present(located)
    moved = None if vanished or request.regenerate else await moving.moved(errand, placed)
    if moved is not None:
        return moved
    waiting = records.carried_over(record, placed.wanted, now(), vanished=vanished) if record else None
    return await writing.written(errand, placed, waiting)


async def _tell(errand: Errand, placed: Placed, record: PublishRecord) -> PublishRecord:
    playing.leave_alone(errand, placed)
    playing.spare(errand)
    call = await errand.connection.refresh(placed.target, placed.located)
    told = msgspec.structs.replace(record, stage=Stage.TOLD, at=now(), call=call)
    await errand.remember(told)
    return told
