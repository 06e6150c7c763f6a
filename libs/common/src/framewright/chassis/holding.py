"""Whether heavy work may be done right now: an operator may have paused it, and quiet hours pause it by themselves."""

from datetime import datetime

from framewright.chassis.config_store import ConfigStore
from framewright.contracts.settings import QuietHours, QuietWindow

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Holding:
    """What holds work back; quiet hours are those of the process's time zone."""

    def __init__(self, config: ConfigStore) -> None:
        self._config = config

    def reason(self) -> str:
        """Why nothing heavy may begin or go on; empty when it may."""
        if self._config.processing.paused:
            return "processing is paused"
        hours = self._config.settings.quiet_hours
        wall_clock = datetime.now()  # noqa: DTZ005 - the time of the operators' place is meant
        return "these are quiet hours" if is_quiet(hours, wall_clock) else ""


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
