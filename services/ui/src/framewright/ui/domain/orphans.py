"""What operators see of outputs whose video is gone, and what they may order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from framewright.contracts.orphans import USUAL_PERCENT, OrphanReport
from framewright.contracts.server import Server
from framewright.domain.errors import Reject

ALL = 100.0

LONGEST_NUMBER = 9
"""Digits; no disk holds so many outputs."""


@dataclass(frozen=True, slots=True)
class Removal:
    """An operator's order; `count` is the number that was typed."""

    count: int
    most_percent: float = USUAL_PERCENT


class Orphanage(Protocol):
    """The publishers, who have the disks; every method may raise `Retry` while nobody answers."""

    async def search(self, server: Server, removal: Removal | None = None) -> OrphanReport:
        """What is found now, and removed where that is ordered; after a while the report as far as it is."""
        ...

    async def latest(self, server_id: str) -> OrphanReport | None:
        """The newest report, None when nobody searched lately."""
        ...

    async def confirm(self, server: Server) -> int:
        """Say that many removals at once are meant; how many that waited go on at once."""
        ...


def shown(report: OrphanReport) -> dict[str, Any]:
    """The report with its percentage."""
    return {**msgspec.to_builtins(report), "percent": round(report.percent, 1)}


def ordered(body: Mapping[str, object]) -> Removal | None:
    """The order in a body; None for a dry run, which is what happens unless `dry_run` is false.

    Raises:
        Reject: code VALIDATION_ERROR, `confirm` is not the number, or `limit_percent` no percentage.
    """
    dry_run, limit = body.get("dry_run", True), body.get("limit_percent", USUAL_PERCENT)
    if not isinstance(dry_run, bool):
        raise Reject("dry_run must be true or false", code="VALIDATION_ERROR")
    if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not 0 < limit <= ALL:
        raise Reject("limit_percent must be above 0 and at most 100", code="VALIDATION_ERROR")
    if dry_run:
        return None
    typed = str(body.get("confirm", ""))
    if not (typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_NUMBER):
        raise Reject("confirm must be the number of orphans that the dry run found", code="VALIDATION_ERROR")
    return Removal(int(typed), float(limit))
