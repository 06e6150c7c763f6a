"""The calls with which an administrator sets a simulated Jellyfin: options of libraries, tasks, plugins, a restart."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from framewright.vendors.jellyfin.simulator.settings import LibrarySettings
from framewright.vendors.jellyfin.simulator.state import JellyfinState
from framewright.vendors.mediabrowser.simulator.upkeep import WrittenOptions

router = APIRouter()

BRIDGE = "c2cb9bf97c5d4f1a9a072d6f5e5b0001"
"""The id of the one plugin that can be installed, as plugin lists show it."""

MODELLED = frozenset(msgspec.to_builtins(LibrarySettings()))


def _state(request: Request) -> JellyfinState:
    return request.app.state.simulator


State = Annotated[JellyfinState, Depends(_state)]


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json; charset=utf-8")


def _done() -> Response:
    return Response(status_code=204)


def _unknown() -> Response:
    return Response(status_code=404)


@router.post("/Library/VirtualFolders/LibraryOptions")
async def write_options(request: Request, state: State) -> Response:
    """Replace the options of a library."""
    written = msgspec.json.decode(await request.body(), type=WrittenOptions)
    shelf = next((one for one in state.all_shelves() if state.catalogue.library_id(one) == written.id), None)
    if shelf is None:
        return _unknown()
    options = {name: value for name, value in written.options.items() if name != "PathInfos"}
    state.libraries[shelf.name] = msgspec.convert(options, LibrarySettings)
    state.upkeep.options[shelf.name] = {name: value for name, value in options.items() if name not in MODELLED}
    return _done()


@router.post("/ScheduledTasks/{key}/Triggers")
async def set_triggers(key: str, request: Request, state: State) -> Response:
    """Say when a task runs."""
    state.upkeep.triggers[key] = msgspec.json.decode(await request.body(), type=list[Any])
    return _done()


@router.get("/Repositories")
async def repositories(state: State) -> Response:
    """Where plugins come from."""
    return _json(state.repositories)


@router.post("/Repositories")
async def write_repositories(request: Request, state: State) -> Response:
    """Replace them."""
    state.repositories = msgspec.json.decode(await request.body(), type=list[dict[str, Any]])
    return _done()


@router.post("/Packages/Installed/{name}")
async def install(name: str, request: Request, state: State) -> Response:
    """Put a plugin of a known repository where the next start finds it."""
    if request.query_params.get("repositoryUrl") not in {one.get("Url") for one in state.repositories}:
        return _unknown()
    state.installed = name
    return _done()


@router.get("/Plugins")
async def plugins(state: State) -> Response:
    """The one plugin, when it is installed."""
    row = {"Name": "Media Preview Bridge", "Version": "10.11.0.3", "Id": BRIDGE, "CanUninstall": True}
    return _json([row | {"HasImage": False, "Status": "Active"}] if state.installed or state.bridged else [])


@router.delete("/Plugins/{plugin_id}/{version}")
async def uninstall(plugin_id: str, version: str, state: State) -> Response:  # noqa: ARG001 - there is one version
    """Take it away; it works until the next start."""
    if plugin_id != BRIDGE:
        return _unknown()
    state.installed = ""
    return _done()


@router.post("/System/Restart")
async def restart(state: State) -> Response:
    """Start again, with the plugins that are installed now."""
    state.bridged = bool(state.installed)
    state.upkeep.restarts += 1
    return _done()
