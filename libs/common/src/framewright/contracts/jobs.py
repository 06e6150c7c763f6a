"""What an operator decided about a job, and about all work: kept until the job is forgotten, obeyed by every service."""

from datetime import datetime
from typing import ClassVar

import msgspec

from framewright.contracts.base import Lane, Message
from framewright.domain.errors import Reject

CONTROL_PREFIX = "control."
"""Keys of the bucket `jobs` that hold a `JobControl`, each followed by the job's id."""

CONTROL_SECONDS = 30 * 86_400


class JobControl(msgspec.Struct, frozen=True):
    """The operator's word on one job; `lane` is the urgency that replaces the one its files were queued with."""

    cancelled_at: datetime | None = None
    lane: Lane | None = None


class Processing(msgspec.Struct, frozen=True):
    """Whether all work is paused by an operator; key `processing` of the bucket `config`."""

    paused: bool = False
    since: datetime | None = None


class JobMovedV1(Message, frozen=True, kw_only=True):
    """The operator gave a job another urgency: what of it is queued, or waits for its next try, moves to that lane."""

    HEAD: ClassVar[str] = "order.v1"
    job_id: str
    lane: Lane
    at: datetime

    def tokens(self) -> tuple[str, ...]:
        return (self.job_id,)

    def dedupe_key(self) -> str:
        return f"order.{self.job_id}.{self.lane}.{self.at.isoformat()}"


def decode_control(value: bytes) -> JobControl:
    """The control in the bytes.

    Raises:
        Reject: code UNDECODABLE.
    """
    try:
        return msgspec.json.decode(value, type=JobControl)
    except msgspec.DecodeError as error:
        raise Reject(f"not a job control: {error}", code="UNDECODABLE") from error
