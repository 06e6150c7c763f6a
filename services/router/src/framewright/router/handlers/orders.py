"""What operators order of work that is queued or waits for its next try."""

from collections.abc import Sequence

from framewright.chassis.clock import after
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Answer, Later
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.jobs import JobMovedV1
from framewright.router.handlers.given import Router

LOOK_AGAIN = 2.0
"""Seconds after which what was between two places at the first look, or only just taken, stands in one of them."""


async def on_job_moved(order: JobMovedV1, context: Context, *, router: Router) -> Sequence[Answer]:
    """Bring every request of the job into its new lane, where it is queued and where it waits; twice, a moment apart.

    What is in work is left where it is; when it must be tried again it waits in the lane that the job has then.

    Raises:
        Retry: the bus is out of reach; what was moved already stays moved.
    """
    first = context.attempt == 1
    # A newer order may have come before the second look; its word is known by then.
    lane = order.lane if first else router.lane(order.job_id) or order.lane

    def moved(request: ExtractRequestedV1) -> ExtractRequestedV1:
        return request.in_lane_of(order.job_id, lane)

    # What waits comes first: what leaves its place meanwhile is queued by then, and seen there.
    async for place in router.backlog.waiting_for(order.job_id):
        await router.backlog.rewrite(place, moved)
    async for occupant in router.queue.of_job(order.job_id):
        request = moved(occupant.request)
        if request.lane is not occupant.request.lane and not await router.queue.in_work(request.path_id):
            await router.queue.replace(occupant, request)
    return [Later(order, after(LOOK_AGAIN), context.attempt + 1, context.first)] if first else []
