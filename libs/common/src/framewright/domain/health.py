"""Whether a media server is set so that previews appear: rows of a check list, each with its cure; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from framewright.domain.ownership import Library

Value = bool | int | str | tuple[int, ...] | None
"""What a setting holds; None where the server does not say."""

NO_PHRASES: Mapping[Value, str] = MappingProxyType({})


class Severity(StrEnum):
    """How much a wrong setting matters: nothing appears, something works worse, or it is only good to know."""

    CRITICAL = "critical"
    RECOMMENDED = "recommended"
    INFO = "info"


class Area(StrEnum):
    """The part of the list in which a row stands."""

    CONNECTION = "connection"
    SERVER = "server"
    LIBRARIES = "libraries"
    FOLDERS = "folders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row: a setting as it is and as it should be. `fixable` rows can be set through the server's own API.

    `library_id` is empty for what holds for the whole server. `phrases` gives, by the value to set, the words that must be typed
    before it is set: without them nothing that destroys or restarts is done.
    """

    flag: str
    label: str
    severity: Severity
    area: Area
    current: Value
    recommended: Value
    rationale: str
    ok: bool
    fixable: bool = False
    library_id: str = ""
    library_name: str = ""
    phrases: Mapping[Value, str] = field(default_factory=lambda: NO_PHRASES)

    @property
    def key(self) -> str:
        """The name of the row: `<library id>:<flag>`, the first part empty for the whole server."""
        return f"{self.library_id}:{self.flag}"

    @property
    def phrase(self) -> str:
        """The words that must be typed before the row is cured; mostly none."""
        return self.phrases.get(self.recommended, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one setting should be, and why."""

    flag: str
    label: str
    severity: Severity
    area: Area
    recommended: Value
    rationale: str
    phrases: Mapping[Value, str] = field(default_factory=lambda: NO_PHRASES)

    def found(
        self, current: Value, library: Library | None = None, *, ok: bool | None = None, fixable: bool = True
    ) -> Check:
        """The row for the present value; right when it is the wanted one, unless `ok` says otherwise."""
        right = current == self.recommended if ok is None else ok
        return Check(
            flag=self.flag,
            label=self.label,
            severity=self.severity,
            area=self.area,
            current=current,
            recommended=self.recommended,
            rationale=self.rationale,
            ok=right,
            fixable=fixable,
            library_id=library.id if library else "",
            library_name=library.name if library else "",
            phrases=self.phrases,
        )
