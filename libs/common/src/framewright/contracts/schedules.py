"""A schedule as the REST API takes it and the bucket `config` keeps it, and how it is said to the bus; pure.

Names and bounds are those that users of Media Preview Generator know, so that their schedules import as they are. Every
refusal names the field that is wrong.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from cronsim import CronSim, CronSimError

from framewright.contracts.base import Lane
from framewright.contracts.scans import ScanKind, SortBy
from framewright.contracts.settings import CLOCK_TIME
from framewright.domain.errors import Reject

SCHEDULE_PREFIX = "schedules."
"""Keys of the bucket `config` that hold a `Schedule`, each followed by its id."""

HIGH, NORMAL, LOW = 1, 2, 3

SHORTEST_LOOKBACK, LONGEST_LOOKBACK = 0.25, 720.0
LONGEST_INTERVAL = 525_600
LONGEST_WORD, MOST_LIBRARIES = 200, 500

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PLAIN_CRON = re.compile(r"[0-9A-Za-z*,/ -]+")
_ANY_HOURS, _ANY_DAY, _ANY_MONTH = set(range(24)), set(range(1, 32)), set(range(1, 13))


class ScheduleConfig(msgspec.Struct, frozen=True):
    """What a run of the schedule goes through; hours of `lookback_hours` beyond 0.25 to 720 are brought to the nearer bound."""

    job_type: ScanKind = ScanKind.FULL_LIBRARY
    lookback_hours: float = 1.0
    sort_by: SortBy = SortBy.NEWEST
    regenerate: bool = False


class Schedule(msgspec.Struct, frozen=True):
    """A scan that begins by itself: at the minutes of `cron_expression` (five fields) or every `interval_minutes`.

    `library_ids` are the sections to go through, with `library_id` as the first of them; none means every enabled one.
    `priority` is 1 (before other scans), 2 (as its kind usually is) or 3 (after them); a webhook always comes first.
    `stop_time` (HH:MM) is when a run rests until the next one. `time_zone` is an IANA name, empty for the system's own.
    """

    id: str
    name: str
    library_id: str | None = None
    library_ids: tuple[str, ...] = ()
    library_name: str = ""
    server_id: str = ""
    cron_expression: str = ""
    interval_minutes: int = 0
    enabled: bool = True
    priority: Literal[1, 2, 3] = NORMAL
    stop_time: str = ""
    time_zone: str = ""
    config: ScheduleConfig = ScheduleConfig()
    created_at: datetime | None = None


class ScheduleState(msgspec.Struct, frozen=True):
    """How a schedule stands: its last run and since when the bus counts; bucket `jobs`, key `schedule.<id>`.

    `requested_at` is that of the last request that was made for the run: one run is asked for anew after each rest.
    """

    job_id: str = ""
    started_at: datetime | None = None
    requested_at: datetime | None = None
    armed_at: datetime | None = None


def state_key(schedule_id: str) -> str:
    """The key of a schedule's state."""
    return f"schedule.{schedule_id}"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When the bus sends a tick: a cron expression of six fields with its time zone, or `@every <duration>` without one."""

    expression: str
    time_zone: str = ""


def new_schedule(data: object, schedule_id: str, at: datetime) -> Schedule:
    """The schedule in a decoded JSON object; unknown fields are refused, nulls mean "not given".

    Raises:
        Reject: code VALIDATION_ERROR; the reason begins with the field that is wrong.
    """
    fields = _fields(data)
    return _checked({"name": "", **fields, "id": schedule_id, "created_at": at.isoformat()})


def changed_schedule(current: Schedule, changes: object) -> Schedule:
    """The schedule with the given fields replaced; a cron expression takes the place of an interval and the other way round.

    Raises:
        Reject: code VALIDATION_ERROR; the reason begins with the field that is wrong.
    """
    patch = _fields(changes)
    before = cast("dict[str, Any]", msgspec.to_builtins(current))
    if patch.get("cron_expression") and "interval_minutes" not in patch:
        patch["interval_minutes"] = 0
    if patch.get("interval_minutes") and "cron_expression" not in patch:
        patch["cron_expression"] = ""
    if "library_id" in patch and "library_ids" not in patch:
        patch["library_ids"] = ()
    if "library_ids" in patch and "library_id" not in patch:
        patch["library_id"] = None
    config = patch.get("config")
    if isinstance(config, dict):
        patch["config"] = {**before["config"], **cast("dict[str, Any]", config)}
    return _checked({**before, **patch, "id": current.id, "created_at": before["created_at"]})


def decode_schedule(value: bytes) -> Schedule:
    """The schedule in the bytes.

    Raises:
        Reject: code UNDECODABLE.
    """
    try:
        return msgspec.json.decode(value, type=Schedule)
    except msgspec.DecodeError as error:
        raise Reject(f"not a schedule: {error}", code="UNDECODABLE") from error


def libraries_of(schedule: Schedule) -> tuple[str, ...]:
    """Ids of the sections that a run goes through; none means every enabled one."""
    return tuple(dict.fromkeys(filter(None, (schedule.library_id or "", *schedule.library_ids))))


def lane_of(schedule: Schedule) -> Lane:
    """Where the run's files queue: never in the lane of webhooks."""
    if schedule.priority == HIGH:
        return Lane.MID
    if schedule.priority == LOW:
        return Lane.LOW
    return Lane.MID if schedule.config.job_type is ScanKind.RECENTLY_ADDED else Lane.LOW


def recurrence_of(schedule: Schedule, local_zone: str) -> Recurrence:
    """The schedule in the words of the bus (NATS ADR-51): seconds first, values spelled out, Sunday is 0."""
    if schedule.interval_minutes:
        return Recurrence(f"@every {schedule.interval_minutes}m")
    cron = _cron(schedule.cron_expression)
    weekdays = {day % 7 for day in _plain(cron.weekdays)}
    parts = (
        _spelled(_plain(cron.minutes), set(range(60))),
        _spelled(_plain(cron.hours), _ANY_HOURS),
        _spelled(_plain(cron.days), _ANY_DAY),
        _spelled(_plain(cron.months), _ANY_MONTH),
        _spelled(weekdays, set(range(7))),
    )
    return Recurrence(f"0 {' '.join(parts)}", schedule.time_zone or local_zone)


def next_run(schedule: Schedule, state: ScheduleState, local_zone: str, at: datetime) -> datetime | None:
    """When the next tick comes; None while the schedule is disabled. The bus counts from a moment after it was added."""
    if not schedule.enabled:
        return None
    if schedule.cron_expression:
        zone = ZoneInfo(schedule.time_zone or local_zone)
        return next(CronSim(schedule.cron_expression, at.astimezone(zone)), None)
    since, every = state.armed_at or schedule.created_at or at, timedelta(minutes=schedule.interval_minutes)
    return since + every * ((at - since) // every + 1)


def stop_moment(schedule: Schedule, local_zone: str, at: datetime) -> datetime | None:
    """The first time after `at` that the clock shows the stop time; None without one."""
    if not schedule.stop_time:
        return None
    here = at.astimezone(ZoneInfo(schedule.time_zone or local_zone))
    hour, minute = map(int, schedule.stop_time.split(":"))
    stop = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return stop if stop > here else stop + timedelta(days=1)


def _fields(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _invalid("schedule", "must be a JSON object")
    given = cast("dict[str, Any]", data)
    known = set(Schedule.__struct_fields__) | {
        "next_run",
        "last_run",
        "last_job_id",
    }  # what an answer carries may come back
    if unknown := sorted(set(given) - known):
        raise _invalid(unknown[0], "is no field of a schedule")
    kept = {name: value for name, value in given.items() if name in Schedule.__struct_fields__}
    return {name: _default(name) if value is None else value for name, value in kept.items()}


def _default(name: str) -> object:
    """What a null stands for."""
    return msgspec.to_builtins(Schedule("", ""))[name]


def _checked(fields: dict[str, Any]) -> Schedule:
    try:
        schedule = msgspec.convert(fields, Schedule)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise _invalid(where.rstrip("`").lstrip(".") or "schedule", f"is wrong: {what}") from error
    for field, problem in _problems(schedule):
        raise _invalid(field, problem)
    hours = min(LONGEST_LOOKBACK, max(SHORTEST_LOOKBACK, schedule.config.lookback_hours))
    config = msgspec.structs.replace(schedule.config, lookback_hours=hours)
    return msgspec.structs.replace(schedule, config=config, cron_expression=schedule.cron_expression.strip())


def _problems(schedule: Schedule) -> Iterator[tuple[str, str]]:
    """Every field that is wrong beyond its type, with what is wrong about it."""
    if not _NAME.fullmatch(schedule.id):
        yield "id", "must be 1 to 64 letters, digits, '-' or '_'"
    if not schedule.name.strip() or len(schedule.name) > LONGEST_WORD or not schedule.name.isprintable():
        yield "name", f"must be 1 to {LONGEST_WORD} printable characters"
    yield from _library_problems(schedule)
    yield from _rhythm_problems(schedule)
    if schedule.stop_time and not re.fullmatch(CLOCK_TIME.strip("^$"), schedule.stop_time):
        yield "stop_time", "must be a time of day as HH:MM"
    if schedule.time_zone and not is_zone(schedule.time_zone):
        yield "time_zone", "is no IANA time zone"


def _library_problems(schedule: Schedule) -> Iterator[tuple[str, str]]:
    """A schedule is kept in one message of the bus, and read with every tick."""
    if len(schedule.library_ids) > MOST_LIBRARIES:
        yield "library_ids", f"must be {MOST_LIBRARIES} at most"
    words = {"library_ids": max(schedule.library_ids, key=len, default=""), "library_id": schedule.library_id or ""}
    words |= {"library_name": schedule.library_name, "server_id": schedule.server_id}
    for name, word in words.items():
        if len(word) > LONGEST_WORD:
            yield name, f"must be {LONGEST_WORD} characters at most"


def _rhythm_problems(schedule: Schedule) -> Iterator[tuple[str, str]]:
    if bool(schedule.cron_expression) == bool(schedule.interval_minutes):
        yield "cron_expression", "or interval_minutes must be given, and not both"
    if not 0 <= schedule.interval_minutes <= LONGEST_INTERVAL:
        yield "interval_minutes", f"must be from 1 to {LONGEST_INTERVAL}"
    if schedule.cron_expression:
        yield from _cron_problems(schedule.cron_expression)


def _cron_problems(expression: str) -> Iterator[tuple[str, str]]:
    fields = expression.split()
    if len(fields) != 5:  # noqa: PLR2004 - minute, hour, day, month, weekday
        yield "cron_expression", "must have five fields: minute, hour, day of month, month, day of week"
        return
    if not _PLAIN_CRON.fullmatch(expression):
        yield "cron_expression", "may hold numbers, names, '*', ',', '-' and '/' alone"
        return
    try:
        never = next(_cron(expression), None) is None
    except CronSimError as error:
        yield "cron_expression", f"cannot be read: {error}"
        return
    if never:
        yield "cron_expression", "names a day that never comes"
    day, weekday = fields[2], fields[4]
    if "*" not in {day, weekday} and "*" in {day[0], weekday[0]}:
        yield (
            "cron_expression",
            "may not join '*/n' for days with days of the other kind: programs read that differently",
        )


def _cron(expression: str) -> CronSim:
    """Read from a fixed moment: only the sets of values are of interest, and whether any day ever comes."""
    cron = CronSim(expression.upper(), datetime(2024, 1, 1))  # noqa: DTZ001 - no zone, so no daylight saving either
    if any(isinstance(one, tuple) or one < 0 for part in (cron.days, cron.weekdays) for one in part):
        raise CronSimError("L and # are not supported")
    return cron


def _plain(values: Any) -> set[int]:
    return {value for value in values if isinstance(value, int)}


def _spelled(values: set[int], all_values: set[int]) -> str:
    return "*" if values >= all_values else ",".join(map(str, sorted(values)))


def is_zone(name: str) -> bool:
    """Whether this system knows the IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _invalid(field: str, problem: str) -> Reject:
    return Reject(f"{field} {problem}", code="VALIDATION_ERROR")
