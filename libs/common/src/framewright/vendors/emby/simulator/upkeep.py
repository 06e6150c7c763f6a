"""The calls with which an administrator sets a simulated Emby."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from framewright.vendors.emby.simulator.state import EmbyState
from framewright.vendors.mediabrowser.simulator.upkeep import WrittenOptions
from framewright.vendors.simulation.disk import Shelf

router = APIRouter()

TASKS = {"scan": ("Scan media library", "RefreshLibrary"), "trickplay": ("Video previews", "RefreshTrickplayImages")}


def _state(request: Request) -> EmbyState:
    return request.app.state.simulator


State = Annotated[EmbyState, Depends(_state)]


def library_options(state: EmbyState, shelf: Shelf) -> dict[str, Any]:
    """The options of a library, of which some came with 4.8."""
    newer = {"ExtractTrickplayImagesDuringLibraryScan": False} if state.has_folder_query else {}
    fresh = {"EnableRealtimeMonitor": True, "ExtractChapterImagesDuringLibraryScan": False, **newer}
    return state.upkeep.options.setdefault(shelf.name, fresh)


@router.post("/Library/VirtualFolders/LibraryOptions")
async def write_options(request: Request, state: State) -> Response:
    """Replace the options of a library."""
    written = msgspec.json.decode(await request.body(), type=WrittenOptions)
    shelf = next((one for one in state.all_shelves() if state.catalogue.library_id(one) == written.id), None)
    if shelf is None:
        return Response(status_code=404)
    state.upkeep.options[shelf.name] = {k: v for k, v in written.options.items() if k != "PathInfos"}
    return Response(status_code=204)


def described_tasks(state: EmbyState) -> list[dict[str, Any]]:
    """The tasks that matter here; the scan takes its time."""
    upkeep = state.upkeep
    return [
        {"Name": name, "State": upkeep.state_of(key, state.clock()), "Id": task_id, "Key": key, "IsHidden": False}
        | {"Triggers": upkeep.triggers.get(key, [])}
        for task_id, (name, key) in TASKS.items()
    ]


@router.get("/ScheduledTasks")
async def tasks(state: State) -> Response:
    """The tasks that matter here."""
    return Response(msgspec.json.encode(described_tasks(state)), media_type="application/json; charset=utf-8")


@router.post("/ScheduledTasks/{task_id}/Triggers")
async def set_triggers(task_id: str, request: Request, state: State) -> Response:
    """Say when a task runs."""
    if task_id not in TASKS:
        return Response(status_code=404)
    state.upkeep.triggers[TASKS[task_id][1]] = msgspec.json.decode(await request.body(), type=list[Any])
    return Response(status_code=204)
