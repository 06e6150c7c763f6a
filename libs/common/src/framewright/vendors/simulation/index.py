"""What a simulated server has noticed of its shelves, and from when on it shows it.

What lies on the shelves when the server starts is indexed at once. Later files are noticed only by a scan that covers
them, and shown `delay` seconds after it; real servers take seconds to hours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from framewright.domain.media import is_under
from framewright.vendors.simulation.disk import FoundFile, Shelf, found_files, local_path


@dataclass(frozen=True, slots=True)
class Entry:
    """A noticed file, shown from `visible_at` (monotonic seconds) on."""

    file: FoundFile
    visible_at: float


class FileIndex:
    """The noticed files by their remote path; `clock` gives monotonic seconds."""

    def __init__(self, shelves: Sequence[Shelf], delay: float, clock: Callable[[], float]) -> None:
        self.shelves = tuple(shelves)
        self.delay = delay
        self._clock = clock
        self._entries: dict[str, Entry] = {}
        self._walk_all(delay=0.0)

    def scan(self, remote: str = "") -> None:
        """Look at one remote folder (empty: at everything) now; a folder that is gone changes nothing."""
        if not remote:
            self._walk_all(self.delay)
            return
        for shelf in self.shelves:
            below = local_path(shelf, remote)
            if below is not None and Path(below).is_dir():
                self._walk(shelf, below, self.delay)

    def shown(self) -> dict[str, FoundFile]:
        """The files that the server knows by now, by remote path."""
        now = self._clock()
        return {remote: entry.file for remote, entry in self._entries.items() if entry.visible_at <= now}

    def pending(self) -> float:
        """Seconds until everything noticed is shown; 0 when it is."""
        latest = max((entry.visible_at for entry in self._entries.values()), default=0.0)
        return max(0.0, latest - self._clock())

    def _walk_all(self, delay: float) -> None:
        for shelf in self.shelves:
            self._walk(shelf, shelf.local, delay)

    def _walk(self, shelf: Shelf, below: str, delay: float) -> None:
        found = {file.remote: file for file in found_files(shelf, below)}
        known = {
            remote: entry
            for remote, entry in self._entries.items()
            if entry.file.shelf == shelf and is_under(entry.file.local, below)
        }
        for remote in known.keys() - found.keys():
            del self._entries[remote]
        for remote, file in found.items():
            if remote not in known or known[remote].file != file:
                self._entries[remote] = Entry(file, self._clock() + delay)
