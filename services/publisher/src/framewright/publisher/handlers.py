"""What happens to one file for one server: locate → write → remember → tell → remember."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, Failure
from framewright.chassis.metrics import SETTLED
from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Message
from framewright.contracts.facts import FileSettledV1
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import PublishRecord, Stage
from framewright.contracts.server import Server
from framewright.domain.errors import SERVER_CODES, Reject, Retry
from framewright.domain.frames import Rendition
from framewright.domain.outcome import Outcome
from framewright.domain.ports import FrameStore, MediaServer
from framewright.domain.publishing import Located, PublishTarget
from framewright.formats.framepack import covers, decode_manifest, pictures
from framewright.publisher import domain
from framewright.publisher.domain import Film


@dataclass(frozen=True, slots=True)
class Publisher:
    """What the handler is given.

    `present` says whether all outputs are on disk, `write` replaces them one by one and never shows a half-written one.
    """

    server: Callable[[str], Server | None]
    connection: Callable[[Server], MediaServer]
    store: FrameStore
    record: Callable[[str, str], Awaitable[PublishRecord | None]]
    remember: Callable[[str, str, PublishRecord], Awaitable[None]]
    present: Callable[[Located], Awaitable[bool]]
    write: Callable[[Located, Film], Awaitable[None]]
    lease: Callable[[str], AbstractAsyncContextManager[None]]


async def on_publish_requested(
    request: PublishRequestedV1, _context: Context, *, publisher: Publisher
) -> Sequence[Answer]:
    """Bring one server's outputs of a file up to date and tell the server."""
    server = publisher.server(request.target.server_id)
    if server is None:
        return [_settled(request, Outcome.CANCELLED, reason="the server is not configured any more")]
    try:
        return await _publish(request, publisher, server)
    except Reject as error:
        if error.code not in SERVER_CODES:
            raise
        raise Retry(error.reason, code=error.code) from error


def on_failure(request: PublishRequestedV1, context: Context, failure: Failure) -> Sequence[Message]:
    """The fact after a failed attempt."""
    outcome = Outcome.WAITING if failure.next_try else Outcome.FAILED
    SETTLED.labels(request.target.server_type, outcome).inc()
    fact = FileSettledV1(
        job_ids=request.job_ids,
        path_id=request.path_id,
        path=request.path,
        at=now(),
        outcome=outcome,
        server_id=request.target.server_id,
        reason=failure.error.reason,
        code=failure.error.code,
        pack=request.pack,
        attempt=context.attempt,
        next_try=failure.next_try,
    )
    return [fact]


async def _publish(request: PublishRequestedV1, publisher: Publisher, server: Server) -> Sequence[Answer]:
    connection = publisher.connection(server)
    rendition = await connection.rendition(request.target.rendition)
    target = PublishTarget(request.path, request.target.remote_paths, rendition, request.target.library_id)
    located = await connection.outputs(target)
    # Held for the writing alone, by place: two Plex items may share one bundle, and a server that hangs while it is told
    # must not keep another server's output of the same film waiting.
    async with publisher.lease(domain.paths(located)[0]):
        ended = await _write(request, publisher, server, rendition, located)
    if ended is not None:
        return [ended]
    return [await _tell(request, publisher, connection, target, located)]


async def _write(
    request: PublishRequestedV1, publisher: Publisher, server: Server, rendition: Rendition, located: Located
) -> Message | None:
    """Bring the outputs up to date; a message when that ends the request, None when the server is to be told."""
    wanted = domain.current_fingerprint(request, rendition)
    record = await publisher.record(request.path_id, server.id)
    if domain.is_superseded(record, wanted, request):
        return _settled(request, Outcome.COALESCED, reason="a newer version of the file was published meanwhile")
    current = domain.is_fresh(record, wanted, located) and domain.is_regenerated(record, request)
    if current and record is not None and await publisher.present(located):
        if record.stage is Stage.TOLD:
            return _settled(request, Outcome.UP_TO_DATE, outputs=record.outputs)
        return None
    film = await _film(request, rendition, publisher.store)
    if film is None:
        return _missing(request, rendition)
    await publisher.write(located, film)
    written = PublishRecord(
        fingerprint=wanted,
        requested_at=request.requested_at,
        outputs=domain.paths(located),
        stage=Stage.WRITTEN,
        at=now(),
        pack=request.pack,
    )
    await publisher.remember(request.path_id, server.id, written)
    return None


async def _tell(
    request: PublishRequestedV1,
    publisher: Publisher,
    connection: MediaServer,
    target: PublishTarget,
    located: Located,
) -> Message:
    call = await connection.refresh(target, located)
    told = PublishRecord(
        fingerprint=domain.current_fingerprint(request, target.rendition),
        requested_at=request.requested_at,
        outputs=domain.paths(located),
        stage=Stage.TOLD,
        at=now(),
        pack=request.pack,
        call=call,
    )
    await publisher.remember(request.path_id, request.target.server_id, told)
    return _settled(request, Outcome.PUBLISHED, reason=located.note, outputs=domain.paths(located), call=call)


async def _film(request: PublishRequestedV1, rendition: Rendition, store: FrameStore) -> Film | None:
    """The frames, None when the pack is gone, incomplete, damaged, too coarse or of another width than the server wants."""
    if rendition.width != request.target.rendition.width:
        return None
    found = await store.manifest(request.pack)
    if found is None:
        return None
    try:
        manifest = decode_manifest(found)
        if not covers(manifest, rendition.interval_ms):
            return None
        parts = [await store.part(request.pack, number) for number in range(len(manifest.parts))]
        return Film(manifest, tuple(pictures(manifest, [part for part in parts if part is not None])))
    except Reject:
        return None


def _missing(request: PublishRequestedV1, rendition: Rendition) -> Message:
    """Ask for the frames again.

    Raises:
        Retry: code FRAMES_MISSING, they went missing every time; the cache may be too small for one film.
    """
    if request.reextracted >= domain.MOST_REEXTRACTIONS:
        raise Retry("the frames are gone from the cache each time they are needed", code="FRAMES_MISSING")
    return domain.reextraction(request, rendition, now())


def _settled(
    request: PublishRequestedV1, outcome: Outcome, *, reason: str = "", outputs: Sequence[str] = (), call: str = ""
) -> Message:
    SETTLED.labels(request.target.server_type, outcome).inc()
    return domain.settled(request, outcome, now(), reason=reason, outputs=outputs, call=call)
