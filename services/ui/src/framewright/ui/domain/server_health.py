"""A server's check list as operators see it, and which of its rows an order to mend it means; pure."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.domain.health import Area, Check, Severity, Value
from framewright.vendors import Auditor

Audits = Callable[[Server], AbstractAsyncContextManager[Auditor]]
"""A check list of a configured server, closed at the end of the context."""

DOCS = "docs/server-health.md"

_TITLES = {
    Area.CONNECTION: "Connection",
    Area.SERVER: "Server settings",
    Area.LIBRARIES: "Libraries",
    Area.FOLDERS: "Folders",
}
_ORDER = tuple(Severity)


class Dismissals(Protocol):
    """The rows that an operator does not want to hear of any more, by server."""

    async def of(self, server_id: str) -> frozenset[str]:
        """Keys of rows."""
        ...

    async def change(self, server_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> frozenset[str]:
        """Dismiss and undismiss; what is dismissed now."""
        ...

    async def forget(self, server_id: str) -> None:
        """The server is gone."""
        ...


class Order(msgspec.Struct, frozen=True):
    """What is to be mended: every issue, those of some flags, or settings given by hand; `confirm` holds typed phrases.

    A flag alone means every library, `<library id>:<flag>` one of them.
    """

    flags: tuple[str, ...] | None = None
    set: dict[str, bool] = {}
    confirm: dict[str, str] | str = {}

    def typed(self, check: Check) -> bool:
        """Whether the phrase of the row was typed, or none is needed."""
        if isinstance(self.confirm, str):
            given = {self.confirm}
        else:
            given = {self.confirm.get(check.flag, ""), self.confirm.get(check.key, "")}
        return not check.phrase or check.phrase in given


@dataclass(frozen=True, slots=True)
class Plan:
    """The rows to set, and those that wait for a typed phrase."""

    steps: tuple[Check, ...]
    unconfirmed: tuple[Check, ...]


def report(server: Server, checks: Sequence[Check]) -> dict[str, Any]:
    """The issues of a server, the gravest first."""
    issues = sorted(issues_of(checks), key=lambda one: _ORDER.index(one.severity))
    return {
        "server_id": server.id,
        "vendor": server.type,
        "issues": [_issue(one) for one in issues],
        "issue_count": len(issues),
        "fixable_count": sum(one.fixable for one in issues),
    }


def readiness(server: Server, checks: Sequence[Check], dismissed: Collection[str]) -> dict[str, Any]:
    """Every row in sections, right ones too; dismissed rows count as right."""
    sections = [_section(area, [one for one in checks if one.area is area], dismissed) for area in Area]
    shown = [section for section in sections if section["checks"]]
    return {
        "server_id": server.id,
        "vendor": server.type,
        "overall_ok": all(section["ok"] for section in shown),
        "sections": shown,
        "dismissed": sorted(dismissed),
    }


def plan(checks: Sequence[Check], order: Order) -> Plan:
    """What an order means for the rows as they are now; what restarts the server comes last.

    Raises:
        Reject: code VALIDATION_ERROR, a flag that no row has, or a setting that cannot be set.
    """
    asked = [*_mended(checks, order.flags)] if order.flags is not None or not order.set else []
    asked += [row for name, value in order.set.items() for row in _given(checks, name, value)]
    asked.sort(key=lambda one: bool(one.phrase))
    confirmed = tuple(one for one in asked if order.typed(one))
    return Plan(confirmed, tuple(one for one in asked if one not in confirmed))


def issues_of(checks: Iterable[Check]) -> list[Check]:
    """The rows that are wrong."""
    return [one for one in checks if not one.ok and one.severity is not Severity.INFO]


def unreachable(checks: Iterable[Check]) -> str:
    """Why the server could not be asked; empty when it was."""
    return next((str(one.current) for one in checks if one.flag == "connection" and not one.ok), "")


def known_keys(checks: Sequence[Check], names: Iterable[str]) -> list[str]:
    """The keys of the rows that are named by key or by flag.

    Raises:
        Reject: code VALIDATION_ERROR, a name that no row has.
    """
    return [one.key for name in names for one in _named(checks, name)]


def _mended(checks: Sequence[Check], flags: Sequence[str] | None) -> list[Check]:
    wrong = [one for one in issues_of(checks) if one.fixable]
    if flags is None:
        return wrong
    named = {one.key for name in flags for one in _named(checks, name)}
    return [one for one in wrong if one.key in named]


def _given(checks: Sequence[Check], name: str, value: Value) -> list[Check]:
    rows = _named(checks, name)
    if not all(one.fixable and isinstance(one.recommended, bool) for one in rows):
        raise Reject(f"set.{name} cannot be set", code="VALIDATION_ERROR")
    return [dataclasses.replace(one, recommended=value) for one in rows if one.current != value]


def _named(checks: Sequence[Check], name: str) -> list[Check]:
    found = [one for one in checks if name in {one.flag, one.key}]
    if not found:
        raise Reject(f"flags: no check is called {name!r}", code="VALIDATION_ERROR")
    return found


def _issue(check: Check) -> dict[str, Any]:
    """`confirm` is there only where words must be typed."""
    shown: Mapping[str, Any] = {
        "flag": check.flag,
        "label": check.label,
        "severity": check.severity,
        "current": check.current,
        "recommended": check.recommended,
        "rationale": check.rationale,
        "library_id": check.library_id,
        "library_name": check.library_name,
        "fixable": check.fixable,
    }
    return {**shown, **({"confirm": check.phrase} if check.phrase else {})}


def _section(area: Area, checks: Sequence[Check], dismissed: Collection[str]) -> dict[str, Any]:
    wrong = [one for one in issues_of(checks) if one.key not in dismissed]
    gravest = min((one.severity for one in wrong), key=_ORDER.index, default=Severity.INFO)
    rows = [{"id": one.key, **_issue(one), "ok": one.ok, "dismissed": one.key in dismissed} for one in checks]
    return {
        "id": area,
        "title": _TITLES[area],
        "docs_anchor": f"{DOCS}#{area}",
        "ok": not wrong,
        "severity": gravest,
        "checks": rows,
    }
