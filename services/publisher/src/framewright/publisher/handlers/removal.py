"""When a video is said to be gone: see that it is, remove what was made of it, forget it, and have the server look.

The disk decides, not the message. While a library's folder looks unmounted nothing is removed, and where very many videos go
at once an operator is asked first. Every step can be done twice: the record goes last, so a crash leaves nothing behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, Failure
from framewright.chassis.outgoing import Answer
from framewright.chassis.refreshes import joined_refresh
from framewright.contracts.base import Message
from framewright.contracts.publish import ChangedPath, RemovalRequestedV1
from framewright.contracts.record import PublishRecord
from framewright.contracts.refreshing import refresh_wanted
from framewright.contracts.server import Server
from framewright.domain.errors import Retry
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.publisher.domain.removal import Doomed, sentence
from framewright.publisher.domain.telling import Standing
from framewright.publisher.handlers.given import CALLED_OFF, Publisher, settled
from framewright.vendors import output_place

MOUNT_MISSING = "MOUNT_MISSING"

MASS_DELETION = "MASS_DELETION"

NOTHING_MADE = "nothing was made of it"


@dataclass(frozen=True, slots=True)
class Gone:
    """What became of the outputs of one video: removed paths, and the reasons why others stay."""

    removed: tuple[str, ...]
    left: tuple[str, ...]


async def on_removal_requested(
    request: RemovalRequestedV1, context: Context, *, publisher: Publisher
) -> Sequence[Answer]:
    """Remove what was made of a video for one server, when the video is gone indeed.

    Raises:
        Retry: code MOUNT_MISSING, a library's folder looks unmounted; MASS_DELETION, an operator is asked first.
    """
    server = publisher.server(request.target.server_id)
    if server is None:
        return [settled(request, context, Standing(Outcome.CANCELLED, "the server is not configured any more"))]
    if publisher.cancelled(request.job_ids):
        return [settled(request, context, CALLED_OFF)]
    if await publisher.disk.exists(request.path):
        return [settled(request, context, Standing(Outcome.UP_TO_DATE, "the video is there"))]
    if not request.roots:
        raise Retry("no library folder is named that could be looked at first", code=MOUNT_MISSING)
    if unmounted := await publisher.disk.unmounted(request.roots):
        raise Retry(unmounted, code=MOUNT_MISSING)
    standing = await _removed(request, publisher, server)
    return [settled(request, context, standing), *_refresh(request, publisher, server)]


def on_removal_failure(request: RemovalRequestedV1, context: Context, failure: Failure) -> Sequence[Message]:
    """The fact after a failed attempt."""
    outcome = Outcome.WAITING if failure.next_try else Outcome.FAILED
    standing = Standing(outcome, failure.error.reason, failure.error.code, next_try=failure.next_try)
    return [settled(request, context, standing)]


async def remove_outputs(publisher: Publisher, server: Server, video: str, path_id: str, record: PublishRecord) -> Gone:
    """Remove the outputs that a record names, then forget it; what serves a living video stays."""
    judged = sentence(server, video, record.outputs, output_place)
    removed: list[str] = []
    left = list(judged.left)
    for doomed in judged.doomed:
        kept = await _needed(publisher, doomed, video, path_id) or await publisher.disk.remove(doomed)
        if kept:
            left.append(kept)
        else:
            removed.append(doomed.path)
    await publisher.memory.forget(path_id, server.id)
    return Gone(tuple(removed), tuple(left))


async def _removed(request: RemovalRequestedV1, publisher: Publisher, server: Server) -> Standing:
    record = await publisher.record(request.path_id, server.id)
    if record is None:
        return Standing(Outcome.REMOVED, NOTHING_MADE)
    async with publisher.lease(record.outputs[0] if record.outputs else request.path):
        if hold := await publisher.guard.hold(request):
            raise Retry(hold, code=MASS_DELETION)
        # Whoever held the lease before may have published the video that is back.
        record = await publisher.record(request.path_id, server.id)
        if record is None or await publisher.disk.exists(request.path):
            return Standing(Outcome.UP_TO_DATE, "the video is there again, or was removed by somebody else")
        gone = await remove_outputs(publisher, server, request.path, request.path_id, record)
    return Standing(Outcome.REMOVED, "; ".join(gone.left), outputs=gone.removed)


async def _needed(publisher: Publisher, doomed: Doomed, video: str, path_id: str) -> str:
    """Why the output serves a living video; empty when it serves none."""
    if doomed.named:
        namesake = await publisher.disk.namesake(video)
        return f"{doomed.path} serves {namesake} too" if namesake else ""
    for sharer in await publisher.memory.sharers(doomed.path, path_id):
        if not sharer or await publisher.disk.exists(sharer):
            return f"{doomed.path} serves {sharer or 'another video'} too"
    return ""


def _refresh(request: RemovalRequestedV1, publisher: Publisher, server: Server) -> Sequence[Answer]:
    """The wish that the server notices; nobody is told where there is only a folder."""
    if not server.url or not request.target.remote_paths:
        return ()
    changed = ChangedPath(request.target.remote_paths[0], ChangeKind.DELETED)
    return [joined_refresh(refresh_wanted(request.target, changed, now()), publisher.settings().refresh, now())]
