"""When quiet hours hold work back."""

from datetime import datetime

import pytest

from framewright.chassis.holding import is_quiet
from framewright.contracts.settings import QuietHours, QuietWindow

SATURDAY, SUNDAY = 21, 22  # of November 2026


def at(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day}T{clock}")


@pytest.mark.parametrize(("clock", "quiet"), [("08:59", False), ("09:00", True), ("16:59", True), ("17:00", False)])
def test_a_window_of_the_day_ends_before_its_last_minute(clock: str, quiet: bool) -> None:
    hours = QuietHours(True, (QuietWindow("09:00", "17:00"),))

    assert is_quiet(hours, at(SATURDAY, clock)) is quiet


@pytest.mark.parametrize(
    ("day", "clock", "quiet"),
    [(SATURDAY, "21:59", False), (SATURDAY, "22:00", True), (SUNDAY, "05:59", True), (SUNDAY, "06:00", False),
     (SUNDAY, "22:00", False), (SATURDAY, "05:59", False)],
)  # fmt: skip
def test_a_window_past_midnight_belongs_to_the_day_on_which_it_begins(day: int, clock: str, quiet: bool) -> None:
    hours = QuietHours(True, (QuietWindow("22:00", "06:00", ("sat",)),))

    assert is_quiet(hours, at(day, clock)) is quiet


def test_quiet_hours_that_are_switched_off_hold_nothing_back() -> None:
    hours = QuietHours(False, (QuietWindow("00:00", "23:59"),))

    assert not is_quiet(hours, at(SATURDAY, "12:00"))
