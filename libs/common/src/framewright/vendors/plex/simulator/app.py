"""The simulated Plex as an application and as a command."""

from collections.abc import Sequence

from fastapi import FastAPI, Response
from starlette.requests import HTTPConnection

from framewright.vendors.plex.simulator import events, library_routes, section_prefs, server_routes
from framewright.vendors.plex.simulator.elements import refusal
from framewright.vendors.plex.simulator.state import VERSION, PlexState
from framewright.vendors.simulation.bulk import bulk_of
from framewright.vendors.simulation.command import read_arguments, run
from framewright.vendors.simulation.gate import guarded


def create_app(state: PlexState) -> FastAPI:
    """The server over this state; its control panel is below `/_simulator`."""
    app = FastAPI(title="Simulated Plex Media Server", openapi_url=None)
    app.state.simulator = state
    app.include_router(server_routes.router)
    app.include_router(library_routes.router)
    app.include_router(section_prefs.router)
    app.include_router(events.router)

    def guard(request: HTTPConnection) -> Response | None:
        token = request.headers.get("x-plex-token") or request.query_params.get("X-Plex-Token")
        allowed = request.url.path == "/identity" or token == state.token
        return None if allowed else refusal(401, "Unauthorized")

    return guarded(app, state.instruments, guard)


def serve(argv: Sequence[str] | None = None) -> None:
    """Serve on loopback with the options of the command line; `--config-folder` is Plex's data folder."""
    options = read_arguments("framewright-simulated-plex", VERSION, argv)
    state = PlexState(
        shelves=options.library,
        token=options.token,
        config_folder=options.config_folder,
        index_delay=options.index_delay,
        version=options.version,
        bulk=bulk_of(options.bulk, options.bulk_root),
    )
    run(create_app(state), options.port)
