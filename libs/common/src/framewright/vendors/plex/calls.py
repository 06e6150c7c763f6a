"""What Plex would be told about a file: one partial scan while it does not know it, one analysis once it does; pure."""

from framewright.contracts.server import Server
from framewright.domain.media import is_under
from framewright.domain.ownership import Library
from framewright.domain.planning import PlannedCall, no_call
from framewright.domain.publishing import PublishTarget
from framewright.vendors.exchange import segment
from framewright.vendors.plex.layout import plan_scan

ANALYSE = "once the preview file is written, and again until Plex shows it"
SCAN = "while Plex does not know the file and its section is at rest; nothing is written before Plex knows it"

ROOT_SCAN = f"{SCAN}; the file lies in the root of its location, and a whole location is scanned only now and then"


def planned_calls(server: Server, target: PublishTarget) -> tuple[PlannedCall, ...]:
    """The scan of the file's own folder in every section that holds it, then the analysis of its item."""
    analysis = PlannedCall("PUT", "/library/metadata/<item id>/analyze", ANALYSE)
    return (*_scans(_libraries(server, target), target), analysis)


def _scans(libraries: list[Library], target: PublishTarget) -> list[PlannedCall]:
    """The first folder that is scanned in each section."""
    scans: list[PlannedCall] = []
    reason = "no section of the server holds the file"
    for library in libraries:
        plans = [plan_scan(remote, library.remote_paths) for remote in target.remote_paths]
        plan = next((plan for plan in plans if plan.folder), None)
        if plan is not None:
            path = f"/library/sections/{segment(library.id)}/refresh"
            scans.append(PlannedCall("GET", path, ROOT_SCAN if plan.is_root else SCAN, {"path": plan.folder}))
        reason = plans[-1].reason if plans else reason
    return scans or [no_call(f"no scan is asked for: {reason}")]


def _libraries(server: Server, target: PublishTarget) -> list[Library]:
    wanted = target.library_ids or (target.library_id,)
    named = [library for library in server.libraries if library.id in wanted]
    return named or [library for library in server.libraries if _holds(library, target)]


def _holds(library: Library, target: PublishTarget) -> bool:
    return any(is_under(path, root) for path in target.remote_paths for root in library.remote_paths if root)
