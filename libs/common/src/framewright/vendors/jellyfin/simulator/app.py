"""The simulated Jellyfin as an application and as a command."""

from collections.abc import Sequence

from fastapi import FastAPI

from framewright.vendors.jellyfin.simulator import events, quick_connect, upkeep
from framewright.vendors.jellyfin.simulator.routes import router
from framewright.vendors.jellyfin.simulator.settings import LibrarySettings
from framewright.vendors.jellyfin.simulator.state import VERSION, JellyfinState
from framewright.vendors.simulation.bulk import bulk_of
from framewright.vendors.simulation.command import read_arguments, run
from framewright.vendors.simulation.gate import guarded


def create_app(state: JellyfinState) -> FastAPI:
    """The server over this state; its control panel is below `/_simulator`."""
    app = FastAPI(title="Simulated Jellyfin", openapi_url=None)
    app.state.simulator = state
    app.include_router(router)
    app.include_router(upkeep.router)
    app.include_router(events.router)
    quick_connect.installed(app, state)
    return guarded(app, state.instruments, quick_connect.refusal(state))


def serve(argv: Sequence[str] | None = None) -> None:
    """Serve on loopback with the options of the command line; `--config-folder` is Jellyfin's data folder.

    Without a data folder, libraries keep tiles beside the video; extraction is on, also during scans.
    """
    options = read_arguments("framewright-simulated-jellyfin", VERSION, argv)
    beside = not options.config_folder
    settings = {shelf.name: LibrarySettings(True, True, beside) for shelf in options.library}  # noqa: FBT003
    state = JellyfinState(
        shelves=options.library,
        token=options.token,
        config_folder=options.config_folder,
        index_delay=options.index_delay,
        version=options.version,
        libraries=settings,
        bulk=bulk_of(options.bulk, options.bulk_root),
    )
    run(create_app(state), options.port)
