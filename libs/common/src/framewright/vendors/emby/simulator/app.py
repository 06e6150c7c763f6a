"""The simulated Emby as an application and as a command."""

from collections.abc import Sequence

from fastapi import FastAPI

from framewright.vendors.emby.simulator import events, upkeep
from framewright.vendors.emby.simulator.routes import router
from framewright.vendors.emby.simulator.state import VERSION, EmbyState
from framewright.vendors.simulation.bulk import bulk_of
from framewright.vendors.simulation.command import read_arguments, run
from framewright.vendors.simulation.gate import guarded


def create_app(state: EmbyState) -> FastAPI:
    """The server over this state, with and without the base path `/emby`; its control panel is below `/_simulator`."""
    app = FastAPI(title="Simulated Emby Server", openapi_url=None)
    app.state.simulator = state
    for one in (router, upkeep.router):
        app.include_router(one)
        app.include_router(one, prefix="/emby")
    app.include_router(events.router)
    return guarded(app, state.instruments, state.door.refusal)


def serve(argv: Sequence[str] | None = None) -> None:
    """Serve on loopback with the options of the command line; `--config-folder` has no meaning for Emby."""
    options = read_arguments("framewright-simulated-emby", VERSION, argv)
    state = EmbyState(
        shelves=options.library,
        token=options.token,
        index_delay=options.index_delay,
        version=options.version,
        bulk=bulk_of(options.bulk, options.bulk_root),
    )
    run(create_app(state), options.port)
