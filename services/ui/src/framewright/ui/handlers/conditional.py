"""Answers that need not be sent again: ETag and Last-Modified, and the questions that go with them (RFC 9110, section 13)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from framewright.ui.domain.sidecars import Stamp

_SECOND_NS = 1_000_000_000


def stamped(stamp: Stamp) -> dict[str, str]:
    """The headers that name this version of a file; whoever keeps it asks each time whether it still holds."""
    changed = datetime.fromtimestamp(stamp.mtime_ns // _SECOND_NS, UTC)
    return {
        "ETag": f'"{stamp.version}"',
        "Last-Modified": format_datetime(changed, usegmt=True),
        "Cache-Control": "private, no-cache",
    }


def not_modified(asked: Mapping[str, str], stamp: Stamp) -> bool:
    """Whether the caller has this version already; a name that it sends counts more than a time."""
    names = asked.get("if-none-match", "")
    if names:
        return names.strip() == "*" or f'"{stamp.version}"' in {_strong(one) for one in names.split(",")}
    since = _moment(asked.get("if-modified-since", ""))
    return since is not None and stamp.mtime_ns // _SECOND_NS <= int(since.timestamp())


def _strong(name: str) -> str:
    return name.strip().removeprefix("W/")


def _moment(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
