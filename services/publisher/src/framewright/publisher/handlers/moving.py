"""After a rename: outputs that were made of the video in its old place are moved and not made anew.

The old record first says where its outputs go; from then on, what lies in the new place and not in the old one has been
moved. The new record is written before the old one is forgotten. So a crash at any moment is followed by the rest of the move.
"""

from collections.abc import Sequence

import msgspec

from framewright.chassis.clock import now
from framewright.chassis.outgoing import Answer
from framewright.chassis.refreshes import joined_refresh
from framewright.contracts.publish import ChangedPath, RemovalRequestedV1
from framewright.contracts.record import PublishRecord, Stage
from framewright.contracts.refreshing import refresh_wanted
from framewright.contracts.server import server_paths
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import to_remote
from framewright.domain.publishing import Located
from framewright.publisher.domain import outputs
from framewright.publisher.domain.removal import Doomed, roots_above
from framewright.publisher.handlers.given import Errand, Placed
from framewright.vendors import output_place


async def moved(errand: Errand, placed: Placed) -> PublishRecord | None:
    """The record of outputs that have been moved here; None when they must be made from frames.

    Raises:
        Retry: code UNWRITABLE, the new place takes nothing now.
    """
    previous, old = await _before(errand)
    if old is None or old.fingerprint != placed.wanted:
        return None
    if not outputs.can_move(old.outputs, placed.located):
        return None
    if await _moved_away(errand, placed, old):
        return await _recorded(errand, placed, old, keep=False)
    keep = await errand.publisher.disk.exists(previous)
    if not await _all_moved(errand, placed, old, keep=keep):
        return None
    return await _recorded(errand, placed, old, keep=keep)


async def video_width(errand: Errand) -> int:
    """The stored width of the film as it was known in its old place; 0 when nobody knew."""
    _, old = await _before(errand)
    return old.video_width if old else 0


def refresh(errand: Errand) -> Sequence[Answer]:
    """The wish that the server notices where the file is and where it is not any more."""
    request, server = errand.request, errand.server
    if not request.previous_path or not server.url or not request.target.remote_paths:
        return ()
    before = to_remote(server_paths(server), request.previous_path)[0]
    changed = ChangedPath(request.target.remote_paths[0], ChangeKind.RENAMED, before)
    return [joined_refresh(refresh_wanted(request.target, changed, now()), errand.publisher.settings().refresh, now())]


async def left_behind(errand: Errand) -> Sequence[Answer]:
    """The removal of what was made of the video in its old place, where it could not be moved and others were made.

    It goes the guarded way of every removal; no job asked for it. Where no library holds the old place any more, nobody could say
    whether its disk is there, and the search for orphans shows what lies there.
    """
    previous, old = await _before(errand)
    roots = roots_above(errand.server, previous)
    if old is None or not roots or await errand.publisher.disk.exists(previous):
        return ()
    target = msgspec.structs.replace(
        errand.request.target, remote_paths=to_remote(server_paths(errand.server), previous), previous_path=""
    )
    removal = RemovalRequestedV1(
        job_ids=(),
        path=previous,
        path_id=media_id(previous),
        target=target,
        roots=roots,
        requested_at=errand.request.requested_at,
        why="the file was renamed, and its previews were made anew",
    )
    return [removal]


async def _before(errand: Errand) -> tuple[str, PublishRecord | None]:
    previous = errand.request.previous_path
    if not previous or media_id(previous) == errand.request.path_id:
        return "", None
    return previous, await errand.publisher.record(media_id(previous), errand.server.id)


async def _moved_away(errand: Errand, placed: Placed, old: PublishRecord) -> bool:
    """Whether another server that shares the outputs has moved them: its record says so, and they are there."""
    publisher, wanted = errand.publisher, outputs.paths(placed.located)
    if await publisher.present(_lying_at(placed.located, old.outputs)) or not await publisher.present(placed.located):
        return False
    for server in publisher.servers():
        record = await publisher.record(errand.request.path_id, server.id)
        if record is not None and record.fingerprint == placed.wanted and set(wanted) <= set(record.outputs):
            return True
    return False


async def _all_moved(errand: Errand, placed: Placed, old: PublishRecord, *, keep: bool) -> bool:
    """Move one output after the other; False when one is in neither place."""
    publisher, request = errand.publisher, errand.request
    if keep or old.moved_to != request.path_id:
        if not await publisher.present(_lying_at(placed.located, old.outputs)):
            return False
        intent = "" if keep else request.path_id
        old = msgspec.structs.replace(old, moved_to=intent)
        await publisher.remember(media_id(request.previous_path), errand.server.id, old)
    for before, output in zip(old.outputs, placed.located.outputs, strict=True):
        if before == output.path:
            continue
        if await publisher.present(_lying_at(Located((output,)), (before,))):
            await publisher.disk.move(before, output, keep=keep)
        elif not await publisher.present(Located((output,))):
            return False
        if not keep:
            await _tidied(errand, before)
    return True


async def _tidied(errand: Errand, before: str) -> None:
    """Folders that were made for an output go when it has left them."""
    place = output_place(errand.server.type, before)
    if place is not None:
        await errand.publisher.disk.remove(Doomed(before, place.kind, place.made))


async def _recorded(errand: Errand, placed: Placed, old: PublishRecord, *, keep: bool) -> PublishRecord:
    request = errand.request
    record = msgspec.structs.replace(
        old,
        requested_at=request.requested_at,
        outputs=outputs.paths(placed.located),
        stage=Stage.WRITTEN,
        at=now(),
        pack=request.pack,
        further_packs=request.further_packs,
        call="",
        adoption=None,
        proof="",
        path=request.path,
        moved_to="",
    )
    await errand.remember(record)
    if not keep:
        await errand.publisher.memory.forget(media_id(request.previous_path), errand.server.id)
    return record


def _lying_at(located: Located, places: Sequence[str]) -> Located:
    """The same outputs in other places."""
    pairs = zip(located.outputs, places, strict=True)
    return Located(tuple(outputs.at(output, path) for output, path in pairs))
