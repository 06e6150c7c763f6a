"""How much work waits, so that a scan never puts more in front of a webhook than a moment's worth."""

from framewright.chassis.bus import Bus, pending
from framewright.contracts.base import Lane
from framewright.contracts.catalogue import DEVICES, DUE, JOBS

MOST_IN_LANE = 5_000
"""Extractions that may wait in a lane. The broker slows down with many subjects in one queue (see docs/bus-traps.md, G7): at
20,000 a removal costs a worker half a millisecond, and more than a day's work need not be queued in any case."""

MOST_IN_ROUTER = 100
"""Changes that may wait for the router, which webhooks wait for in the same row: a third of a second."""


class Pressure:
    """Asks the broker for the depth of the queues behind a scan."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def lane_is_full(self, lane: Lane) -> bool:
        """Whether the lane holds as much as it should.

        Raises:
            Retry: the bus is out of reach.
        """
        waiting = 0
        for device in DEVICES:
            waiting += await pending(self._bus, JOBS.name, f"extract-{lane}-{device}")
        return waiting >= MOST_IN_LANE

    async def router_is_busy(self) -> bool:
        """Whether the router has enough to do; raises as `lane_is_full` does."""
        return await pending(self._bus, DUE.name, "router") >= MOST_IN_ROUTER
