"""The check list of the folder server: there is nobody to ask, so only folders are looked at."""

import asyncio
from pathlib import Path

import httpx

from framewright.contracts.server import Server
from framewright.domain.health import Area, Check, Rule, Severity
from framewright.vendors import health
from framewright.vendors.health import Auditor

OUTPUT = health.folder_rule(
    "output.folder", "Output folder", "Previews that do not lie beside the videos are written below this folder."
)

ROOT = Rule(
    flag="root",
    label="Library folder",
    severity=Severity.CRITICAL,
    area=Area.FOLDERS,
    recommended="exists",
    rationale="The videos of the library lie in this folder.",
)


class FolderAuditor:
    """Fulfils `framewright.vendors.health.Auditor`."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def checks(self) -> tuple[Check, ...]:
        """The output folder where one is needed, and the folders of the libraries."""
        rows: list[Check] = []
        if not self._server.output.save_with_media:
            rows.append(await health.writable(OUTPUT, self._server.output.folder))
        for library in self._server.libraries if not self._server.path_mappings else ():
            there = [await asyncio.to_thread(Path(path).is_dir) for path in library.remote_paths if library.enabled]
            if there:
                state = "exists" if all(there) else health.NOT_THERE
                rows.append(ROOT.found(state, library, fixable=False))
        return (*rows, *await health.mapped_folders(self._server))

    async def apply(self, check: Check) -> str:
        """Nothing here can be set."""
        raise health.not_fixable(self._server, check)


def auditor(server: Server, http: httpx.AsyncClient) -> Auditor:  # noqa: ARG001 - nobody is asked
    """The check list of a configured folder."""
    return FolderAuditor(server)
