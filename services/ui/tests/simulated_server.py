"""A simulated media server with one film, added to the service as operators add it."""

import importlib
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from framewright.chassis.testing.http import serving
from framewright.vendors.simulation.disk import Shelf

TOKEN = "simulated-token"


@asynccontextmanager
async def simulated_server(ui: Any, folder: Path, vendor: str, *, server: dict[str, Any] | None = None, **options: Any):
    """The state of the simulator and the server's address below `/api`; `server` lies over what is added, `options` over the state."""
    films = folder / "films" / "Film (2024)"
    films.mkdir(parents=True, exist_ok=True)
    (films / "Film (2024).mkv").write_bytes(b"film" * 100)
    (folder / "config/Media/localhost").mkdir(parents=True, exist_ok=True)
    simulator = importlib.import_module(f"framewright.vendors.{vendor}.simulator")
    kept = {"config_folder": str(folder / "config")} if vendor != "emby" else {}
    shelves = [Shelf("Films", "movie", "/data/films", str(folder / "films"))]
    state = getattr(simulator, f"{vendor.title()}State")(shelves=shelves, token=TOKEN, **{**kept, **options})
    async with serving(simulator.create_app(state)) as url:
        body = {
            "type": vendor,
            "url": url,
            "auth": {"token": TOKEN},
            "path_mappings": [{"remote_prefix": "/data", "local_prefix": str(folder)}],
            "output": {"plex_config_folder": str(folder / "config")},
            **(server or {}),
        }
        added = (await ui.http.post("/api/servers", json=body)).json()
        assert "warning" not in added, added
        yield state, f"/api/servers/{added['id']}"
