"""What follows when a file or folder is said to be gone: removals, one per owning server. The disk has the last word."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from framewright.chassis.clock import now
from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Message
from framewright.contracts.media import RENAMED_AWAY, MediaChangedV1
from framewright.contracts.publish import RemovalRequestedV1
from framewright.contracts.server import wanted_rendition
from framewright.domain.media import is_video, media_id
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.domain.ownership import Ownership
from framewright.router.domain import deciding, requests
from framewright.router.domain.deciding import Decision
from framewright.router.handlers import telling
from framewright.router.handlers.given import Case, Router, remembered
from framewright.router.handlers.refreshes import wishes


async def reconsidered(change: MediaChangedV1, existing: str | None, router: Router) -> MediaChangedV1:
    """What a deletion means where its path is there: of several words about one path the last one may have come first."""
    if change.kind is not ChangeKind.DELETED or existing is None:
        return change
    if change.previous_path:
        return msgspec.structs.replace(change, kind=ChangeKind.RENAMED)
    if change.merged and not await router.disk.is_folder(existing):
        return msgspec.structs.replace(change, kind=ChangeKind.CHANGED)
    return change


async def removed(case: Case, existing: str | None) -> Sequence[Answer]:
    """Ask every owner's publisher to remove what was made; a file that is there is left alone, whoever says it is gone.

    Raises:
        Retry: the bus is out of reach.
    """
    if existing is not None and not await case.router.disk.is_folder(existing):
        return telling.ended(case, Outcome.UP_TO_DATE, "the file is there")
    if case.change.why == RENAMED_AWAY:
        return telling.ended(case, Outcome.COALESCED, "the file was renamed, and its outputs move with it")
    before = await _earlier_places(case)
    if existing is not None or not is_video(case.path):
        return [*await _folder(case), *before]
    known = replace(case, decision=await remembered(case.change.path, case.found, case.router))
    told = [*telling.job(case.change, known.job_id, known.path), telling.resolved(known.job_id, known.decision)]
    return [*told, *removals(known, known.decision.path, known.decision.owners), *before]


def removals(case: Case, path: str, owners: Iterable[Ownership]) -> Iterator[RemovalRequestedV1]:
    """The removal of a path's outputs, for each of these servers."""
    interval = case.router.settings().thumbnail_interval
    for owner in owners:
        wanted = wanted_rendition(case.router.server(owner.server.id), interval)
        yield RemovalRequestedV1(
            job_ids=(case.job_id,),
            path=path,
            path_id=media_id(path),
            target=requests.target(owner, wanted),
            roots=owner.roots,
            requested_at=now(),
            why=case.change.why,
        )


async def _earlier_places(case: Case) -> list[Message]:
    """The deletion of where the path was before a rename that never was acted on: what was made of it is there still.

    It has a job of its own, the same one however often this is repeated.
    """
    pending = await case.router.backlog.of_path(case.path_id)
    told = (one.previous_of(server_id) for one in pending for server_id in sorted(one.server_ids))
    places = dict.fromkeys(filter(None, (case.change.previous_path, *told)))
    return [_deletion(case, place) for place in places]


def _deletion(case: Case, path: str) -> Message:
    key = media_id(f"{path}/{case.job_id}")
    return msgspec.structs.replace(case.change, path=path, previous_path="", key=key, job_id="", merged=())


async def _folder(case: Case) -> Sequence[Answer]:
    """One removal for each server and video below the folder of which something was made, all under one job."""
    if not case.decision.owners:
        return [*telling.job(case.change, case.job_id, case.path), telling.resolved(case.job_id, case.decision)]
    known = await case.router.records.under(deciding.owned_paths(case.found))
    gone = await case.router.disk.missing(known.keys())
    decisions = list(_owned(case, {path: known[path] for path in sorted(gone)}))
    if not decisions:
        return _nothing(case, there=bool(known))
    # Told one by one: a folder may be a whole library, and no message shall wait for ten thousand others.
    await case.context.tell(telling.folder_job(case, len(decisions)))
    for decision in decisions:
        await case.context.tell(telling.resolved(case.job_id, decision))
        for removal in removals(case, decision.path, decision.owners):
            await case.context.tell(removal)
    return telling.no_longer_waiting(case)


def _owned(case: Case, gone: Mapping[str, set[str]]) -> Iterator[Decision]:
    """What is known of each path, cut down to the servers that still own it and for which something was made of it."""
    servers = case.router.servers()
    for path, server_ids in gone.items():
        decision = deciding.judged(path, servers, case.change.server_id)
        owners = tuple(owner for owner in decision.owners if owner.server.id in server_ids)
        if owners:
            yield replace(decision, verdicts=owners)


def _nothing(case: Case, *, there: bool) -> Sequence[Answer]:
    """No publisher will speak to the servers of a folder without outputs, so they are told here that it changed."""
    if there:
        return telling.ended(case, Outcome.UP_TO_DATE, "the videos of the folder are there")
    told: list[Message] = telling.ended(case, Outcome.REMOVED, "nothing was made of what the folder held")
    return [*told, *wishes(case.router, case.decision, ChangeKind.DELETED)]
