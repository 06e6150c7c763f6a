"""The time of day, in one place and one form: aware UTC datetimes."""

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def after(seconds: float) -> datetime:
    """The moment `seconds` from now."""
    return now() + timedelta(seconds=seconds)


def rfc3339(moment: datetime) -> str:
    """`2026-11-20T12:00:00.000000Z`, as NATS schedules and our REST answers spell it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
