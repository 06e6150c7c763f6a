"""The state of a simulated Jellyfin: libraries with their options, videos, trickplay rows, tokens."""

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from framewright.domain.media import stem
from framewright.formats.tiling import folder_name
from framewright.vendors.jellyfin.simulator.adoption import AdoptionError, Row, Tiles, refresh_of, register
from framewright.vendors.jellyfin.simulator.settings import LibrarySettings, TrickplaySettings
from framewright.vendors.mediabrowser.simulator.access import Doorkeeper
from framewright.vendors.mediabrowser.simulator.catalogue import Catalogue, Naming, Video, catalogue
from framewright.vendors.mediabrowser.simulator.queries import RUNTIME_MS
from framewright.vendors.mediabrowser.simulator.upkeep import Upkeep
from framewright.vendors.mediabrowser.simulator.versions import JELLYFIN_BEFORE_12, JELLYFIN_FROM_12
from framewright.vendors.simulation.bulk import Bulk
from framewright.vendors.simulation.disk import Shelf
from framewright.vendors.simulation.instruments import Instruments

VERSION = "10.11.11"

VIDEO_WIDTH = 1920
"""A guess for every file: the simulator opens no video."""

_LEGACY_HEADERS = frozenset({"x-emby-token", "x-mediabrowser-token", "x-emby-authorization"})


@dataclass
class JellyfinState:
    """Everything the routes read and change; `legacy_auth` None means as the version ships (off from 12.0 on).

    `bridged` installs the plugin Media Preview Bridge; `video_width` is the stored width of every film in pixels.
    """

    shelves: Sequence[Shelf] = ()
    token: str = "simulator"  # noqa: S105 - the default of a simulator
    config_folder: str = ""
    index_delay: float = 0.0
    version: str = VERSION
    legacy_auth: bool | None = None
    name: str = "Simulated Jellyfin"
    id: str = "5f0c1de5a1b24c7e9d0e3b1f2a4c6d8e"
    trickplay: TrickplaySettings = field(default_factory=TrickplaySettings)
    libraries: dict[str, LibrarySettings] = field(default_factory=dict[str, LibrarySettings])
    bridged: bool = False
    video_width: int = VIDEO_WIDTH
    clock: Callable[[], float] = time.monotonic
    instruments: Instruments = field(default_factory=Instruments)
    bulk: Bulk | None = None
    upkeep: Upkeep = field(default_factory=Upkeep)
    configuration: dict[str, Any] = field(default_factory=dict[str, Any])
    repositories: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    installed: str = ""

    def __post_init__(self) -> None:
        older = self.release < (12,)
        legacy = older if self.legacy_auth is None else self.legacy_auth
        self.door = Doorkeeper(
            token=self.token,
            schemes=frozenset({"MediaBrowser", "Emby"} if legacy else {"MediaBrowser"}),
            header_forms=_LEGACY_HEADERS if legacy else frozenset(),
            query_forms=frozenset({"ApiKey", "api_key"} if legacy else {"ApiKey"}),
        )
        named = Naming(item_id, JELLYFIN_BEFORE_12 if older else JELLYFIN_FROM_12)
        self.catalogue: Catalogue = catalogue(self.shelves, self.index_delay, self.clock, named)
        self.rows: dict[str, dict[int, Row]] = {}
        self.extractions: list[tuple[str, int]] = []
        self.failures: list[str] = []
        self._refresh = refresh_of(self.version)

    @property
    def release(self) -> tuple[int, ...]:
        """The numbers of the version."""
        return tuple(map(int, re.findall(r"\d+", self.version.partition("-")[0])))

    def library(self, shelf: Shelf) -> LibrarySettings:
        """The options of a library."""
        return self.libraries.setdefault(shelf.name, LibrarySettings())

    def all_shelves(self) -> list[Shelf]:
        """Every library, the bulk one last."""
        return [*self.shelves, *([self.bulk.shelf] if self.bulk else [])]

    def settle(self) -> None:
        """Do what is due: look at new, changed and reported videos."""
        for video in self.catalogue.due():
            self.refresh(video)

    def refresh(self, video: Video, *, regenerate: bool = False) -> None:
        """Refresh one item with its versions, or one version; trickplay is looked at only where extraction during scans is on."""
        if self.library(video.file.shelf).extract_trickplay_images_during_library_scan:
            for version in video.versions():
                self.refresh_trickplay(version, regenerate=regenerate)

    def refresh_all_trickplay(self) -> None:
        """The daily task: every video, whatever the scan options say."""
        for video in self.catalogue.videos():
            self.refresh_trickplay(video)

    def refresh_trickplay(self, video: Video, *, regenerate: bool = False) -> None:
        """Look at the tiles of one video; a failure is logged by the server and changes nothing else."""
        tiles = self.tiles(video)
        if regenerate:
            tiles.forget()
        try:
            self._refresh(tiles)
        except AdoptionError as error:
            self.failures.append(f"{video.id}: {error}")
        self.extractions += [(video.id, width) for width in tiles.extracted]

    def tiles(self, video: Video) -> Tiles:
        """The tile folder where the library's option says it is, and the rows of the video."""
        library = self.library(video.file.shelf)
        rows = self.rows.setdefault(video.id, {})
        return Tiles(self._folder(video, library), library, self.trickplay, RUNTIME_MS, rows, self.video_width)

    def register(self, video: Video, width: int, interval: int) -> bool:
        """The plugin writes the row of a width; False when no tiles of it are there."""
        return register(self.tiles(video), width, interval)

    def sheet(self, video: Video, width: int, number: int) -> Path | None:
        """The file of one sheet of a width that has a row."""
        row = self.rows.get(video.id, {}).get(width)
        if row is None:
            return None
        folder = self.tiles(video).folder / folder_name(row.width, row.tile_width, row.tile_height)
        path = folder / f"{number}.jpg"
        return path if path.is_file() else None

    def _folder(self, video: Video, library: LibrarySettings) -> Path:
        if library.save_trickplay_with_media:
            local = Path(video.file.local)
            return local.parent / f"{stem(local.name)}.trickplay"
        guid = str(UUID(video.id))
        return Path(self.config_folder, "data", "trickplay", guid[:2], guid)


def item_id(name: str) -> str:
    """Ids are guids made of the path, 32 hex digits without dashes, as the server's JSON shows them."""
    return hashlib.md5(name.encode()).hexdigest()  # noqa: S324 - an id
