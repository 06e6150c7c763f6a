"""Putting a request in its path's place of the work queue, or making it one with what is there."""

import asyncio
from collections.abc import Sequence

from framewright.chassis.clock import now
from framewright.contracts.base import Message
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.server import wanted_rendition
from framewright.domain.errors import Busy
from framewright.domain.frames import Picture
from framewright.domain.media import shorten
from framewright.domain.outcome import Outcome
from framewright.domain.ownership import Ownership
from framewright.router.domain import requests
from framewright.router.handlers import telling
from framewright.router.handlers.given import Case, Router

BUSY_SECONDS = 2.0


async def request(case: Case) -> ExtractRequestedV1:
    """The work for every owner, in the urgency that its job has now."""
    settings = case.router.settings()

    async def target(ownership: Ownership) -> Target:
        server = case.router.server(ownership.server.id)
        wanted = wanted_rendition(server, settings.thumbnail_interval)
        return requests.target(ownership, *await case.router.renditions(server, wanted))

    # All at once: servers that hang cost their patience once.
    targets = await asyncio.gather(*map(target, case.decision.owners))
    return ExtractRequestedV1(
        job_ids=(case.job_id,),
        path=case.path,
        path_id=case.path_id,
        targets=tuple(targets),
        picture=Picture(settings.thumbnail_quality, settings.tonemap_algorithm),
        requested_at=now(),
        lane=case.router.lane(case.job_id) or case.change.lane,
        regenerate=case.change.regenerate,
    )


async def queued(request: ExtractRequestedV1, job_id: str, router: Router) -> Sequence[Message]:
    """Put the request in its path's place, or make it one with what is there.

    Raises:
        Busy: the path is in work; it is looked at again afterwards, because the file may have changed meanwhile.
    """
    queue = router.queue
    if await queue.offer(request):
        return ()
    occupant = await queue.occupant(request.path_id)
    if occupant is not None and job_id in occupant.request.job_ids:
        return ()
    if occupant is None or await queue.in_work(request.path_id):
        raise Busy(f"{shorten(request.path)} is being worked on", after=BUSY_SECONDS)
    # A request that nobody waits for any more would be thrown away by its worker: it can stand for no other.
    if not router.cancelled(occupant.request.job_ids) and requests.covers(occupant.request, request):
        reason = f"job {occupant.request.job_ids[0]} already waits for this file"
        return [telling.settled(request, Outcome.COALESCED, reason)]
    await queue.replace(occupant, request.united(occupant.request))
    return ()
