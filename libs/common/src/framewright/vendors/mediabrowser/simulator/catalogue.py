"""The videos of a simulated server, and which of them it has to look at (again)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from framewright.domain.media import folder, segments
from framewright.vendors.mediabrowser.simulator.versions import VersionRules, Versions, grouped
from framewright.vendors.simulation import naming
from framewright.vendors.simulation.bulk import Bulk
from framewright.vendors.simulation.disk import FoundFile, Shelf
from framewright.vendors.simulation.index import FileIndex

BULK_IDS = 10_000_000
"""The id of the first film of the bulk library; other ids are smaller, or no numbers."""


@dataclass(frozen=True, slots=True)
class Video:
    """A movie or an episode: an item with its `further` versions, or one of those, which says whose version it is (`version_of`).

    Either is one file. A series stands for its first file.
    """

    id: str
    library_id: str
    type: str
    name: str
    file: FoundFile
    series: str | None = None
    season: int | None = None
    number: int | None = None
    year: int | None = None
    guids: tuple[str, ...] = ()
    further: tuple["Video", ...] = ()
    version_of: str = ""

    def versions(self) -> tuple["Video", ...]:
        """The item's files, its own first."""
        return (self, *self.further)


@dataclass(frozen=True, slots=True)
class Naming:
    """How a server names things: `make_id` makes an id of a path or name; which files are versions of one item."""

    make_id: Callable[[str], str]
    rules: VersionRules


class Catalogue:
    """Videos by id; `clock` gives monotonic seconds."""

    def __init__(self, index: FileIndex, named: Naming, clock: Callable[[], float]) -> None:
        self.rules = named.rules
        self._index = index
        self._make_id = named.make_id
        self._clock = clock
        self._looked_at: dict[str, FoundFile] = {}
        self._reported: dict[tuple[str, ...], float] = {}

    def library_id(self, shelf: Shelf) -> str:
        """The id of a library."""
        return self._make_id(f"library {shelf.name}")

    def videos(self) -> list[Video]:
        """What is indexed by now, further versions among it, in the order of names."""
        return _by_name(video for item in self._items() for video in item.versions())

    def items(self) -> list[Video]:
        """What is an item of its own, in the order of names."""
        return _by_name(self._items())

    def video(self, item_id: str) -> Video | None:
        """One video; ids are compared without dashes and case."""
        wanted = item_id.replace("-", "").lower()
        return next((video for video in self.videos() if video.id == wanted), None)

    def sources(self, video: Video) -> tuple[Video, ...]:
        """The versions that are listed of a video, itself first."""
        item = self.video(video.version_of) if video.version_of and self.rules.linked else None
        others = item.versions() if item else video.further
        return (video, *(one for one in others if one.id != video.id))

    def series(self) -> list[Video]:
        """The series of what is indexed by now."""
        shows: dict[tuple[str, str | None], Video] = {}
        for video in self.videos():
            if video.series is not None and (video.library_id, video.series) not in shows:
                item_id = self._make_id(f"series {video.library_id} {video.series}")
                show = naming.episode(video.file).show
                shows[video.library_id, video.series] = Video(
                    item_id, video.library_id, "Series", show.title, video.file, video.series, guids=show.guids
                )
        return list(shows.values())

    def bulk_video(self, bulk: Bulk, number: int) -> Video:
        """One film of the bulk library; its id is its number, no id is kept for it."""
        library = self.library_id(bulk.shelf)
        return Video(f"{BULK_IDS + number}", library, "Movie", bulk.title(number), bulk.file(number), year=2000)

    def report(self, remote_path: str) -> None:
        """Somebody says that a file changed: look around it, and at itself once the delay is over."""
        self._index.scan(folder(remote_path))
        self._reported[segments(remote_path)] = self._clock() + self._index.delay

    def refresh_library(self, item_id: str) -> bool:
        """Look through one library for new, changed and gone files; False when this is no library's own item."""
        wanted = item_id.replace("-", "").lower()
        shelf = next((one for one in self._index.shelves if self.library_id(one) == wanted), None)
        if shelf is not None:
            self._index.scan(shelf.remote)
        return shelf is not None

    def scan(self) -> None:
        """Look at every library and at every video in it."""
        self._index.scan()
        self._looked_at.clear()

    def due(self) -> list[Video]:
        """The videos that are new, changed or reported and not looked at since; each is given once."""
        now = self._clock()
        ripe = {path for path, when in self._reported.items() if when <= now}
        found = [
            video
            for video in self.videos()
            if self._looked_at.get(video.id) != video.file or segments(video.file.remote) in ripe
        ]
        self._looked_at.update({video.id: video.file for video in found})
        for path in ripe:
            del self._reported[path]
        return found

    def _items(self) -> list[Video]:
        return [self._item(files) for files in grouped(self._index.shown().values(), self.rules)]

    def _item(self, files: Versions) -> Video:
        """The item of these files, whose name its further versions bear too."""
        first, *others = map(self._video, files)
        name = reduce(naming.common_title, [video.name for video in (first, *others)])
        further = [replace(video, name=name, version_of=first.id) for video in others]
        if not self.rules.linked:
            further = [replace(one, type="Video", id=self._make_id(f"Video {one.file.remote}")) for one in further]
        return replace(first, name=name, further=tuple(further))

    def _video(self, file: FoundFile) -> Video:
        item_id, library_id = self._make_id(file.remote), self.library_id(file.shelf)
        if file.shelf.kind == "movie":
            film = naming.film(file)
            return Video(item_id, library_id, "Movie", film.title, file, year=film.year, guids=film.guids)
        named = naming.episode(file)
        show, season, number = named.show.title, named.season, named.number
        return Video(item_id, library_id, "Episode", named.title, file, series=show, season=season, number=number)


def catalogue(shelves: Sequence[Shelf], delay: float, clock: Callable[[], float], named: Naming) -> Catalogue:
    """A catalogue over the shelves."""
    return Catalogue(FileIndex(shelves, delay, clock), named, clock)


def _by_name(videos: Iterable[Video]) -> list[Video]:
    return sorted(videos, key=lambda video: (video.name, video.id))
