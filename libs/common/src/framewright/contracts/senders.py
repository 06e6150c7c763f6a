"""The Sonarr and Radarr instances whose history is read to find what never arrived, and what the readings found.

Bucket `config`: `senders.<id>` holds a `Sender` with its key sealed, `reconciled.<id>` a `Reconciled`, `reconcile-asked.<id>` the
moment (RFC 3339) at which an operator asked for a reading.
"""

import re
from datetime import datetime
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import msgspec

from framewright.contracts.settings import REDACTED
from framewright.domain.errors import Reject
from framewright.domain.outcome import ChangeKind

SENDER_PREFIX = "senders."
RECONCILED_PREFIX = "reconciled."
ASKED_PREFIX = "reconcile-asked."

MOST_MISSED = 1000
"""Changes that a report names; all of them are queued and counted."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_PAUSE = 7 * 24 * 60
_LONGEST_URL = 2000


class Sender(msgspec.Struct, frozen=True):
    """One instance; `api_key` is sealed at rest, its history is read every so many minutes and when ingest starts."""

    id: str
    type: Literal["sonarr", "radarr"]
    name: str = ""
    url: str = ""
    api_key: str = ""
    enabled: bool = True
    verify_ssl: bool = True
    every_minutes: int = 60

    @property
    def label(self) -> str:
        """The name for people."""
        return self.name or self.id


class MissedChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change that the sender's history tells and that never arrived, in the sender's spelling."""

    at: datetime
    kind: ChangeKind
    path: str
    previous_path: str = ""


class SenderReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one reading found: of the history from `since` to `until`, `checked` entries tell of files.

    They came down to `known` changes that had arrived and `missed_count` that had not; the latter are queued as the job
    `job_id`, and `missed` names the first of them. `without_path` entries name no path that could be used. With `errors` nothing
    was queued, and the next reading begins at the same time.
    """

    sender_id: str
    at: datetime
    since: datetime
    until: datetime
    checked: int = 0
    known: int = 0
    missed_count: int = 0
    without_path: int = 0
    missed: tuple[MissedChange, ...] = ()
    errors: tuple[str, ...] = ()
    job_id: str = ""


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """How far a sender's history is dealt with (None: never read), and the last report.

    `seen` are the ids of the entries shortly before `until`, which the next reading meets again.
    """

    until: datetime | None = None
    seen: tuple[int, ...] = ()
    report: SenderReport | None = None


def parse_sender(data: object) -> Sender:
    """The sender in a decoded JSON object; unknown fields are ignored, nulls mean "not given".

    Raises:
        Reject: code VALIDATION_ERROR; the reason begins with the field that is wrong.
    """
    if not isinstance(data, dict):
        raise _invalid("sender", "must be a JSON object")
    given = {name: value for name, value in cast("dict[str, Any]", data).items() if value is not None}
    try:
        sender = msgspec.convert(given, Sender)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise _invalid(where.rstrip("`").lstrip(".") or "sender", f"is wrong: {what}") from error
    sender = msgspec.structs.replace(sender, url=sender.url.strip().rstrip("/"), api_key=sender.api_key.strip())
    _check(sender)
    return sender


def is_sender_id(text: str) -> bool:
    """Whether the text may be the id of a sender, and so a part of a key."""
    return _NAME.fullmatch(text) is not None


def redacted_sender(sender: Sender) -> dict[str, Any]:
    """The sender for a browser: its key is masked."""
    return {**msgspec.to_builtins(sender), "api_key": REDACTED if sender.api_key else ""}


def keep_key(new: Sender, old: Sender) -> Sender:
    """`new` with a masked key replaced by the one that `old` holds.

    Raises:
        Reject: code VALIDATION_ERROR, the address is another one: a stored key is not sent to a new place unasked.
    """
    if new.api_key != REDACTED:
        return new
    if new.url != old.url:
        raise _invalid("api_key", "must be given again when the url changes")
    return msgspec.structs.replace(new, api_key=old.api_key)


def _check(sender: Sender) -> None:
    if not is_sender_id(sender.id):
        raise _invalid("id", "must be 1 to 64 letters, digits, '-' or '_'")
    if problem := _url_problem(sender.url):
        raise _invalid("url", problem)
    if not sender.api_key.isascii() or not sender.api_key.isprintable():
        raise _invalid("api_key", "must be plain printable characters")
    if not 1 <= sender.every_minutes <= _LONGEST_PAUSE:
        raise _invalid("every_minutes", f"must be from 1 to {_LONGEST_PAUSE}")


def _url_problem(url: str) -> str:
    """What is wrong with an address; empty when nothing is."""
    if re.search(r"[\x00-\x20\x7f]", url) or len(url) > _LONGEST_URL:
        return f"must not hold spaces, control characters or more than {_LONGEST_URL} characters"
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme not in {"http", "https"} or not host:
        return "must start with http:// or https:// and name a host"
    extra = parts.username or parts.password or parts.query or parts.fragment
    return "must not hold a user name, password, query or fragment" if extra else ""


def _invalid(field: str, problem: str) -> Reject:
    return Reject(f"{field} {problem}", code="VALIDATION_ERROR")
