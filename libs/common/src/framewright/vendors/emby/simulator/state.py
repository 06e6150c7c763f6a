"""The state of a simulated Emby: libraries, videos, the sidecars it has noticed, tokens."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from framewright.domain.media import stem
from framewright.vendors.mediabrowser.simulator.access import Doorkeeper
from framewright.vendors.mediabrowser.simulator.catalogue import Naming, Video, catalogue
from framewright.vendors.mediabrowser.simulator.upkeep import Upkeep
from framewright.vendors.mediabrowser.simulator.versions import EMBY
from framewright.vendors.simulation.bulk import Bulk
from framewright.vendors.simulation.disk import Shelf
from framewright.vendors.simulation.images import bif_at
from framewright.vendors.simulation.instruments import Instruments

VERSION = "4.8.11.0"

_HEADERS = frozenset({"x-emby-token", "x-mediabrowser-token", "x-emby-authorization"})


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A preview file that the server shows."""

    path: Path
    width: int
    times_ms: tuple[int, ...]


@dataclass
class EmbyState:
    """Everything the routes read and change; `has_folder_query` is False on servers before 4.8."""

    shelves: Sequence[Shelf] = ()
    token: str = "simulator"  # noqa: S105 - the default of a simulator
    index_delay: float = 0.0
    version: str = VERSION
    name: str = "Simulated Emby"
    id: str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    has_folder_query: bool = True
    clock: Callable[[], float] = time.monotonic
    instruments: Instruments = field(default_factory=Instruments)
    bulk: Bulk | None = None
    upkeep: Upkeep = field(default_factory=Upkeep)

    def __post_init__(self) -> None:
        schemes, arguments = frozenset({"Emby", "MediaBrowser"}), frozenset({"api_key"})
        self.door = Doorkeeper(self.token, schemes, _HEADERS, arguments)
        self._ids: dict[str, str] = {}
        self.catalogue = catalogue(self.shelves, self.index_delay, self.clock, Naming(self._number, EMBY))
        self.sidecars: dict[str, dict[int, Sidecar]] = {}

    def all_shelves(self) -> list[Shelf]:
        """Every library, the bulk one last."""
        return [*self.shelves, *([self.bulk.shelf] if self.bulk else [])]

    def settle(self) -> None:
        """Do what is due: look at new, changed and reported videos."""
        for video in self.catalogue.due():
            self.refresh(video)

    def refresh(self, video: Video) -> None:
        """Look at every version of an item again, or at the one version."""
        for version in video.versions():
            self._notice(version)

    def _notice(self, video: Video) -> None:
        """Notice the sidecars that lie beside the file now; one whose interval is not that of its name is shown so."""
        local = Path(video.file.local)
        pattern = re.compile(rf"{re.escape(stem(local.name))}-(?P<width>\d+)-\d+\.bif")
        found: dict[int, Sidecar] = {}
        for path in sorted(local.parent.iterdir()):
            name = pattern.fullmatch(path.name)
            bif = bif_at(path) if name else None
            if name and bif:
                found[int(name["width"])] = Sidecar(path, int(name["width"]), bif.times_ms)
        self.sidecars[video.id] = found

    def _number(self, name: str) -> str:
        """Ids are numbers."""
        return self._ids.setdefault(name, str(len(self._ids) + 1))
