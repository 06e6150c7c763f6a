"""Whether the outputs of one file for one server are there; pure."""

from dataclasses import dataclass
from datetime import datetime

from framewright.domain.frames import Rendition
from framewright.domain.publishing import OutputKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputState:
    """One output: a file for BIF, a folder of `files` pictures otherwise; `size` in bytes is that of all of them."""

    kind: OutputKind
    path: str
    rendition: Rendition
    exists: bool = False
    size: int = 0
    files: int = 0
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputStatus:
    """The answer for a path; `exists` when every output is there. `reason` says why nothing can be said."""

    server_id: str
    path: str
    canonical_path: str
    owned: bool
    needs_item_id: bool = False
    exists: bool = False
    item_id: str = ""
    outputs: tuple[OutputState, ...] = ()
    note: str = ""
    hindrance: str = ""
    reason: str = ""
