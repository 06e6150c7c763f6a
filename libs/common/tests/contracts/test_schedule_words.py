"""Schedules: which are taken, how they are said to the bus, when they come next."""

from datetime import UTC, datetime, timedelta

import pytest

from framewright.contracts.base import Lane
from framewright.contracts.schedules import (
    Recurrence,
    ScheduleState,
    changed_schedule,
    lane_of,
    libraries_of,
    new_schedule,
    next_run,
    recurrence_of,
    stop_moment,
)
from framewright.domain.errors import Reject

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def made(**fields):
    given = {"name": "Nightly", "cron_expression": "0 2 * * *", **fields}
    return new_schedule({name: value for name, value in given.items() if value is not ...}, "s1", AT)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"cron_expression": ...}, "cron_expression"),
        ({"interval_minutes": 5}, "cron_expression"),
        ({"cron_expression": ..., "interval_minutes": -5}, "interval_minutes"),
        ({"cron_expression": "0 2 * *"}, "cron_expression"),
        ({"cron_expression": "0 0 2 * * *"}, "cron_expression"),
        ({"cron_expression": "0 25 * * *"}, "cron_expression"),
        ({"cron_expression": "0 0 30 2 *"}, "cron_expression"),
        ({"cron_expression": "0 0 L * *"}, "cron_expression"),
        ({"cron_expression": "0 0 * * 5#3"}, "cron_expression"),
        ({"cron_expression": "0 0 */2 * 1"}, "cron_expression"),
        ({"cron_expression": 5}, "cron_expression"),
        ({"stop_time": "24:00"}, "stop_time"),
        ({"stop_time": "6:30"}, "stop_time"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"priority": 4}, "priority"),
        ({"config": {"job_type": "everything"}}, "config.job_type"),
        ({"config": {"sort_by": "size"}}, "config.sort_by"),
        ({"config": {"lookback_hours": "long"}}, "config.lookback_hours"),
        ({"cron": "0 2 * * *"}, "cron"),
    ],
)
def test_a_field_that_is_wrong_is_named(fields, field):
    with pytest.raises(Reject) as caught:
        made(**fields)

    assert caught.value.code == "VALIDATION_ERROR"
    assert caught.value.reason.startswith(f"{field} ")


@pytest.mark.parametrize(("hours", "kept"), [(0, 0.25), (0.5, 0.5), (720, 720.0), (10_000, 720.0)])
def test_the_lookback_is_brought_to_the_nearer_bound(hours, kept):
    assert made(config={"job_type": "recently_added", "lookback_hours": hours}).config.lookback_hours == kept


@pytest.mark.parametrize(
    ("cron", "spelled"),
    [
        ("0 2 * * *", "0 0 2 * * *"),
        ("*/15 * * * *", "0 0,15,30,45 * * * *"),
        ("30 1 1 1-3 *", "0 30 1 1 1,2,3 *"),
        ("0 3 * * mon-fri", "0 0 3 * * 1,2,3,4,5"),
        ("0 3 * * 0", "0 0 3 * * 0"),
        ("0 3 * * 7", "0 0 3 * * 0"),
        ("0 3 1,15 * 5-7", "0 0 3 1,15 * 0,5,6"),
    ],
)
def test_five_fields_become_six_with_every_value_spelled_out(cron, spelled):
    assert recurrence_of(made(cron_expression=cron), "Europe/Berlin") == Recurrence(spelled, "Europe/Berlin")


def test_an_interval_has_no_time_zone():
    schedule = made(cron_expression=..., interval_minutes=240, time_zone="Asia/Tokyo")

    assert recurrence_of(schedule, "Europe/Berlin") == Recurrence("@every 240m")


def test_a_new_rhythm_takes_the_place_of_the_old_one():
    every = changed_schedule(made(), {"interval_minutes": 15})
    nightly = changed_schedule(every, {"cron_expression": "0 4 * * *", "config": {"sort_by": "random"}})

    assert (every.cron_expression, every.interval_minutes) == ("", 15)
    assert (nightly.cron_expression, nightly.interval_minutes) == ("0 4 * * *", 0)
    assert nightly.config.sort_by == "random"
    assert nightly.name == "Nightly"


def test_what_an_answer_carries_may_come_back_and_changes_nothing_else():
    schedule = made(library_id="7", library_ids=["8"])

    again = changed_schedule(schedule, {"next_run": None, "last_run": None, "id": "other", "created_at": None})

    assert again == schedule
    assert libraries_of(again) == ("7", "8")


@pytest.mark.parametrize(
    ("priority", "kind", "lane"),
    [
        (1, "full_library", Lane.MID),
        (2, "full_library", Lane.LOW),
        (2, "recently_added", Lane.MID),
        (3, "recently_added", Lane.LOW),
    ],
)
def test_no_schedule_shares_the_lane_of_webhooks(priority, kind, lane):
    assert lane_of(made(priority=priority, config={"job_type": kind})) is lane


def test_the_next_run_is_told_in_the_zone_of_the_schedule():
    tokyo = made(time_zone="Asia/Tokyo")

    assert next_run(tokyo, ScheduleState(), "UTC", AT) == datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert next_run(made(enabled=False), ScheduleState(), "UTC", AT) is None


def test_an_interval_counts_from_when_the_bus_was_told():
    schedule = made(cron_expression=..., interval_minutes=60)
    state = ScheduleState(armed_at=AT - timedelta(minutes=130))

    assert next_run(schedule, state, "UTC", AT) == AT + timedelta(minutes=50)
    assert next_run(schedule, ScheduleState(), "UTC", AT) == AT + timedelta(minutes=60)


@pytest.mark.parametrize(("stop", "hours"), [("14:00", 1), ("13:00", 24), ("06:00", 17), ("", None)])
def test_a_run_rests_when_the_clock_next_shows_the_stop_time(stop, hours):
    moment = stop_moment(made(stop_time=stop), "Europe/Berlin", AT)

    assert moment == (AT + timedelta(hours=hours) if hours else None)
