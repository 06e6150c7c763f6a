"""The state of a simulated Plex server: sections over shelves, items, parts, scans in progress, preferences."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from framewright.vendors.plex.simulator.items import Item, Keys, items_of
from framewright.vendors.plex.simulator.parts import Bundles, PartState, part_hash
from framewright.vendors.simulation.bulk import Bulk
from framewright.vendors.simulation.disk import FoundFile, Shelf
from framewright.vendors.simulation.index import FileIndex
from framewright.vendors.simulation.instruments import Instruments

VERSION = "1.42.2.10156-f737b826c"
MACHINE = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True, slots=True)
class Activity:
    """Something the server is busy with in a section until `ends` (monotonic seconds)."""

    uuid: str
    title: str
    subtitle: str
    ends: float
    type: str = "library.update.section"
    section: str = ""


@dataclass(frozen=True, slots=True)
class Viewing:
    """Somebody plays an item: one row of the sessions. `file` is the version that plays, the first one where it is empty."""

    rating_key: str
    offset_ms: int = 1000
    user: str = "admin"
    state: str = "playing"
    transcoding: bool = False
    file: str = ""


@dataclass
class PlexState:
    """Everything the routes read and change; sections are numbered from 1 in the order of the shelves, `bulk` is the last.

    After a scan the metadata of what it found keep the section busy for `metadata_delay` seconds more.
    """

    shelves: Sequence[Shelf] = ()
    token: str = "simulator"  # noqa: S105 - the default of a simulator
    config_folder: str = ""
    index_delay: float = 0.0
    version: str = VERSION
    machine: str = MACHINE
    name: str = "Simulated Plex"
    scan_methods: frozenset[str] = frozenset({"GET", "POST"})
    clock: Callable[[], float] = time.monotonic
    prefs: dict[str, str | bool] = field(
        default_factory=lambda: {
            "GenerateBIFBehavior": "never",
            "FSEventLibraryUpdatesEnabled": True,
            "FSEventLibraryPartialScanEnabled": True,
            "ScheduledLibraryUpdatesEnabled": True,
            "autoEmptyTrash": False,
        }
    )
    section_prefs: dict[str, dict[str, bool]] = field(default_factory=dict[str, dict[str, bool]])
    viewings: list[Viewing] = field(default_factory=list[Viewing])
    instruments: Instruments = field(default_factory=Instruments)
    bulk: Bulk | None = None
    metadata_delay: float = 0.0

    def __post_init__(self) -> None:
        self.index = FileIndex(self.shelves, self.index_delay, self.clock)
        self.bundles = Bundles(self.config_folder)
        self._keys = Keys()
        self._parts: dict[str, PartState] = {}
        self._activities: list[Activity] = []
        self._missing: dict[str, FoundFile] = {}

    def section(self, key: str) -> Shelf | None:
        """The shelf of a section key."""
        return dict(self.sections()).get(key)

    def sections(self) -> list[tuple[str, Shelf]]:
        """Every section with its key."""
        shelves = [*self.shelves, *([self.bulk.shelf] if self.bulk else [])]
        return [(str(number), shelf) for number, shelf in enumerate(shelves, 1)]

    def items(self) -> list[Item]:
        """Movies, shows, seasons and episodes of what is indexed by now."""
        shown = self.index.shown()
        return [
            item
            for key, shelf in self.sections()
            for item in items_of(key, [file for file in shown.values() if file.shelf == shelf], self._keys)
        ]

    def item(self, rating_key: str) -> Item | None:
        """One item."""
        return next((item for item in self.items() if item.rating_key == rating_key), None)

    def part(self, file: FoundFile) -> PartState:
        """The file's part; a file that changed since the last scan has another hash and starts over."""
        if self.bulk and file.shelf == self.bulk.shelf:
            return PartState(0, file, "")
        known = self._parts.get(file.remote)
        if known is None or known.file != file:
            number = known.id if known else 9000 + len(self._parts)
            known = self._parts[file.remote] = PartState(number, file, part_hash(file))
        return known

    def part_by_id(self, part_id: int) -> PartState | None:
        """The part with this id."""
        return next((part for part in self._parts.values() if part.id == part_id), None)

    def scan(self, section_key: str, folder: str) -> Activity:
        """Look for new, changed and gone files in one folder, or in the whole section when it is empty."""
        shelf = self.section(section_key)
        assert shelf is not None
        before = self.index.shown()
        self.index.scan(folder or shelf.remote)
        self._miss(before)
        title, ends = f"Scanning {shelf.name}", self.clock() + max(self.index_delay, 0.5)
        activity = Activity(str(uuid.uuid4()), title, folder, ends, section=section_key)
        self._activities.append(activity)
        if self.metadata_delay:
            later, kind = ends + self.metadata_delay, "library.update.item.metadata"
            self._activities.append(Activity(str(uuid.uuid4()), "Metadata", "", later, kind, section_key))
        return activity

    def missing(self, section_key: str) -> list[Item]:
        """What is in the trash of a section: items of which a scan found no version any more."""
        found = [file for file in self._missing.values() if file.shelf == self.section(section_key)]
        there = {item.rating_key for item in self.items()}
        gone = [item for item in items_of(section_key, found, self._keys) if item.rating_key not in there]
        return [item for item in gone if item.files]

    def empty_trash(self, section_key: str) -> None:
        """Forget for good what is missing from a section."""
        shelf = self.section(section_key)
        self._missing = {remote: file for remote, file in self._missing.items() if file.shelf != shelf}

    def analyze(self, item: Item) -> None:
        """Adopt the previews that lie in the bundles of the item's files; a file that is no BIF is not adopted."""
        for leaf in [item, *self.leaves(item)]:
            for part in map(self.part, leaf.files):
                part.adopted = self.bundles.on_disk(part.hash)

    def leaves(self, item: Item) -> list[Item]:
        """Every item below that has files."""
        below = [child for child in self.items() if child.parent is not None and item in child.ancestors()]
        return [child for child in below if child.files]

    def children(self, item: Item) -> list[Item]:
        """The items directly below."""
        return [child for child in self.items() if child.parent == item]

    def activities(self) -> list[Activity]:
        """What is going on now."""
        now = self.clock()
        self._activities = [activity for activity in self._activities if activity.ends > now]
        return self._activities

    def all_viewings(self) -> list[Viewing]:
        """What is played: by item, and by path as the instruments say."""
        keys = {file.remote: item.rating_key for item in self.items() for file in item.files}
        watched = [one for one in self.instruments.watched if one.path in keys]
        by_path = [Viewing(keys[one.path], 1000, one.user, one.state, one.transcoding, one.path) for one in watched]
        return [*self.viewings, *by_path]

    def restart(self) -> None:
        """As if the process had been restarted: cached previews are forgotten."""
        self.bundles.restart()

    def _miss(self, before: dict[str, FoundFile]) -> None:
        """Put into the trash what a scan removed; what came back leaves it."""
        after = self.index.shown()
        if not self.prefs["autoEmptyTrash"]:
            self._missing |= {remote: file for remote, file in before.items() if remote not in after}
        self._missing = {remote: file for remote, file in self._missing.items() if remote not in after}
