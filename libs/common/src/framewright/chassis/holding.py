"""Whether heavy work may be done right now: an operator may have paused it, and quiet hours pause it by themselves."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from framewright.chassis.config_store import ConfigStore
from framewright.chassis.stopping import is_set_within
from framewright.contracts.settings import QuietHours, QuietWindow

GLANCE = 1.0
"""Seconds between two looks at the clock while work is held back."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Holding:
    """What holds work back; `local_time` is the wall clock of the operators (the time zone of the process)."""

    def __init__(self, config: ConfigStore, local_time: Callable[[], datetime] | None = None) -> None:
        self._config = config
        self._local_time = local_time or datetime.now

    def reason(self) -> str:
        """Why nothing heavy may begin or go on; empty when it may."""
        if self._config.processing.paused:
            return "processing is paused"
        hours = self._config.settings.quiet_hours
        return "these are quiet hours" if is_quiet(hours, self._local_time()) else ""

    async def released(self, stopping: asyncio.Event) -> bool:
        """Wait until nothing holds work back; False when it is time to stop instead."""
        while self.reason() and not await is_set_within(stopping, GLANCE):
            pass
        return not stopping.is_set()


def is_quiet(hours: QuietHours, moment: datetime) -> bool:
    """Whether the moment lies in one of the windows; the day of a window past midnight is the one on which it begins."""
    return hours.enabled and any(_covers(window, moment) for window in hours.windows)


def _covers(window: QuietWindow, moment: datetime) -> bool:
    clock = moment.strftime("%H:%M")
    today, yesterday = DAYS[moment.weekday()], DAYS[moment.weekday() - 1]
    days = window.days or DAYS
    if window.start < window.end:
        return today in days and window.start <= clock < window.end
    return (today in days and clock >= window.start) or (yesterday in days and clock < window.end)
