"""Outputs whose video is gone: looking for them, what was found, and the operator's word that they may go.

The publisher has the disks, so it looks and removes; the ui asks it live and reads the report from the bucket `jobs`.
"""

from datetime import datetime
from typing import ClassVar

import msgspec

from framewright.contracts.base import Message
from framewright.domain.errors import Reject

ORPHANS_PREFIX = "orphans."
"""Keys of the bucket `jobs` that hold the newest `OrphanReport` of a server, each followed by the server's id."""

REPORT_SECONDS = 86_400

CONFIRMED_PREFIX = "removals-confirmed."
"""Keys of the bucket `jobs` that say that many removals at once are meant, each followed by the server's id."""

CONFIRMED_SECONDS = 3600
"""For so long the word of the operator holds."""

MOST_LISTED = 1000
"""Orphans that a report names; all are counted."""

USUAL_PERCENT = 10.0
"""More of a server's outputs than this are removed only when the operator raises the limit and types their number."""


class OrphanOrderV1(Message, frozen=True, kw_only=True):
    """Look for the orphans of a server and, with `remove`, remove them when their number is `confirmed` still.

    Sent live and stored nowhere: whoever asks looks for the report of `order_id`, and asks again when none comes.
    """

    HEAD: ClassVar[str] = "live.v1.orphans"
    server_type: str
    server_id: str
    order_id: str
    remove: bool = False
    confirmed: int = 0
    most_percent: float = USUAL_PERCENT

    def tokens(self) -> tuple[str, ...]:
        return (self.server_type, self.server_id)

    def dedupe_key(self) -> str:
        return ""


class Orphan(msgspec.Struct, frozen=True):
    """One output (or what was remembered of one) whose video is gone; `recorded` when this system wrote it.

    `video` is the path of the gone video, or where it would have been; `bytes` what goes with it.
    """

    output: str
    video: str
    reason: str
    bytes: int = 0
    recorded: bool = False


class OrphanReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found on one server; `state` is looking, removing, done or refused (with the reason).

    `found` of `outputs` outputs are orphans, `unknown` remembered files could not be judged. `orphans` lists the first thousand.
    """

    server_id: str
    order_id: str
    state: str
    at: datetime
    reason: str = ""
    found: int = 0
    outputs: int = 0
    bytes: int = 0
    unknown: int = 0
    removed: int = 0
    left: tuple[str, ...] = ()
    orphans: tuple[Orphan, ...] = ()

    @property
    def percent(self) -> float:
        """How many of the outputs are orphans."""
        return 100.0 * self.found / self.outputs if self.outputs else 0.0


def decode_report(value: bytes) -> OrphanReport:
    """The report in the bytes.

    Raises:
        Reject: code UNDECODABLE.
    """
    try:
        return msgspec.json.decode(value, type=OrphanReport)
    except msgspec.DecodeError as error:
        raise Reject(f"not a report on orphans: {error}", code="UNDECODABLE") from error
