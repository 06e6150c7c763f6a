"""What operators order of work that is queued already."""

from collections.abc import Sequence

from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Answer
from framewright.contracts.jobs import JobMovedV1
from framewright.router.domain import requests
from framewright.router.handlers.given import Router


async def on_job_moved(order: JobMovedV1, _context: Context, *, router: Router) -> Sequence[Answer]:
    """Bring every queued request of the job into its new lane; what is in work is left where it is.

    Raises:
        Retry: the bus is out of reach; what was moved already stays moved.
    """
    async for occupant in router.queue.of_job(order.job_id):
        request = requests.moved(occupant.request, order)
        if request.lane is not occupant.request.lane and not await router.queue.in_work(request.path_id):
            await router.queue.replace(occupant, request)
    return ()
