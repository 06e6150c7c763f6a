"""What the check lists of all vendors share: who does the checking, the connection, and the folders that must be here."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError, Reject
from framewright.domain.health import Area, Check, Rule, Severity
from framewright.domain.publishing import ServerIdentity

NOT_SET, NOT_THERE, NOT_WRITABLE, WRITABLE = "not set", "no such folder", "not writable", "writable"

CONNECTION = Rule(
    flag="connection",
    label="Connection",
    severity=Severity.CRITICAL,
    area=Area.CONNECTION,
    recommended="reachable",
    rationale="Without an answer from the right server nothing can be shown there.",
)

VERSION = Rule(
    flag="version",
    label="Version",
    severity=Severity.INFO,
    area=Area.CONNECTION,
    recommended=None,
    rationale="What the server says it is.",
)

MAPPING = "The local side of a mapping must be a folder here, or no file of the server is found."


class Auditor(Protocol):
    """One configured server as its settings are checked and put right."""

    async def checks(self) -> tuple[Check, ...]:
        """Every row that can be told now; a server that does not answer is a row, not a failure."""
        ...

    async def apply(self, check: Check) -> str:
        """Set the row's setting to its `recommended` value; in words what was done. Doing it twice changes nothing more.

        Raises:
            Retry, Reject: as the exchange does; code NOT_FIXABLE, this setting cannot be changed from here.
        """
        ...


def reached(identity: ServerIdentity) -> tuple[Check, ...]:
    """The rows of a server that answered."""
    return CONNECTION.found("reachable", fixable=False), VERSION.found(identity.version, ok=True, fixable=False)


def unreached(error: FramewrightError) -> tuple[Check, ...]:
    """The row of a server that did not, with the reason."""
    return (CONNECTION.found(error.reason, ok=False, fixable=False),)


def not_fixable(server: Server, check: Check) -> Reject:
    """The refusal to change what cannot be changed through the server."""
    return Reject(f"{server.name or server.id}: {check.label} cannot be set from here", code="NOT_FIXABLE")


def folder_rule(flag: str, label: str, rationale: str, *, severity: Severity = Severity.CRITICAL) -> Rule:
    """The rule for a folder in which is written."""
    wanted = WRITABLE if severity is Severity.CRITICAL else "exists"
    return Rule(flag=flag, label=label, severity=severity, area=Area.FOLDERS, recommended=wanted, rationale=rationale)


async def writable(rule: Rule, folder: str, markers: Iterable[str] = ()) -> Check:
    """The row of a folder: set, there, holding one of the markers where some are named, and open for writing."""
    state = await asyncio.to_thread(_state, folder, tuple(markers))
    return rule.found(state, fixable=False)


async def mapped_folders(server: Server) -> tuple[Check, ...]:
    """A row for each mapping: whether its local side is there."""
    rows: list[Check] = []
    for number, row in enumerate(server.path_mappings):
        rule = folder_rule(
            f"path_mappings[{number}].local_prefix",
            f"Local folder {row.local_prefix}",
            MAPPING,
            severity=Severity.RECOMMENDED,
        )
        there = await asyncio.to_thread(Path(row.local_prefix).is_dir)
        rows.append(rule.found("exists" if there else NOT_THERE, fixable=False))
    return tuple(rows)


def _state(folder: str, markers: tuple[str, ...]) -> str:
    """Only asks for permission; nothing is written."""
    if not folder:
        return NOT_SET
    place = Path(folder)
    if not place.is_dir():
        return NOT_THERE
    if markers and not any((place / name).exists() for name in markers):
        return f"holds none of {', '.join(markers)}"
    return WRITABLE if os.access(folder, os.W_OK | os.X_OK) else NOT_WRITABLE
