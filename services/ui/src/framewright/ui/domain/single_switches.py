"""Single switches of a server under the names that scripts know: each is a row of the check list, set by hand; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.domain.health import Check
from framewright.ui.domain.server_health import Order

SCHEDULE = "RefreshTrickplayImages"
PLUGIN = "MediaPreviewBridge"

EXTRACTION = frozenset(
    {"enableBIFGeneration", "ExtractTrickplayImagesDuringLibraryScan", "ExtractChapterImagesDuringLibraryScan"}
)
"""What a library does by itself when it finds a file, on whichever server."""

_BEHAVIOUR, _NEVER = "GenerateBIFBehavior", "never"

Results = Mapping[str, Mapping[str, Any]]
"""What became of each row, by its key: `{ok, message}`."""

Phrases = dict[str, str] | str


class Extraction(msgspec.Struct, frozen=True):
    """Whether a server makes previews itself: in all libraries, or in those that are named."""

    scan_extraction: bool
    library_ids: tuple[str, ...] | None = None


class Scheduled(msgspec.Struct, frozen=True):
    """Whether the task that looks at previews runs daily."""

    enabled: bool
    confirm: Phrases = {}


class Confirmed(msgspec.Struct, frozen=True):
    """The phrase that was typed."""

    confirm: Phrases = {}


def switched(server: Server, checks: Sequence[Check], flag: str, confirm: Phrases, *, on: bool) -> Order:
    """The order to set one switch of the whole server.

    Raises:
        Reject: code VALIDATION_ERROR, this server has no such switch.
    """
    if not any(one.flag == flag for one in checks):
        raise Reject(f"{server.name or server.id}: a {server.type} server has no {flag}", code="VALIDATION_ERROR")
    return Order(set={flag: on}, confirm=confirm)


def extraction_rows(server: Server, checks: Sequence[Check], library_ids: Sequence[str] | None) -> list[Check]:
    """The rows of the libraries that are meant.

    Raises:
        Reject: code VALIDATION_ERROR, a library that is not examined, none at all, or nothing that could be switched.
    """
    rows = [one for one in checks if one.flag in EXTRACTION]
    if not rows:
        said = f"{server.name or server.id}: no library of this {server.type} server makes previews itself"
        raise Reject(said, code="VALIDATION_ERROR")
    if library_ids is None:
        return rows
    known = {one.library_id for one in rows}
    lost = [one for one in library_ids if one not in known]
    if lost or not library_ids:
        said = f"no library {lost[0]!r} is examined" if lost else "must name a library, or be left out"
        raise Reject(f"library_ids: {said}", code="VALIDATION_ERROR")
    return [one for one in rows if one.library_id in library_ids]


def extraction_order(rows: Sequence[Check], *, on: bool) -> Order:
    """The order to set these rows."""
    return Order(set={one.key: on for one in rows})


def extraction_view(rows: Sequence[Check], results: Results, *, on: bool) -> dict[str, Any]:
    """What became of each library: ok, or the first error; `error` is that of the first library that has one."""
    outcome: dict[str, str] = {}
    for one in rows:
        result = results.get(one.key, {"ok": True})
        if outcome.get(one.library_id, "ok") == "ok":
            outcome[one.library_id] = "ok" if result["ok"] else f"error: {result['message']}"
    errors = [said for said in outcome.values() if said != "ok"]
    return {
        "ok": not errors,
        "scan_extraction": on,
        "results": outcome,
        "ok_count": len(outcome) - len(errors),
        "skipped_count": 0,
        "error_count": len(errors),
        "total": len(outcome),
        "error": errors[0].removeprefix("error: ") if errors else "",
    }


def extraction_status(server: Server, checks: Sequence[Check]) -> dict[str, Any]:
    """In how many libraries the server makes previews itself; in none where its own switch for all of them says never."""
    libraries = {one.library_id for one in checks if one.flag in EXTRACTION}
    silenced = any(one.flag == _BEHAVIOUR and one.current == _NEVER for one in checks)
    busy = {one.library_id for one in checks if one.flag in EXTRACTION and one.current is True and not silenced}
    return {
        "server_id": server.id,
        "vendor": server.type,
        "extracting_count": len(busy),
        "stopped_count": len(libraries - busy),
        "skipped_count": 0,
        "total": len(libraries),
    }


def steps_view(done: Mapping[str, Any]) -> dict[str, Any]:
    """What was done for one switch, step by step, and the first thing that went wrong; `done` is an answer of `apply`."""
    results: Results = done["results"]
    steps = [{"step": key, "ok": one["ok"], "detail": one["message"]} for key, one in results.items()]
    error = next((str(one["detail"]) for one in steps if not one["ok"]), "")
    return {"ok": done["ok"], "steps": steps, "error": error, "needs_confirm": done["needs_confirm"]}
