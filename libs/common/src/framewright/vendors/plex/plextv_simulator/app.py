"""The simulated plex.tv as an application."""

from fastapi import FastAPI

from framewright.vendors.plex.plextv_simulator.routes import refusal, router
from framewright.vendors.plex.plextv_simulator.state import PlexTvState
from framewright.vendors.simulation.gate import guarded


def create_app(state: PlexTvState) -> FastAPI:
    """plex.tv over this state; its control panel is below `/_simulator`."""
    app = FastAPI(title="Simulated plex.tv", openapi_url=None)
    app.state.simulator = state
    app.include_router(router)
    return guarded(app, state.instruments, refusal)
