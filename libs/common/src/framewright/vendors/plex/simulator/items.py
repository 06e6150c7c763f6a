"""The items that a simulated Plex makes of files: movies, and shows with their seasons and episodes.

Files that were matched with the same film or episode are versions of one item, wherever they lie in the section. What they are
matched with is a guess: an id in a name, else title and year; without a year, the title within one folder.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from framewright.domain.media import folder
from framewright.vendors.simulation import naming
from framewright.vendors.simulation.disk import FoundFile

TYPE_NUMBERS = {"movie": 1, "show": 2, "season": 3, "episode": 4, "collection": 18}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the library; only movies and episodes have files, one for each version, the first noticed first.

    It came when its first file came (`added_at`, epoch seconds): a later version makes it no newer.
    """

    rating_key: str
    kind: str
    section: str
    title: str
    added_at: int
    year: int | None = None
    index: int | None = None
    parent: "Item | None" = None
    files: tuple[FoundFile, ...] = ()
    guids: tuple[str, ...] = ()

    @property
    def file(self) -> FoundFile | None:
        """The first version; None for what has no file."""
        return self.files[0] if self.files else None

    def ancestors(self) -> list["Item"]:
        """Season and show of an episode, nearest first."""
        return [] if self.parent is None else [self.parent, *self.parent.ancestors()]


@dataclass(slots=True)
class Keys:
    """Rating keys: numbers that stay with an item as long as the server runs."""

    _given: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])

    def of(self, *names: str) -> str:
        """The key of the item with these names."""
        return self._given.setdefault(names, str(101 + len(self._given)))


def items_of(section: str, files: Iterable[FoundFile], keys: Keys) -> list[Item]:
    """The items of one section in the order of their files, parents before children."""
    found: dict[str, Item] = {}
    for file in files:
        make = _add_movie if file.shelf.kind == "movie" else _add_episode
        make(found, section, file, keys)
    return list(found.values())


def _add_movie(found: dict[str, Item], section: str, file: FoundFile, keys: Keys) -> None:
    film = naming.film(file)
    matched = film.guids or (film.title.casefold(), str(film.year or folder(file.remote)))
    key = keys.of("movie", section, *matched)
    added = _seconds(file)
    _join(found, Item(key, "movie", section, film.title, added, year=film.year, files=(file,), guids=film.guids))


def _add_episode(found: dict[str, Item], section: str, file: FoundFile, keys: Keys) -> None:
    """Show, season and episode; equal shows, seasons and episodes of other files have equal keys."""
    named, added = naming.episode(file), _seconds(file)
    film = named.show
    key = keys.of("show", section, film.title)
    show = _join(found, Item(key, "show", section, film.title, added, year=film.year, guids=film.guids))
    title = f"Season {named.season}" if named.season else "Specials"
    key = keys.of("season", section, film.title, str(named.season))
    season = _join(found, Item(key, "season", section, title, added, index=named.season, parent=show))
    matched = (film.title, str(named.season), str(named.number)) if named.numbered else (file.remote,)
    key = keys.of("episode", section, *matched)
    _join(found, Item(key, "episode", section, named.title, added, index=named.number, parent=season, files=(file,)))


def _join(found: dict[str, Item], item: Item) -> Item:
    """Add the item, or its file to the item that has its key; answers what is found now."""
    known = found.setdefault(item.rating_key, item)
    if known is not item and item.files:
        title, added = naming.common_title(known.title, item.title), min(known.added_at, item.added_at)
        known = replace(known, title=title, added_at=added, files=(*known.files, *item.files))
        found[item.rating_key] = known
    return known


def _seconds(file: FoundFile) -> int:
    return file.mtime_ns // 1_000_000_000
