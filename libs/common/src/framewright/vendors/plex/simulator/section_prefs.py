"""The preferences of the sections of a simulated Plex."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from framewright.vendors.plex.simulator.elements import container, refusal
from framewright.vendors.plex.simulator.server_routes import setting
from framewright.vendors.plex.simulator.state import PlexState

router = APIRouter()


def _state(request: Request) -> PlexState:
    return request.app.state.simulator


State = Annotated[PlexState, Depends(_state)]


def preferences(state: PlexState, key: str) -> dict[str, bool]:
    """The preferences of a section; a fresh one makes previews of its own."""
    return state.section_prefs.setdefault(key, {"enableBIFGeneration": True, "enableIntroMarkerGeneration": True})


@router.get("/library/sections/{key}/prefs")
async def prefs(key: str, request: Request, state: State) -> Response:
    """What can be set."""
    if state.section(key) is None:
        return refusal(404, "Not Found")
    return container(request, [setting(name, value) for name, value in preferences(state, key).items()])


@router.put("/library/sections/{key}/prefs")
async def change_prefs(key: str, request: Request, state: State) -> Response:
    """Change some; what is not named stays."""
    changes = {name: value for name, value in request.query_params.items() if not name.startswith("X-Plex")}
    if state.section(key) is None or not changes.keys() <= preferences(state, key).keys():
        return refusal(400, "Bad Request")
    state.section_prefs[key] |= {name: value in {"1", "true"} for name, value in changes.items()}
    return Response("", 200)
