"""What a search for orphans found, and when they may go. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from framewright.contracts.orphans import MOST_LISTED, Orphan, OrphanOrderV1
from framewright.contracts.record import PublishRecord

RECORDED = "the video is gone"

BESIDE = "no video of this name is there"


@dataclass(frozen=True, slots=True)
class Lost:
    """A record whose video is gone."""

    path_id: str
    record: PublishRecord


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was found on one server: `lost` is remembered, `strays` only lie there.

    `outputs` is the number of outputs altogether, `unknown` that of remembered files that could not be judged.
    """

    lost: tuple[Lost, ...] = ()
    strays: tuple[Orphan, ...] = ()
    remembered: tuple[Orphan, ...] = ()
    outputs: int = 0
    unknown: int = 0

    @property
    def found(self) -> int:
        """How many outputs are orphans."""
        return len(self.remembered) + len(self.strays)

    @property
    def listed(self) -> tuple[Orphan, ...]:
        """The first of them, for people."""
        return (*self.remembered, *self.strays)[:MOST_LISTED]

    @property
    def bytes(self) -> int:
        """Their size on disk."""
        return sum(one.bytes for one in (*self.remembered, *self.strays))


def refusal(order: OrphanOrderV1, findings: Findings) -> str:
    """Why nothing is removed; empty when it may be."""
    if order.confirmed != findings.found:
        return f"{findings.found} orphans are there now and not {order.confirmed}: look again"
    if findings.found * 100 > order.most_percent * findings.outputs:
        share = f"{findings.found} of {findings.outputs} outputs are more than {order.most_percent:g} %"
        return f"{share}: raise the limit if that is right"
    return ""


def not_of(living: Iterable[str], lost: Iterable[Lost]) -> tuple[Lost, ...]:
    """The records of which no output serves a living video too; a bundle may be named by several."""
    kept = set(living)
    return tuple(one for one in lost if not kept.intersection(one.record.outputs))
